"""What pages are made of: facts, tables, badges and commands. Plain text, nothing to interpret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["passed", "failed", "indeterminate", "skipped", "lacking", "plain"]
Tone = Outcome | Literal["observed", "declared", "derived"]
Kind = Literal["text", "code", "number", "digest", "badge"]


@dataclass(frozen=True, slots=True)
class Badge:
    """A word with a symbol, so that it reads without colour; `tone` selects how it is drawn."""

    word: str
    symbol: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words of a program or a document in the language they were written in."""

    quoted: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Strong:
    """What a reader looks for on a page."""

    strong: str


@dataclass(frozen=True, slots=True)
class Link:
    """A reference to a place in the same report."""

    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A share drawn to scale: `outline` and `filled` are in percent of the bar's length.

    `meaning` says the same in words.
    """

    outline: float
    filled: float
    meaning: str


@dataclass(frozen=True, slots=True)
class Strip:
    """Marked stretches of a line drawn to scale: each is where it begins and how long it is.

    Both are in percent of the line. `meaning` says the same in words.
    """

    marks: tuple[tuple[float, float], ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class Blank:
    """Room to write by hand."""

    blank: str


Inline = str | Badge | Quoted | Strong | Link | Bar | Strip | Blank


@dataclass(frozen=True, slots=True)
class Phrase:
    """Several pieces on one line."""

    pieces: tuple[Inline, ...]


Cell = Inline | tuple[Inline | Phrase, ...]
"""One piece, or several lines."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value and how it came about; `basis` is None for what the report itself says."""

    label: str
    value: str | Quoted
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


@dataclass(frozen=True, slots=True)
class Table:
    """A captioned table; the first cell of each row is its header.

    No row is ragged, and the widths of the columns add up to 100. `empty` is printed in place of
    a table without rows, `note` below one with rows. `total` is a last row that sums up the others.
    `basis` says how all of its statements came about. `anchors` are what links to rows lead to.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str
    note: str = ""
    total: tuple[Cell, ...] = ()
    basis: Badge | None = None
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """A point in time on a line: when, what, on whose word, and how long after the one before."""

    when: str
    what: str
    clock: str
    basis: Badge
    after: str = ""


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code: rows of dark (True) and light modules, and the text that it holds."""

    modules: tuple[tuple[bool, ...], ...]
    text: str


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
