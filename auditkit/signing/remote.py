"""What signers share whose key is elsewhere, in a service or a token."""

from __future__ import annotations

import hashlib
from typing import Final

from auditkit.errors import MissingDependencyError, SignatureError, SigningError
from auditkit.signing.algorithms import Algorithm
from auditkit.signing.keys import PublicKey

DIGESTS: Final[dict[Algorithm, str]] = {
    "ecdsa-p256": "sha256",
    "ecdsa-p384": "sha384",
    "rsa-pss": "sha256",
}
"""Algorithms that sign a digest of the message, and which one, so that the rest stays here."""


def digest(algorithm: Algorithm, data: bytes) -> bytes:
    """Return the digest of `data` that this algorithm signs."""
    return hashlib.new(DIGESTS[algorithm], data).digest()


def checked(signature: bytes, public_key: PublicKey, data: bytes) -> bytes:
    """Return a signature that was made elsewhere, once it verifies over `data`.

    Raises:
        SigningError: it does not, so writing it down would be writing down bad evidence.
    """
    try:
        public_key.verify(signature, data)
    except SignatureError as error:
        raise SigningError(
            "the signature that was returned does not verify under the key",
            hint="The key or its algorithm changed, or what holds it is faulty.",
        ) from error
    return signature


def missing(extra: str, what: str) -> MissingDependencyError:
    """Return the error for a kind of key whose library is not installed."""
    return MissingDependencyError(
        f"{what} need the extra {extra!r}",
        hint=f"Install it: pip install 'auditkit-manifest[{extra}]'.",
    )
