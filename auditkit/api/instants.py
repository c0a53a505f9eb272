"""Times as people give them: a day, an instant, or how long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from auditkit.errors import UsageError

_AGO: Final = re.compile(r"([0-9]{1,6})([smhdw])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_instant(text: str, now: datetime) -> str:
    """Return the RFC 3339 time in UTC that `text` means.

    `2026-03-01` is the beginning of that day in UTC, `2026-03-01T09:30:00+01:00` an instant (in
    UTC where it has no offset), and `90d` so long before `now`, in s, m, h, d or w.

    Raises:
        UsageError: it is none of these.
    """
    try:
        return _rfc3339(now - parse_age(text) if _AGO.fullmatch(text) else _instant(text))
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"not a time: {text[:40]!r}",
            hint="Write a day like 2026-03-01, an instant like 2026-03-01T09:30:00Z, or 90d.",
        ) from error


def parse_age(text: str) -> timedelta:
    """Return how long `90d` is; units are s, m, h, d and w.

    Raises:
        UsageError: it is no such text.
    """
    match = _AGO.fullmatch(text)
    if match is None:
        raise UsageError(f"not a length of time: {text[:40]!r}", hint="Write it like 90d or 12h.")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _rfc3339(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"
