"""Changed rows in words: which columns, which rows, in which file and row group.

A block is the smallest thing whose digest is recorded. Files whose bytes are the recorded ones
narrow that down: their rows cannot have changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from auditkit.datasets.content.blocks import RowRange
from auditkit.datasets.content.locate import ChangedRows, Kept, Localisation
from auditkit.datasets.content.sequence import SequenceResult
from auditkit.findings import Finding
from auditkit.verification.report import Report
from auditkit.verification.row_layout import Place, RowLayout

MOST_PLACES: Final = 50
"""More places than this are counted, not listed."""

_MOST_STRETCHES: Final = 4


@dataclass(frozen=True, slots=True)
class Comparison:
    """A table as recorded and as found, and where their rows lie.

    `touched` are the files whose bytes are not the recorded ones, None where that is not known.
    """

    recorded: SequenceResult
    recorded_layout: RowLayout
    found: SequenceResult
    found_layout: RowLayout
    touched: frozenset[str] | None


class ChangedPlace(NamedTuple):
    """Rows that are not as recorded, of one column or of all, and what is wrong with them."""

    place: Place
    column: str | None
    detail: str


def describe(changes: Localisation, comparison: Comparison) -> str:
    """Return one sentence on what differs, what was found unchanged, and where."""
    difference = comparison.found.rows - comparison.recorded.rows
    columns = len({change.column for change in changes.changed})
    what = []
    if difference:
        what.append(f"{rows_text(abs(difference))} {'more' if difference > 0 else 'fewer'}")
    if columns:
        total = len(comparison.recorded.columns)
        what.append(f"values changed in {columns} of {total} column{'s' * (total > 1)}")
    if not what:
        what.append("rows were replaced or moved")
    return f"{', '.join(what)}; {_unchanged(changes.kept, comparison)}"


def report_places(places: Iterable[ChangedPlace], report: Report) -> Iterator[Finding]:
    """Yield a finding for each place with changed rows, up to a number of them."""
    count = 0
    for place, column, detail in places:
        count += 1
        if count <= MOST_PLACES:
            yield report("content", "failed", detail, location=place.location(column))
    if count > MOST_PLACES:
        yield report("content", "failed", f"{count - MOST_PLACES:,} more places with changed rows")


def changed_places(changes: Localisation, comparison: Comparison) -> Iterator[ChangedPlace]:
    """Yield where values changed, where rows are that were not recorded, and where some were."""
    for change in changes.changed:
        column = comparison.recorded.columns[change.column].column.name
        detail = f"values changed{_was(change)}"
        for place in _places_of(change, comparison):
            yield ChangedPlace(place, column, detail)
    missing = {gap.first: gap for gap in changes.missing}
    for gap in changes.added:
        recorded = missing.pop(_recorded_end(gap, changes.kept), None)
        detail = "not recorded"
        if recorded is not None:
            detail = (
                f"not as recorded: {rows_text(gap.rows)} in place of {rows_text(recorded.rows)}, "
                f"recorded as {_numbers(recorded)}"
            )
        for place in _touched(comparison.found_layout.places(gap), comparison):
            yield ChangedPlace(place, None, detail)
    for gap in missing.values():
        for place in comparison.recorded_layout.places(gap):
            yield ChangedPlace(place, None, "recorded here, and not found again")


def _places_of(change: ChangedRows, comparison: Comparison) -> Sequence[Place]:
    """Leave out what lies in files that did not change and hold the rows they held."""
    shift = change.current.first - change.recorded.first
    places = comparison.found_layout.places(change.current)
    kept = [place for place in places if not _same_file(place.file, shift, comparison)]
    return kept or places


def _same_file(file: str, shift: int, comparison: Comparison) -> bool:
    if comparison.touched is None or file in comparison.touched:
        return False
    before = comparison.recorded_layout.first_row(file)
    return before is not None and comparison.found_layout.first_row(file) == before + shift


def _touched(places: Sequence[Place], comparison: Comparison) -> Sequence[Place]:
    touched = comparison.touched
    return [place for place in places if touched is None or place.file in touched] or places


def _recorded_end(gap: RowRange, kept: Sequence[Kept]) -> int:
    """Return the recorded row that followed what now lies before `gap`."""
    return next((each.recorded.end for each in kept if each.current.end == gap.first), 0)


def _was(change: ChangedRows) -> str:
    if change.recorded.first == change.current.first:
        return ""
    return f"; recorded as {_numbers(change.recorded)}"


def _unchanged(kept: Sequence[Kept], comparison: Comparison) -> str:
    if not kept:
        return "no stretch of 65,536 recorded rows was found again"
    if len(kept) == 1 and kept[0].recorded.rows == comparison.recorded.rows:
        return "all else is as recorded, at its place"
    shown = [_stretch(each) for each in kept[:_MOST_STRETCHES]]
    if len(kept) > _MOST_STRETCHES:
        rows = sum(each.recorded.rows for each in kept[_MOST_STRETCHES:])
        shown.append(f"and {rows_text(rows)} in {len(kept) - _MOST_STRETCHES:,} more stretches")
    return f"found unchanged: {', '.join(shown)}"


def _stretch(kept: Kept) -> str:
    where = _numbers(kept.recorded)
    if kept.recorded.first == kept.current.first:
        return f"{where} in place"
    return f"{where} now at {_numbers(kept.current).partition(' ')[2]}"


def _numbers(rows: RowRange) -> str:
    if rows.rows == 1:
        return f"row {rows.first:,}"
    return f"rows {rows.first:,}-{rows.end - 1:,}"


def rows_text(count: int) -> str:
    """Return the number with its noun."""
    return "1 row" if count == 1 else f"{count:,} rows"
