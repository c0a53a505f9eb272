"""What pages are made of: facts, tables, badges and commands. Plain text, nothing to interpret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal[
    "passed", "failed", "indeterminate", "skipped", "observed", "declared", "derived", "plain"
]
Kind = Literal["text", "code", "number", "digest", "badge"]


@dataclass(frozen=True, slots=True)
class Badge:
    """A word with a symbol, so that it reads without colour; `tone` selects how it is drawn."""

    word: str
    symbol: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value and how it came about; `basis` is None for what the report itself says."""

    label: str
    value: str
    kind: Kind = "text"
    basis: Badge | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title, its share of the table's width in percent, and how its cells are set.

    Widths are fixed, so that no text from a manifest decides how a page looks.
    """

    title: str
    width: int
    kind: Kind = "text"


Cell = str | Badge | tuple[str, ...]
"""One line, a badge, or several lines."""


@dataclass(frozen=True, slots=True)
class Table:
    """A captioned table; the first cell of each row is its header.

    No row is ragged, and the widths of the columns add up to 100. `empty` is printed in place of
    a table without rows, `note` below one with rows. `total` is a last row that sums up the others.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = "None recorded."
    note: str = ""
    total: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """Something a reader can run, what it does, and what it must print."""

    title: str
    text: str
    lines: tuple[str, ...]
    expect: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A numbered heading; `level` is that of the HTML element."""

    key: str
    number: str
    title: str
    anchor: str
    level: int
