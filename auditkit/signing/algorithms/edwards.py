"""Which Ed25519 public keys can be trusted with anything at all.

Libraries accept any 32 bytes as a public key. Under a key of small order one signature verifies
for many messages, so such a key names nobody. Source: RFC 8032, section 5.1.
"""

from __future__ import annotations

from typing import Final

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P


def is_sound_point(encoded: bytes) -> bool:
    """Return whether 32 bytes encode, canonically, a curve point whose order is not small."""
    y = int.from_bytes(encoded, "little") & (2**255 - 1)
    if len(encoded) != 32 or y >= _P or not _is_square(_x_squared(y)):
        return False
    for _ in range(3):
        y = _double(y)
    return y != 1  # eight times the point is the neutral element (0, 1)


def _x_squared(y: int) -> int:
    """Solve -x^2 + y^2 = 1 + d x^2 y^2 for x^2; d y^2 + 1 is never zero."""
    return (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P


def _is_square(value: int) -> bool:
    return pow(value, (_P - 1) // 2, _P) in (0, 1)


def _double(y: int) -> int:
    """Return the y coordinate of twice the point; it does not depend on the sign of x."""
    xx, yy = _x_squared(y), y * y
    return (yy + xx) * pow(1 - _D * xx * yy, -1, _P) % _P
