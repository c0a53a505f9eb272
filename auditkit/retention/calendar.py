r"""Dates of retention for a calendar: iCalendar text of RFC 5545.

Each row with a date is one event of a whole day, with a reminder thirty days before. Its UID
follows from the manifest and the data set, so that a calendar which reads a later file moves it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final

from auditkit.digests import sha256_hex
from auditkit.evidence import RetentionRow
from auditkit.retention.result import RetentionResult

_LINE_BYTES: Final = 75
_PRODID: Final = "-//auditkit//retention//EN"
_SPECIAL: Final = re.compile(r"([\\;,])")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def calendar(result: RetentionResult) -> bytes:
    """Return the calendar of all rows that have a date."""
    stamp = _utc(result.checked_at)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{_PRODID}",
        "CALSCALE:GREGORIAN",
        *(line for row in result.rows for line in _event(row, stamp)),
        "END:VCALENDAR",
    ]
    return b"".join(map(_folded, lines))


def _event(row: RetentionRow, stamp: str) -> Iterator[str]:
    if row.readable_until is None:
        return
    day = datetime.fromisoformat(row.readable_until).date()
    yield "BEGIN:VEVENT"
    yield f"UID:{sha256_hex(f'{row.manifest}/{row.dataset}'.encode())[:32]}@auditkit"
    yield f"DTSTAMP:{stamp}"
    yield f"DTSTART;VALUE=DATE:{_day(day)}"
    yield f"DTEND;VALUE=DATE:{_day(day + timedelta(days=1))}"
    yield f"SUMMARY:{_text(_summary(row))}"
    yield f"DESCRIPTION:{_text(_description(row))}"
    yield f"LOCATION:{_text(row.location)}"
    yield "TRANSP:TRANSPARENT"
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{_text(_summary(row))}"
    yield "TRIGGER:-P30D"
    yield "END:VALARM"
    yield "END:VEVENT"


def _summary(row: RetentionRow) -> str:
    what = "no longer protected" if row.outcome == "kept" else "may be lost"
    return f"{row.dataset} of {row.project} {what} from today on"


def _description(row: RetentionRow) -> str:
    return "\n".join(
        (
            f"{row.setting}: {row.detail}",
            f"Must be kept until {row.keep_until[:10]}.",
            row.action,
            f"Run {row.run}, manifest {row.manifest}.",
        )
    )


def _day(day: date) -> str:
    return day.strftime("%Y%m%d")


def _utc(moment: str) -> str:
    return datetime.fromisoformat(moment).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """Return a TEXT value (section 3.3.11): escaped, and without control characters."""
    escaped = _SPECIAL.sub(r"\\\1", _CONTROL.sub("", value))
    return escaped.replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """Return a content line (section 3.1): at most 75 bytes, no character torn apart."""
    pieces, piece = [], b""
    for character in line:
        encoded = character.encode("utf-8", "replace")
        if len(piece) + len(encoded) > _LINE_BYTES:
            pieces.append(piece)
            piece = b" "
        piece += encoded
    return b"\r\n".join([*pieces, piece]) + b"\r\n"


def dated(rows: Iterable[RetentionRow]) -> int:
    """Return how many rows have a date, and so an event."""
    return sum(row.readable_until is not None for row in rows)
