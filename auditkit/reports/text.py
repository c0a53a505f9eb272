"""Text for people: readable numbers, sizes and times, and strings from strangers made visible."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from auditkit.manifest.numbers import display

LONGEST: Final = 300
"""Characters of one free-text value that a page shows; the attached bundle has the rest."""

NOTHING: Final = "—"
"""Stands in a table cell that has no value."""

_TIED: Final = "\u00a0"
_UNITS: Final = ("kB", "MB", "GB", "TB", "PB", "EB")
_SEAMS: Final = re.compile(r"(?<=[_/=@])(?=\w)|(?<=\w\.)(?=[A-Za-z])")
_BREAKS: Final = str.maketrans({"\n": " ↵ ", "\t": " ", "\r": None})


def plain(value: str, longest: int = LONGEST) -> str:
    """Return `value` with everything invisible made visible, cut after `longest` characters.

    Control, format (bidirectional overrides, zero-width), private-use and unassigned characters
    become `[U+202E]`; so what is printed is what is stored, in the order it is stored. Line
    breaks become `↵`. A fifth combining mark in a row is escaped too, or marks would pile up
    over the neighbouring lines. Categories: Unicode Standard, section 4.5.
    """
    shown = "".join(_visible(value[:longest].translate(_BREAKS)))
    cut = len(value) - longest
    return shown if cut <= 0 else f"{shown}… ({number(cut)} more characters)"


def escaped(character: str) -> str:
    """Return the visible stand-in for one character: `[U+202E]`."""
    return f"[U+{ord(character):04X}]"


def number(value: int) -> str:
    """Return an integer with thousands separated by commas."""
    return f"{value:,}"


def optional(value: int | None) -> str:
    """Return a number, or a dash where there is none."""
    return NOTHING if value is None else number(value)


def count(value: int, singular: str, plural: str | None = None) -> str:
    """Return a number with its noun: `1 file`, `2 files`."""
    return f"{number(value)} {singular if value == 1 else plural or singular + 's'}"


def of(part: int, whole: int) -> str:
    """Return a count with its denominator: `12 of 12`."""
    return f"{number(part)} of {number(whole)}"


def size(value: int) -> str:
    """Return a size in bytes to three digits in decimal units (IEC 80000-13): `7.34 MB`."""
    if value < 1000:
        return count(value, "byte").replace(" ", _TIED)
    scaled = float(value)
    for unit in _UNITS:
        scaled /= 1000
        if scaled < 999.5 or unit == _UNITS[-1]:
            break
    digits = 2 if scaled < 9.995 else 1 if scaled < 99.95 else 0
    return f"{scaled:.{digits}f}{_TIED}{unit}"


def exact_size(value: int) -> str:
    """Return a size readable and to the byte: `7.34 MB (7,340,032 bytes)`."""
    return size(value) if value < 1000 else f"{size(value)} ({number(value)} bytes)"


def moment(value: str) -> str:
    """Return an RFC 3339 time to the second, in UTC: `2026-03-02 09:31:07 UTC`.

    What is no such time is returned as text.
    """
    parsed = _parse(value)
    return plain(value) if parsed is None else f"{parsed:%Y-%m-%d %H:%M:%S} UTC"


def instant(value: str) -> datetime:
    """Return an RFC 3339 time as a UTC datetime; raises ValueError if it is none."""
    parsed = _parse(value)
    if parsed is None:
        raise ValueError(f"not an RFC 3339 time: {value[:40]!r}")
    return parsed


def is_digest(text: str) -> bool:
    """Return whether `text` is the hex form of a digest of 128 bits or more."""
    return re.fullmatch(r"[0-9a-f]{32,128}", text) is not None


def chunks(digest: str) -> tuple[str, ...]:
    """Return a digest in pieces of 16 characters, its prefix apart: a line may end after each."""
    prefix = digest[:7] if digest.startswith("sha256:") else ""
    starts = range(len(prefix), len(digest), 16)
    return (*([prefix] if prefix else []), *(digest[at : at + 16] for at in starts))


def pieces(text: str) -> tuple[str, ...]:
    """Return a name or path in the pieces between which a line may end: after `_ / = @` and dots.

    Joined, they are the text again. Text with spaces is one piece: it breaks there.
    """
    return (text,) if " " in text else tuple(_SEAMS.split(text))


def duration(start: str, end: str) -> str | None:
    """Return the time between two RFC 3339 times, None if either is none or they are reversed."""
    first, last = _parse(start), _parse(end)
    if first is None or last is None or last < first:
        return None
    seconds = round((last - first).total_seconds())
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    if hours:
        shown = f"{number(hours)} h {minutes} min"
    else:
        shown = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
    return shown.replace(" ", _TIED)


def short(digest: str) -> str:
    """Return the first 12 hex digits of a digest, for running heads and cross references."""
    return digest[:12]


def flatten(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield (dotted key, readable value) of nested parameters or metrics, in their order."""
    for key, value in values.items():
        name = prefix + (key[1:] if key.startswith("$$") else key)
        if isinstance(value, dict) and value and set(value) != {"$number"}:
            yield from flatten(value, f"{name}.")
        else:
            yield plain(name), plain(_inline(value))


def _inline(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_inline, value))}]"
    if isinstance(value, dict) and set(value) != {"$number"}:
        return f"{{{', '.join(f'{key}: {_inline(item)}' for key, item in value.items())}}}"
    return display(value)


def _visible(value: str) -> Iterator[str]:
    marks = 0
    for character in value:
        category = unicodedata.category(character)
        marks = marks + 1 if category[0] == "M" else 0
        hidden = category[0] == "C" or category in ("Zl", "Zp") or marks > 4
        yield escaped(character) if hidden else character


def _parse(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
