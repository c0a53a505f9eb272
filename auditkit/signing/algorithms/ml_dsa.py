"""ML-DSA-65, pure, with the empty context (FIPS 204, algorithms 2 and 3).

Keys are encoded as in RFC 9881: the SubjectPublicKeyInfo holds 1,952 bytes, PKCS8 the seed.
"""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric import mldsa

from auditkit.signing.algorithms.base import Algorithm


class MlDsa65:
    """Security category 3; signatures have 3,309 bytes."""

    name: Algorithm = "ml-dsa-65"

    def owns(self, key: object) -> bool:
        """Return whether `key` is an ML-DSA-65 key."""
        return isinstance(key, mldsa.MLDSA65PrivateKey | mldsa.MLDSA65PublicKey)

    def weakness(self, public_key: mldsa.MLDSA65PublicKey) -> str | None:  # noqa: ARG002
        """Return None: no class of weak keys is known."""
        return None

    def generate(self) -> mldsa.MLDSA65PrivateKey:
        """Return a fresh key."""
        return mldsa.MLDSA65PrivateKey.generate()

    def sign(self, private_key: mldsa.MLDSA65PrivateKey, data: bytes) -> bytes:
        """Return the signature; signing is hedged, so equal data give different ones."""
        return private_key.sign(data)

    def verify(self, public_key: mldsa.MLDSA65PublicKey, signature: bytes, data: bytes) -> None:
        """Raise InvalidSignature unless the signature is good."""
        public_key.verify(signature, data)


def message_representative(raw_public_key: bytes, data: bytes) -> bytes:
    """Return the 64 bytes that stand for `data` under this key, called mu.

    Whoever holds the private key may be handed mu instead of the message and makes the same
    signature (FIPS 204, algorithm 7, line 6; the context is empty).
    """
    key_digest = hashlib.shake_256(raw_public_key).digest(64)
    return hashlib.shake_256(key_digest + b"\x00\x00" + data).digest(64)
