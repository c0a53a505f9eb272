"""Ed25519 and ECDSA P-256 keys: their encodings, their names, and checking a signature.

A key is named by its keyid, the hex SHA-256 of its SubjectPublicKeyInfo in DER (RFC 5280,
section 4.1.2.7). Ed25519 signs the message itself (RFC 8032); P-256 signs its SHA-256 and the
signature is the DER of (r, s) (RFC 3279, section 2.2.3), with s of either half accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from auditkit.digests import sha256_hex
from auditkit.errors import KeyFileError, SignatureError
from auditkit.signing.edwards import is_sound_point

Algorithm = Literal["ed25519", "ecdsa-p256"]
PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey

ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)
MAX_KEY_BYTES = 16 * 1024
"""The largest key file that is read; real ones have a few hundred bytes."""

SUPPORTED = "Use an Ed25519 or ECDSA P-256 key; `auditkit keys generate` makes one."


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
            if isinstance(key, ed25519.Ed25519PublicKey):
                key.verify(signature, data)
            elif isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature as error:
            raise SignatureError(
                f"the signature does not verify under key {self.keyid[:8]}"
            ) from error


def load_public_key(pem_or_der: bytes) -> PublicKey:
    """Return the one public key in `pem_or_der`, a SubjectPublicKeyInfo as PEM or DER.

    Raises:
        KeyFileError: a private key or certificate, more than one key, another algorithm, a
            point that is not on the curve or has small order, anything else, or over 16 KiB.
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
    return _public_key(key)


def public_key_of(private_key: PrivateKey) -> PublicKey:
    """Return the public half of `private_key`; raises KeyFileError for another curve."""
    return _public_key(private_key.public_key())


def generate_private_key(algorithm: Algorithm) -> PrivateKey:
    """Return a fresh private key from the operating system's random numbers."""
    if algorithm == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


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


def _public_key(key: object) -> PublicKey:
    if isinstance(key, ed25519.Ed25519PublicKey):
        if not is_sound_point(key.public_bytes_raw()):
            raise KeyFileError(
                "not a sound Ed25519 key: its point is invalid or of small order", hint=SUPPORTED
            )
        return PublicKey("ed25519", _spki(key))
    if isinstance(key, ec.EllipticCurvePublicKey):
        if not isinstance(key.curve, ec.SECP256R1):
            raise KeyFileError(f"keys on the curve {key.curve.name} are not used", hint=SUPPORTED)
        return PublicKey("ecdsa-p256", _spki(key))
    kind = type(key).__name__.removesuffix("PublicKey")
    raise KeyFileError(f"keys of the kind {kind} are not used", hint=SUPPORTED)


def _spki(key: ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


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
