"""Ed25519 over the message itself (RFC 8032, section 5.1)."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ed25519

from auditkit.signing.algorithms.base import Algorithm
from auditkit.signing.algorithms.edwards import is_sound_point


class Ed25519:
    """Pure Ed25519: 32-byte keys, 64-byte signatures, no context."""

    name: Algorithm = "ed25519"

    def owns(self, key: object) -> bool:
        """Return whether `key` is an Ed25519 key."""
        return isinstance(key, ed25519.Ed25519PrivateKey | ed25519.Ed25519PublicKey)

    def weakness(self, public_key: ed25519.Ed25519PublicKey) -> str | None:
        """Return what is wrong with the key's point, if anything."""
        if is_sound_point(public_key.public_bytes_raw()):
            return None
        return "not a sound Ed25519 key: its point is invalid or of small order"

    def generate(self) -> ed25519.Ed25519PrivateKey:
        """Return a fresh key."""
        return ed25519.Ed25519PrivateKey.generate()

    def sign(self, private_key: ed25519.Ed25519PrivateKey, data: bytes) -> bytes:
        """Return the 64-byte signature; equal data give equal signatures."""
        return private_key.sign(data)

    def verify(self, public_key: ed25519.Ed25519PublicKey, signature: bytes, data: bytes) -> None:
        """Raise InvalidSignature unless the signature is good."""
        public_key.verify(signature, data)
