"""RSASSA-PSS over SHA-256 (RFC 8017, section 8.1), as PS256 of RFC 7518 and TLS 1.3 use it.

Hash SHA-256, mask generation MGF1 with SHA-256, a salt of exactly 32 bytes, trailer 0xBC.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from auditkit.signing.algorithms.base import Algorithm
from auditkit.signing.algorithms.rsa_strength import weakness_of

_GENERATED_BITS: Final = 3072
_EXPONENT: Final = 65537
_PADDING: Final = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)


class RsaPss:
    """RSA keys of 3,072 bits and more; signatures are as long as the modulus."""

    name: Algorithm = "rsa-pss"

    def owns(self, key: object) -> bool:
        """Return whether `key` is an RSA key."""
        return isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey)

    def weakness(self, public_key: rsa.RSAPublicKey) -> str | None:
        """Return why the modulus or exponent is too weak, if it is."""
        numbers = public_key.public_numbers()
        return weakness_of(numbers.n, numbers.e)

    def generate(self) -> rsa.RSAPrivateKey:
        """Return a fresh key of 3,072 bits."""
        return rsa.generate_private_key(_EXPONENT, _GENERATED_BITS)

    def sign(self, private_key: rsa.RSAPrivateKey, data: bytes) -> bytes:
        """Return the signature; its salt is random, so equal data give different ones."""
        return private_key.sign(data, _PADDING, hashes.SHA256())

    def verify(self, public_key: rsa.RSAPublicKey, signature: bytes, data: bytes) -> None:
        """Raise InvalidSignature unless the signature is good."""
        public_key.verify(signature, data, _PADDING, hashes.SHA256())
