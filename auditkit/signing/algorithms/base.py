"""What every signature algorithm offers, and the names they are known by."""

from __future__ import annotations

from typing import Any, Literal, Protocol

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

Algorithm = Literal["ed25519", "ecdsa-p256", "ecdsa-p384", "rsa-pss", "ml-dsa-65", "ml-dsa-44"]

PrivateKey = (
    ed25519.Ed25519PrivateKey
    | ec.EllipticCurvePrivateKey
    | rsa.RSAPrivateKey
    | mldsa.MLDSA44PrivateKey
    | mldsa.MLDSA65PrivateKey
)


class Scheme(Protocol):
    """One signature algorithm with every parameter fixed, so that a key means one thing."""

    @property
    def name(self) -> Algorithm:
        """What keys of this kind are called everywhere."""

    def owns(self, key: object) -> bool:
        """Return whether `key`, the private or the public half, is of this kind."""

    def weakness(self, public_key: Any) -> str | None:
        """Return why nobody should trust signatures under this key; None if it is sound."""

    def generate(self) -> PrivateKey:
        """Return a fresh private key from the operating system's random numbers."""

    def sign(self, private_key: Any, data: bytes) -> bytes:
        """Return the signature over `data`."""

    def verify(self, public_key: Any, signature: bytes, data: bytes) -> None:
        """Return if the signature is good; raise cryptography's InvalidSignature otherwise."""
