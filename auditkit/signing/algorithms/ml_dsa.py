"""ML-DSA, pure, with the empty context (FIPS 204, algorithms 2 and 3).

Keys are encoded as in RFC 9881: the SubjectPublicKeyInfo holds the key as it is, PKCS8 the seed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PrivateKey,
    MLDSA44PublicKey,
    MLDSA65PrivateKey,
    MLDSA65PublicKey,
)

from auditkit.signing.algorithms.base import Algorithm


@dataclass(frozen=True, slots=True)
class MlDsa:
    """One parameter set."""

    name: Algorithm
    private_kind: type[MLDSA44PrivateKey | MLDSA65PrivateKey]
    public_kind: type[MLDSA44PublicKey | MLDSA65PublicKey]

    def owns(self, key: object) -> bool:
        """Return whether `key` is of this parameter set."""
        return isinstance(key, (self.private_kind, self.public_kind))

    def weakness(self, public_key: Any) -> str | None:  # noqa: ARG002
        """Return None: no class of weak keys is known."""
        return None

    def generate(self) -> MLDSA44PrivateKey | MLDSA65PrivateKey:
        """Return a fresh key."""
        return self.private_kind.generate()

    def sign(self, private_key: MLDSA44PrivateKey | MLDSA65PrivateKey, data: bytes) -> bytes:
        """Return the signature; signing is hedged, so equal data give different ones."""
        return private_key.sign(data)

    def verify(
        self, public_key: MLDSA44PublicKey | MLDSA65PublicKey, signature: bytes, data: bytes
    ) -> None:
        """Raise InvalidSignature unless the signature is good."""
        public_key.verify(signature, data)


ML_DSA_44 = MlDsa("ml-dsa-44", MLDSA44PrivateKey, MLDSA44PublicKey)
"""Security category 2, for cosignatures of logs; 1,312-byte keys and 2,420-byte signatures."""

ML_DSA_65 = MlDsa("ml-dsa-65", MLDSA65PrivateKey, MLDSA65PublicKey)
"""Security category 3; 1,952-byte keys and 3,309-byte signatures."""


def message_representative(raw_public_key: bytes, data: bytes) -> bytes:
    """Return the 64 bytes that stand for `data` under this key, called mu.

    Whoever holds the private key may be handed mu instead of the message and makes the same
    signature (FIPS 204, algorithm 7, line 6; the context is empty).
    """
    key_digest = hashlib.shake_256(raw_public_key).digest(64)
    return hashlib.shake_256(key_digest + b"\x00\x00" + data).digest(64)
