"""Where the rows of a table lie: in which file, and which row group of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from auditkit.datasets.content.blocks import RowRange
from auditkit.datasets.content.sidecar import Extent
from auditkit.findings import Location


@dataclass(frozen=True, slots=True)
class Place:
    """Rows that lie in one file, and in one row group of it where they do."""

    rows: RowRange
    file: str
    row_group: int | None

    def location(self, column: str | None = None) -> Location:
        """Return the place as findings have it."""
        rows = (self.rows.first, self.rows.end - 1)
        return Location(file=self.file, row_group=self.row_group, column=column, rows=rows)


class RowLayout:
    """The extents of a table, to be asked for rows and files."""

    def __init__(self, extents: Sequence[Extent]) -> None:
        self._extents = extents
        self._starts = [0, *accumulate(extent.rows for extent in extents)]
        self._files: dict[str, int] = {}
        for extent, start in zip(extents, self._starts[:-1], strict=True):
            self._files.setdefault(extent.file, start)

    def first_row(self, file: str) -> int | None:
        """Return the first row of a file, None for a file without rows."""
        return self._files.get(file)

    def places(self, rows: RowRange) -> list[Place]:
        """Return where `rows` lie, file by file."""
        first = bisect_right(self._starts, rows.first) - 1
        end = bisect_right(self._starts, rows.end - 1)
        places = []
        for file, group in groupby(range(first, end), key=lambda i: self._extents[i].file):
            indices = list(group)
            start = max(rows.first, self._starts[indices[0]])
            stop = min(rows.end, self._starts[indices[-1] + 1])
            only = self._extents[indices[0]].row_group if len(indices) == 1 else None
            places.append(Place(RowRange(start, stop - start), file, only))
        return places
