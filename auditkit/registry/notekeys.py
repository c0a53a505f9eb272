"""Keys that sign checkpoints: how they are named, written down, and checked (C2SP signed-note).

A verifier key is `<name>+<key ID>+<base64(type || public key)>`, on one line.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa

from auditkit.errors import KeyFileError, LogError, SignatureError
from auditkit.registry.checkpoint import Checkpoint
from auditkit.registry.note import NoteSignature, is_key_name
from auditkit.signing.keys import PublicKey, load_public_key
from auditkit.signing.signer import Signer


class KeyType(IntEnum):
    """The signature types that are used, by their identifier bytes."""

    ED25519 = 0x01
    ECDSA = 0x02
    ED25519_COSIGNATURE = 0x04
    ML_DSA_44_COSIGNATURE = 0x06


LOG_TYPES: Final = {"ed25519": KeyType.ED25519, "ecdsa-p256": KeyType.ECDSA}
"""How a log signs, by the algorithm of its key."""

COSIGNATURE_TYPES: Final = {
    "ed25519": KeyType.ED25519_COSIGNATURE,
    "ml-dsa-44": KeyType.ML_DSA_44_COSIGNATURE,
}
"""How a cosigner signs, by the algorithm of its key."""

_TIMED: Final = frozenset(COSIGNATURE_TYPES.values())
_TIME_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under the name that it signs checkpoints by."""

    name: str
    type: KeyType
    public_key: PublicKey

    @property
    def key_id(self) -> bytes:
        """The key's 4-byte ID, a hint in signature lines."""
        if self.type is KeyType.ECDSA:
            return hashlib.sha256(self.public_key.spki).digest()[:4]
        named = self.name.encode() + b"\n" + bytes([self.type])
        return hashlib.sha256(named + _raw(self.public_key)).digest()[:4]

    @property
    def is_cosigner(self) -> bool:
        """Whether its signatures are cosignatures, which say when they were made."""
        return self.type in _TIMED

    def __str__(self) -> str:
        is_ecdsa = self.type is KeyType.ECDSA
        material = self.public_key.spki if is_ecdsa else _raw(self.public_key)
        encoded = base64.b64encode(bytes([self.type]) + material).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def owns(self, line: NoteSignature) -> bool:
        """Return whether a signature line claims to be this key's."""
        return line.name == self.name and line.key_id == self.key_id

    def verify(self, checkpoint: Checkpoint, line: NoteSignature) -> int | None:
        """Return when a cosignature says it was made, in seconds since 1970; None for others.

        Raises:
            LogError: the signature is not this key's over this checkpoint.
        """
        time, signature = None, line.signature
        if self.is_cosigner:
            time = int.from_bytes(signature[:_TIME_BYTES])
            signature = signature[_TIME_BYTES:]
            if time >= 2**63:
                raise LogError(f"the cosignature of {self.name} has no possible time")
        try:
            self.public_key.verify(signature, message(self, checkpoint, time))
        except SignatureError as error:
            raise LogError(
                f"the signature of {self.name} does not verify over this checkpoint"
            ) from error
        return time


def message(key: VerifierKey, checkpoint: Checkpoint, time: int | None) -> bytes:
    """Return the bytes that a key of this type signs (C2SP tlog-cosignature for the timed ones)."""
    if key.type is KeyType.ED25519_COSIGNATURE:
        return f"cosignature/v1\ntime {time}\n{checkpoint.text}".encode()
    if key.type is KeyType.ML_DSA_44_COSIGNATURE:
        return b"".join(
            (
                b"subtree/v1\n\x00",
                _short(key.name),
                (time or 0).to_bytes(8),
                _short(checkpoint.origin),
                (0).to_bytes(8),
                checkpoint.size.to_bytes(8),
                checkpoint.root,
            )
        )
    return checkpoint.text.encode()


def sign_line(
    signer: Signer, name: str, checkpoint: Checkpoint, *, time: int | None = None
) -> NoteSignature:
    """Return the signature line of `signer` under `name`: a cosignature where `time` is given.

    `time` is in seconds since 1970.

    Raises:
        KeyFileError: the key's algorithm does not sign checkpoints in this way.
        SigningError: the service or token that holds the key did not sign.
    """
    key = verifier_key(signer.public_key, name, cosigner=time is not None)
    signature = signer.sign(message(key, checkpoint, time))
    stamp = b"" if time is None else time.to_bytes(_TIME_BYTES)
    return NoteSignature(name, key.key_id, stamp + signature)


def verifier_key(public_key: PublicKey, name: str, *, cosigner: bool = False) -> VerifierKey:
    """Return the verifier key of a log, or of a cosigner, with this public key.

    Raises:
        KeyFileError: its algorithm does not sign checkpoints in this way, or `name` names no key.
    """
    types = COSIGNATURE_TYPES if cosigner else LOG_TYPES
    kind = types.get(public_key.algorithm)
    if kind is None:
        what = "a cosigner" if cosigner else "a log"
        raise KeyFileError(
            f"{public_key.algorithm} is not a key of {what}",
            hint=f"Use one of: {', '.join(types)}.",
        )
    if not is_key_name(name) or len(name.encode()) > 255:
        raise KeyFileError(f"{name[:80]!r} cannot name a key: it is empty or has a space or plus")
    return VerifierKey(name, kind, public_key)


def parse_verifier_key(text: str) -> VerifierKey:
    """Return the verifier key written in `text`.

    Raises:
        KeyFileError: not one, a type that is not used, a weak key, or an ID of another key.
    """
    parts = text.strip().split("+", 2)
    try:
        name, key_id, encoded = parts
        material = base64.b64decode(encoded, validate=True)
        kind = KeyType(material[0])
    except (ValueError, IndexError, binascii.Error) as error:
        raise KeyFileError(
            f"not a verifier key: {text[:80]!r}", hint="It is NAME+ID+BASE64, on one line."
        ) from error
    key = VerifierKey(name, kind, _load(kind, material[1:]))
    if not is_key_name(name) or key.key_id.hex() != key_id:
        raise KeyFileError(f"the ID of the verifier key {name[:80]!r} is not that of the key")
    return key


def _load(kind: KeyType, material: bytes) -> PublicKey:
    try:
        if kind is KeyType.ECDSA:
            public_key = load_public_key(material)
        elif kind is KeyType.ML_DSA_44_COSIGNATURE:
            public_key = _from_object(mldsa.MLDSA44PublicKey.from_public_bytes(material))
        else:
            public_key = _from_object(ed25519.Ed25519PublicKey.from_public_bytes(material))
    except ValueError as error:
        raise KeyFileError(f"not a verifier key ({error})") from error
    if kind not in {
        LOG_TYPES.get(public_key.algorithm),
        COSIGNATURE_TYPES.get(public_key.algorithm),
    }:
        raise KeyFileError(f"a verifier key of type {kind} with a key for {public_key.algorithm}")
    return public_key


def _from_object(key: ed25519.Ed25519PublicKey | mldsa.MLDSA44PublicKey) -> PublicKey:
    return load_public_key(
        key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )


def _raw(public_key: PublicKey) -> bytes:
    loaded = serialization.load_der_public_key(public_key.spki)
    return loaded.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _short(text: str) -> bytes:
    data = text.encode()
    return bytes([len(data)]) + data
