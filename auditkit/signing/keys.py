"""Public and private keys: their encodings, their names, and checking a signature.

A key is named by its keyid, the hex SHA-256 of its SubjectPublicKeyInfo in DER (RFC 5280,
section 4.1.2.7). How each kind of key signs is in `auditkit.signing.algorithms`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from auditkit.digests import sha256_hex
from auditkit.errors import KeyFileError, SignatureError
from auditkit.signing.algorithms import (
    ALGORITHMS,
    Algorithm,
    PrivateKey,
    scheme_named,
    scheme_of,
)

__all__ = [
    "ALGORITHMS",
    "MAX_KEY_BYTES",
    "SUPPORTED",
    "Algorithm",
    "PrivateKey",
    "PublicKey",
    "check_passphrase",
    "encode_private_key",
    "generate_private_key",
    "load_public_key",
    "public_key_from",
    "public_key_of",
]

MAX_KEY_BYTES = 16 * 1024
"""The largest key file that is read; real ones have a few hundred bytes to a few thousand."""

SUPPORTED = (
    "Use an Ed25519, ECDSA P-256 or P-384, RSA (3072 bits or more) or ML-DSA-65 key; "
    "`auditkit keys generate` makes one."
)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: its algorithm and its SubjectPublicKeyInfo in DER."""

    algorithm: Algorithm
    spki: bytes

    @property
    def keyid(self) -> str:
        """Hex SHA-256 of the SubjectPublicKeyInfo: the key's name in bundles."""
        return sha256_hex(self.spki)

    def pem(self) -> bytes:
        """Return the key as PEM (RFC 7468, section 13)."""
        return serialization.load_der_public_key(self.spki).public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def verify(self, signature: bytes, data: bytes) -> None:
        """Return if `signature` is this key's over `data`; raise SignatureError otherwise."""
        key = serialization.load_der_public_key(self.spki)
        try:
            scheme_named(self.algorithm).verify(key, signature, data)
        except InvalidSignature as error:
            raise SignatureError(
                f"the signature does not verify under key {self.keyid[:8]}"
            ) from error


def load_public_key(pem_or_der: bytes) -> PublicKey:
    """Return the one public key in `pem_or_der`, a SubjectPublicKeyInfo as PEM or DER.

    Raises:
        KeyFileError: a private key or certificate, more than one key, another algorithm, a key
            too small or too weak to be trusted, anything else, or over 16 KiB.
    """
    if len(pem_or_der) > MAX_KEY_BYTES:
        raise KeyFileError(f"too large for a key: more than {MAX_KEY_BYTES} bytes")
    is_pem = b"-----BEGIN " in pem_or_der
    _refuse_what_is_no_public_key(pem_or_der, is_pem)
    load = serialization.load_pem_public_key if is_pem else serialization.load_der_public_key
    try:
        key = load(pem_or_der)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyFileError("not a public key in PEM or DER form", hint=SUPPORTED) from error
    return public_key_from(key)


def public_key_of(private_key: PrivateKeyTypes) -> PublicKey:
    """Return the public half of `private_key`; raises KeyFileError as `public_key_from`."""
    return public_key_from(private_key.public_key())


def public_key_from(key: object) -> PublicKey:
    """Return a public key object of `cryptography` as a key that auditkit verifies with.

    Raises:
        KeyFileError: a kind that is not used, or too small or weak to be trusted.
    """
    scheme = scheme_of(key)
    if scheme is None:
        raise KeyFileError(f"keys {_kind(key)} are not used", hint=SUPPORTED)
    weakness = scheme.weakness(key)
    if weakness is not None:
        raise KeyFileError(weakness, hint=SUPPORTED)
    return PublicKey(scheme.name, _spki(key))


def generate_private_key(algorithm: Algorithm) -> PrivateKey:
    """Return a fresh private key from the operating system's random numbers."""
    return scheme_named(algorithm).generate()


def encode_private_key(key: PrivateKey, passphrase: bytes | None) -> bytes:
    """Return `key` as PKCS8 PEM (RFC 5958), encrypted under `passphrase` where there is one.

    Raises:
        KeyFileError: the passphrase is empty or longer than the 1,023 bytes OpenSSL allows.
    """
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        check_passphrase(passphrase)
        encryption = serialization.BestAvailableEncryption(passphrase)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )


def check_passphrase(passphrase: bytes) -> None:
    """Raise KeyFileError unless `passphrase` has between 1 and 1,023 bytes."""
    if not passphrase:
        raise KeyFileError("the passphrase is empty", hint="Give one, or none at all.")
    if len(passphrase) > 1023:
        raise KeyFileError("the passphrase is longer than 1023 bytes", hint="Use a shorter one.")


def _kind(key: object) -> str:
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"on the curve {key.curve.name}"
    return f"of the kind {type(key).__name__.removesuffix('PublicKey')}"


def _spki(key: Any) -> bytes:
    spki: bytes = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return spki


def _refuse_what_is_no_public_key(data: bytes, is_pem: bool) -> None:
    if b"PRIVATE KEY-----" in data or (not is_pem and _is_private_der(data)):
        raise KeyFileError(
            "this is a private key where a public key is expected",
            hint="Give the public key, for instance k.pub beside k.pem; "
            "`auditkit keys show` prints it.",
        )
    if b"BEGIN CERTIFICATE" in data:
        raise KeyFileError(
            "this is a certificate where a public key is expected",
            hint="`openssl x509 -pubkey -noout -in CERTIFICATE` prints its public key.",
        )
    if data.count(b"-----BEGIN ") > 1:
        raise KeyFileError(
            "more than one key where one is expected", hint="Put each key in a file of its own."
        )


def _is_private_der(data: bytes) -> bool:
    try:
        serialization.load_der_private_key(data, None)
    except TypeError:
        return True  # encrypted, and no passphrase was given
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True
