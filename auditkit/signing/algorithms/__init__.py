"""The closed table of signature algorithms: which keys sign how."""

from typing import Final, get_args

from auditkit.signing.algorithms.base import Algorithm, PrivateKey, Scheme
from auditkit.signing.algorithms.ecdsa import P256, P384
from auditkit.signing.algorithms.eddsa import Ed25519
from auditkit.signing.algorithms.ml_dsa import ML_DSA_44, ML_DSA_65
from auditkit.signing.algorithms.rsa_pss import RsaPss

__all__ = ["ALGORITHMS", "Algorithm", "PrivateKey", "scheme_named", "scheme_of"]

ALGORITHMS: Final[tuple[Algorithm, ...]] = get_args(Algorithm)

_SCHEMES: Final[tuple[Scheme, ...]] = (Ed25519(), P256, P384, RsaPss(), ML_DSA_65, ML_DSA_44)


def scheme_of(key: object) -> Scheme | None:
    """Return how `key`, a private or public key object, signs; None for a kind that is not used."""
    return next((scheme for scheme in _SCHEMES if scheme.owns(key)), None)


def scheme_named(algorithm: Algorithm) -> Scheme:
    """Return the algorithm of that name."""
    return next(scheme for scheme in _SCHEMES if scheme.name == algorithm)
