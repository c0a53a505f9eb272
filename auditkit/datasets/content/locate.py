"""From two tables' block digests to the columns and rows that changed, and where the rest went.

Rows that were inserted, deleted or moved shift everything behind them. The shift is found on one
column, the anchor; then every column is compared under it. Data is only read again here, after a
check has failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TypeAlias

from auditkit.datasets.content.blocks import BLOCK_ROWS, RowRange, hash_block
from auditkit.datasets.content.search import Window, search
from auditkit.datasets.content.sequence import ColumnDigest, SequenceResult, block_rows
from auditkit.datasets.content.types import Array

Fetch: TypeAlias = Callable[[int, int, int], Sequence[Array]]
"""Reads the current data again: (column, first row, rows) -> arrays that hold those rows."""


@dataclass(frozen=True, slots=True)
class ChangedRows:
    """Rows of one column whose values changed: as recorded, and where they are now."""

    column: int
    recorded: RowRange
    current: RowRange


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows that the data still has, and where: in all columns but those a `ChangedRows` names."""

    recorded: RowRange
    current: RowRange


@dataclass(frozen=True, slots=True)
class Localisation:
    """What changed between a record and the data.

    `columns` are positions that cannot be compared: added, removed, of another name or type.
    `missing` are recorded rows found nowhere, `added` are current rows that no recorded ones
    account for; both are as narrow as whole blocks allow.
    """

    changed: tuple[ChangedRows, ...]
    kept: tuple[Kept, ...]
    missing: tuple[RowRange, ...]
    added: tuple[RowRange, ...]
    columns: tuple[int, ...]


def locate(recorded: SequenceResult, current: SequenceResult, fetch: Fetch) -> Localisation:
    """Return which columns and rows of `recorded` are changed, moved or gone in `current`.

    `recorded` must have been recomputed to a signed digest (`read_blocks` does). `fetch` may be
    asked for the anchor column three times over and for the others once, by column and then
    mostly in row order, for about a million rows at most; what it raises passes through.
    """
    shared, different = _comparable(recorded, current)
    if not shared:
        gone, come = _whole(recorded.rows), _whole(current.rows)
        return Localisation((), (), gone, come, different)
    comparison = _Comparison(recorded, current, fetch)
    anchor = max(shared, key=lambda index: _distinction(recorded.columns[index]))
    placed = comparison.place(anchor)
    changed = [
        ChangedRows(column, *comparison.ranges(number, start))
        for column in shared
        for number, start in sorted(placed.items())
        if not comparison.same(column, number, start)
    ]
    ranges = [comparison.ranges(number, start) for number, start in sorted(placed.items())]
    return Localisation(
        changed=tuple(_merged_changes(changed)),
        kept=tuple(_merged_kept(ranges)),
        missing=_gaps([was for was, _ in ranges], recorded.rows),
        added=_gaps([now for _, now in ranges], current.rows),
        columns=different,
    )


