"""ECDSA over the SHA-2 that matches the curve (FIPS 186-5, section 6).

Signatures are the DER of (r, s) (RFC 3279, section 2.2.3), with s of either half accepted.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from auditkit.signing.algorithms.base import Algorithm


@dataclass(frozen=True, slots=True)
class Ecdsa:
    """One curve with its hash."""

    name: Algorithm
    curve: ec.EllipticCurve
    digest: hashes.HashAlgorithm

    def owns(self, key: object) -> bool:
        """Return whether `key` is on this curve."""
        return (
            isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey)
            and key.curve.name == self.curve.name
        )

    def weakness(self, public_key: ec.EllipticCurvePublicKey) -> str | None:  # noqa: ARG002
        """Return None: a point that is on one of these curves is sound, and loading checks that."""
        return None

    def generate(self) -> ec.EllipticCurvePrivateKey:
        """Return a fresh key."""
        return ec.generate_private_key(self.curve)

    def sign(self, private_key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
        """Return the signature; equal data give equal signatures.

        It is deterministic (RFC 6979), so that it does not depend on the random numbers of a
        freshly cloned machine.
        """
        return private_key.sign(data, ec.ECDSA(self.digest, deterministic_signing=True))

    def verify(self, public_key: ec.EllipticCurvePublicKey, signature: bytes, data: bytes) -> None:
        """Raise InvalidSignature unless the signature is good."""
        public_key.verify(signature, data, ec.ECDSA(self.digest))


P256 = Ecdsa("ecdsa-p256", ec.SECP256R1(), hashes.SHA256())
P384 = Ecdsa("ecdsa-p384", ec.SECP384R1(), hashes.SHA384())
