"""Text for people in any language: strings from strangers made visible, and where lines may end."""

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

_SEAMS: Final = re.compile(r"(?<=[_/=@])(?=\w)|(?<=\w\.)(?=[A-Za-z])")
_BREAKS: Final = str.maketrans({"\n": " ↵ ", "\t": " ", "\r": None})


def plain(value: str, longest: int = LONGEST) -> str:
    """Return `value` with everything invisible made visible, cut after `longest` characters.

    Control, format (bidirectional overrides, zero-width), private-use and unassigned characters
    become `[U+202E]`; so what is printed is what is stored, in the order it is stored. Line
    breaks become `↵`. A fifth combining mark in a row is escaped too, or marks would pile up
    over the neighbouring lines. What is cut is counted: `… [+9700]`. Categories: Unicode
    Standard, section 4.5.
    """
    shown = "".join(_visible(value[:longest].translate(_BREAKS)))
    cut = len(value) - longest
    return shown if cut <= 0 else f"{shown}… [+{cut}]"


def revealed(markup: str) -> str:
    """Return markup with the invisible characters in it made visible, but for its layout."""
    return "".join(
        each if each in "\n\t" or unicodedata.category(each)[0] != "C" else escaped(each)
        for each in markup
    )


def escaped(character: str) -> str:
    """Return the visible stand-in for one character: `[U+202E]`."""
    return f"[U+{ord(character):04X}]"


def instant(value: str) -> datetime:
    """Return an RFC 3339 time as a UTC datetime; raises ValueError if it is none."""
    parsed = parse_time(value)
    if parsed is None:
        raise ValueError(f"not an RFC 3339 time: {value[:40]!r}")
    return parsed


def parse_time(value: str) -> datetime | None:
    """Return an RFC 3339 time as a UTC datetime, None if it is none."""
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


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
