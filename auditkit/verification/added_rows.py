"""Added and removed rows of a `bag` in words, from the digests of single rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from auditkit.datasets.content.blocks import RowRange
from auditkit.datasets.content.row_difference import RowDifference
from auditkit.datasets.row_search import AddedRows
from auditkit.verification.changed_rows import ChangedPlace, rows_text
from auditkit.verification.row_layout import RowLayout


def describe_difference(difference: RowDifference, recorded_rows: int) -> str:
    """Return one sentence on how many rows were added and removed."""
    kept = recorded_rows - difference.removed
    what = [
        f"{rows_text(count)} {done}"
        for count, done in ((difference.added, "added"), (difference.removed, "removed"))
        if count
    ]
    text = f"{', '.join(what)}; {kept:,} of {rows_text(recorded_rows)} as recorded"
    if difference.added and not len(difference.digests):
        text += "; the added ones are too many to be named"
    return text


def added_places(added: AddedRows, layout: RowLayout) -> Iterator[ChangedPlace]:
    """Yield where added rows are, those together that follow each other in a file."""
    for rows, is_copy in _runs(added):
        what = "more often than recorded" if is_copy else "not recorded"
        for place in layout.places(rows):
            yield ChangedPlace(place, None, what)


def _runs(added: AddedRows) -> Iterator[tuple[RowRange, bool]]:
    """Yield rows that follow each other and are all copies, or none of them."""
    if len(added.rows) == 0:
        return
    breaks = (np.diff(added.rows) != 1) | (added.copies[1:] != added.copies[:-1])
    firsts = [0, *(np.flatnonzero(breaks) + 1).tolist()]
    ends = [*firsts[1:], len(added.rows)]
    for first, end in zip(firsts, ends, strict=True):
        yield RowRange(int(added.rows[first]), end - first), bool(added.copies[first])