@dataclass(frozen=True, slots=True)
class _Comparison:
    recorded: SequenceResult
    current: SequenceResult
    fetch: Fetch

    def place(self, anchor: int) -> dict[int, int]:
        """Return where recorded blocks are now: number -> first row, by the anchor's digests."""
        placed = {
            number: number * BLOCK_ROWS
            for number in range(self.recorded.block_count)
            if self.same(anchor, number, number * BLOCK_ROWS)
        }
        self._place_from_end(anchor, placed)
        self._search(anchor, placed)
        self._place_between(placed)
        return placed

    def _place_from_end(self, anchor: int, placed: dict[int, int]) -> None:
        shift = self.current.rows - self.recorded.rows
        if shift == 0:
            return
        for number in range(self.recorded.block_count - 1, -1, -1):
            start = number * BLOCK_ROWS + shift
            if number not in placed and self.same(anchor, number, start):
                placed[number] = start

    def _search(self, anchor: int, placed: dict[int, int]) -> None:
        column = self.recorded.columns[anchor]
        if column.sums is None:
            return
        lost = [
            Window(number, column.sums[number], column.block(number))
            for number in range(self.recorded.rows // BLOCK_ROWS)
            if number not in placed
        ]
        taken = [self.ranges(number, start)[1] for number, start in placed.items()]
        gaps = _gaps(taken, self.current.rows)
        placed.update(search(lost, gaps, partial(self.fetch, anchor)))

    def _place_between(self, placed: dict[int, int]) -> None:
        """Place what lies between two neighbours of one shift there too: its values changed."""
        end = self.recorded.block_count
        shifts = {number: start - number * BLOCK_ROWS for number, start in placed.items()}
        shifts[-1], shifts[end] = 0, self.current.rows - self.recorded.rows
        known = sorted(shifts)
        for before, after in pairwise(known):
            if shifts[before] == shifts[after]:
                for number in range(before + 1, after):
                    placed[number] = number * BLOCK_ROWS + shifts[before]

    def ranges(self, number: int, start: int) -> tuple[RowRange, RowRange]:
        """Return the recorded rows of a block, and the current ones from `start` on."""
        rows = block_rows(self.recorded.rows, number)
        return RowRange(number * BLOCK_ROWS, rows), RowRange(start, rows)

    def same(self, column: int, number: int, start: int) -> bool:
        """Tell whether the column's current rows from `start` on are the recorded block."""
        rows = block_rows(self.recorded.rows, number)
        if start < 0 or start + rows > self.current.rows:
            return False
        wanted = self.recorded.columns[column].block(number)
        there = start // BLOCK_ROWS
        if start % BLOCK_ROWS == 0 and block_rows(self.current.rows, there) == rows:
            return self.current.columns[column].block(there) == wanted
        return hash_block(self.fetch(column, start, rows)) == wanted


def _comparable(
    recorded: SequenceResult, current: SequenceResult
) -> tuple[list[int], tuple[int, ...]]:
    """Return the positions of columns that both have, and of those that only one has."""
    was = [found.column for found in recorded.columns]
    now = [found.column for found in current.columns]
    shared = [index for index in range(min(len(was), len(now))) if was[index] == now[index]]
    every = range(max(len(was), len(now)))
    return shared, tuple(index for index in every if index not in set(shared))


def _distinction(column: ColumnDigest) -> tuple[int, int]:
    """Rank columns as anchors: many different blocks, and sums that chance does not repeat."""
    if not column.sums:
        return 0, 0
    return len(set(column.sums)), max(column.sums) - min(column.sums)


def _whole(rows: int) -> tuple[RowRange, ...]:
    return (RowRange(0, rows),) if rows else ()


def _gaps(ranges: Iterable[RowRange], rows: int) -> tuple[RowRange, ...]:
    """Return what `ranges` leave of `rows` rows."""
    gaps, end = [], 0
    for found in sorted(ranges, key=lambda r: r.first):
        if found.first > end:
            gaps.append(RowRange(end, found.first - end))
        end = max(end, found.end)
    if end < rows:
        gaps.append(RowRange(end, rows - end))
    return tuple(gaps)


def _together(before: RowRange, after: RowRange) -> RowRange:
    return RowRange(before.first, before.rows + after.rows)


def _merged_kept(ranges: Iterable[tuple[RowRange, RowRange]]) -> Iterator[Kept]:
    last: Kept | None = None
    for was, now in ranges:
        if last and last.recorded.end == was.first and last.current.end == now.first:
            last = Kept(_together(last.recorded, was), _together(last.current, now))
            continue
        if last:
            yield last
        last = Kept(was, now)
    if last:
        yield last


def _merged_changes(changes: Sequence[ChangedRows]) -> Iterator[ChangedRows]:
    for column in sorted({change.column for change in changes}):
        ranges = [(c.recorded, c.current) for c in changes if c.column == column]
        for run in _merged_kept(ranges):
            yield ChangedRows(column, run.recorded, run.current)
