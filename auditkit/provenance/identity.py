"""Names and times of runs."""

from __future__ import annotations

import secrets
import time
import uuid
from datetime import UTC, datetime
from typing import Final

_NS_PER_MS: Final = 1_000_000


def new_run_id() -> str:
    """Return a UUIDv7 in canonical text form; ids of one machine sort by the time of their making.

    The 12 bits after the milliseconds hold a fraction of one (RFC 9562, section 6.2, method 3),
    so the order holds down to about 250 ns.
    """
    return _uuid7(time.time_ns(), secrets.randbits(62))


def utc_now() -> str:
    """Return this machine's time as RFC 3339 in UTC, like `2025-01-31T23:59:59.000Z`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _uuid7(unix_ns: int, random: int) -> str:
    """Return the UUIDv7 of a time and 62 random bits (RFC 9562, section 5.7)."""
    milliseconds, rest = divmod(unix_ns, _NS_PER_MS)
    fraction = (rest << 12) // _NS_PER_MS
    return str(uuid.UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 0b10 << 62 | random))
