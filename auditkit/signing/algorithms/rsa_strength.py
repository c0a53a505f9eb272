"""RSA keys that anybody could forge with, found from their public half alone."""

from __future__ import annotations

import math
from typing import Final

MIN_BITS: Final = 3072
"""128 bits of security (NIST SP 800-57 part 1, table 2)."""

MAX_BITS: Final = 16384
"""The largest modulus that OpenSSL verifies with."""

_SMALL_PRIMES: Final = tuple(
    n for n in range(3, 752, 2) if all(n % d for d in range(3, math.isqrt(n) + 1, 2))
)
_POWERS: Final = {
    prime: frozenset(pow(65537, exponent, prime) for exponent in range(prime))
    for prime in _SMALL_PRIMES
    if prime <= 167
}
_FERMAT_ROUNDS: Final = 100


def weakness_of(modulus: int, exponent: int) -> str | None:
    """Return why an RSA key is too weak to be trusted, or None if nothing is known against it.

    Size; exponent; a small factor; primes so close that Fermat's method finds them within 100
    rounds (CVE-2022-26320); primes of the form that ROCA factors (CVE-2017-15361). The last
    three are what the CA/Browser Forum asks of certificate authorities (Baseline Requirements,
    section 6.1.1.3).
    """
    bits = modulus.bit_length()
    if not MIN_BITS <= bits <= MAX_BITS:
        return f"an RSA key of {bits} bits; {MIN_BITS} to {MAX_BITS} are used"
    if exponent != 65537:
        return "an RSA key whose public exponent is not 65537"
    if modulus % 2 == 0 or any(modulus % prime == 0 for prime in _SMALL_PRIMES):
        return "an RSA key whose modulus has a small factor"
    if _has_close_factors(modulus):
        return "an RSA key whose two primes are almost the same"
    if _has_infineon_form(modulus):
        return "an RSA key from a generator known to be broken (ROCA, CVE-2017-15361)"
    return None


def _has_close_factors(modulus: int) -> bool:
    """Try Fermat's factorisation: n = a^2 - b^2 with a just above the square root of n."""
    root = math.isqrt(modulus)
    for a in range(root, root + _FERMAT_ROUNDS):
        rest = a * a - modulus
        if rest >= 0 and math.isqrt(rest) ** 2 == rest:
            return True
    return False


def _has_infineon_form(modulus: int) -> bool:
    """Whether n is a power of 65537 modulo each small prime: one sound key in 2^28 is."""
    return all(modulus % prime in powers for prime, powers in _POWERS.items())
