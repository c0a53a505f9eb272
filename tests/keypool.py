"""Private keys that tests share, because an RSA key takes a while to find."""

from __future__ import annotations

from functools import cache

from auditkit.signing.keys import Algorithm, PrivateKey, generate_private_key
from auditkit.signing.signer import Signer, signer_for


def private_key(algorithm: Algorithm, number: int = 0) -> PrivateKey:
    """Return the same key for the same arguments, as long as the tests run."""
    return _generate(algorithm, number)


def key_signer(algorithm: Algorithm, number: int = 0) -> Signer:
    """Return a signer with that key."""
    return signer_for(private_key(algorithm, number))


@cache
def _generate(algorithm: Algorithm, number: int) -> PrivateKey:  # noqa: ARG001
    return generate_private_key(algorithm)
