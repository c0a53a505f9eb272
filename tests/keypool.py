"""Private keys that tests share, because an RSA key takes a while to find."""

from __future__ import annotations

from functools import cache

from auditkit.signing.keys import Algorithm, PrivateKey, generate_private_key
from auditkit.signing.signer import Signer, signer_for


@cache
def private_key(algorithm: Algorithm, number: int = 0) -> PrivateKey:  # noqa: ARG001
    """Return the same key for the same arguments, as long as the tests run."""
    return generate_private_key(algorithm)


def key_signer(algorithm: Algorithm, number: int = 0) -> Signer:
    """Return a signer with that key."""
    return signer_for(private_key(algorithm, number))
