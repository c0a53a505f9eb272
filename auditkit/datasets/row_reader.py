"""Reading rows of a table again, a column at a time, to say where changed rows are.

Only used after a check has failed; nothing is hashed here, and what is read is compared by digest.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import groupby
from typing import Final

import pyarrow as pa

from auditkit.datasets.base import Part, Plan
from auditkit.datasets.chunks import Chunk, Decoded, drain, repeated
from auditkit.datasets.content.blocks import BLOCK_ROWS, rows_of
from auditkit.datasets.content.sidecar import Extent
from auditkit.datasets.content.types import Array
from auditkit.datasets.content_columns import by_name, conform, match_columns
from auditkit.datasets.content_pass import ContentColumns
from auditkit.datasets.part_reading import FOOTED, PartResult, PartTask, read_part
from auditkit.datasets.partitions import partition_values
from auditkit.datasets.tables import plan_reading
from auditkit.errors import TableFormatError
from auditkit.manifest.model import Dataset

_NOTHING: Final = (-1, 0)

_Arrays = Generator[Array, None, PartResult | PartTask]


class RowReader:
    """Hands out rows of a scanned table under its recorded schema.

    It reads forward: asking for rows before those asked for last, or for another column, begins
    at the file that holds them.
    """

    def __init__(self, plan: Plan, recorded: Dataset, extents: Sequence[Extent]) -> None:
        """Raises TableFormatError where the record does not say how to read the table."""
        self._reading = plan_reading(plan, "full", recorded)
        self._single = plan.kind == "file"
        self._columns = ContentColumns(self._reading.fields or (), self._reading.partitioning)
        self._schema = self._columns.schema
        self._parts = list(_parts(plan, extents))
        self._ahead: Iterator[Array] = iter(())
        self._held: list[Array] = []
        self._place = _NOTHING

    def fetch(self, column: int, first: int, rows: int) -> Sequence[Array]:
        """Return arrays that hold `rows` rows of a column from row `first` on.

        Raises DataError if the table is not what was scanned any more.
        """
        at, start = self._place
        if column != at or first < start:
            start = next(start for start, count, _ in self._parts if first < start + count)
            self._ahead, self._held = self._column(column, start), []
        start = self._drop(start, first)
        end = start + sum(map(len, self._held))
        while end < first + rows:
            array = next(self._ahead, None)
            if array is None:
                raise TableFormatError("the table has fewer rows than before")
            self._held.append(array)
            end += len(array)
            start = self._drop(start, first)
        self._place = column, start
        return rows_of(self._held, first - start, rows)

    def _drop(self, start: int, first: int) -> int:
        """Let go of arrays before row `first`; return the row that is now the first held."""
        while self._held and start + len(self._held[0]) <= first:
            start += len(self._held.pop(0))
        return start

    def _column(self, column: int, first: int) -> Iterator[Array]:
        """Yield the column's arrays from the part on that begins with row `first`."""
        type_ = self._schema.field(column).type
        for start, rows, part in self._parts:
            if start >= first:
                found = self._constant(part, rows, column) or self._stored(part, column)
                yield from (conform(array, type_) for array in found)

    def _constant(self, part: Part, rows: int, column: int) -> list[Array] | None:
        number = column - len(self._columns.stored)
        if number < 0:
            return None
        value = partition_values(part.path, self._columns.partitions)[number]
        scalar = pa.scalar(value, self._schema.field(column).type)
        whole = repeated(scalar, BLOCK_ROWS)
        return [whole.slice(0, rows - first) for first in range(0, rows, BLOCK_ROWS)]

    def _stored(self, part: Part, column: int) -> Iterator[Array]:
        task: PartTask | PartResult = self._reading.task(part, "metadata", single=self._single)
        done = 0
        while isinstance(task, PartTask):  # again, where a row is longer than was expected
            place, arrays = 0, self._arrays(task, column)
            while True:
                try:
                    array = next(arrays)
                except StopIteration as end:
                    task = end.value
                    break
                yield array.slice(max(0, done - place))
                place += len(array)
                done = max(done, place)
        if task.problem is not None:
            raise task.problem.error

    def _arrays(self, task: PartTask, column: int) -> _Arrays:
        position = self._position(task, column)
        with closing(read_part(task, _ignore, "sequence")) as chunks:
            while True:
                try:
                    chunk = self._fitted(next(chunks))
                except StopIteration as end:
                    found: PartResult | PartTask = end.value
                    return found
                for at, _, arrays in chunk.only(position).columns():
                    if at == position:
                        yield from arrays

    def _position(self, task: PartTask, column: int) -> int:
        """Return where the part has a column of the digest."""
        if self._reading.kind not in FOOTED:
            return column
        found = drain(read_part(task, _ignore))
        if isinstance(found, PartTask) or found.table is None:
            raise TableFormatError("cannot be read any more")
        matched = match_columns(self._columns.stored, found.table.fields) or {}
        return next(at for at, to in matched.items() if to == column)

    def _fitted(self, chunk: Chunk) -> Chunk:
        if self._reading.kind != "jsonl" or not isinstance(chunk, Decoded):
            return chunk
        return Decoded(
            chunk.first_row, by_name(chunk.table, self._schema, len(self._columns.stored))
        )


def _parts(plan: Plan, extents: Sequence[Extent]) -> Iterator[tuple[int, int, Part]]:
    """Yield first row, number of rows, and part, of the parts that have rows."""
    parts = {part.path: part for part in plan.parts}
    start = 0
    for path, group in groupby(extents, key=lambda extent: extent.file):
        rows = sum(extent.rows for extent in group)
        yield start, rows, parts[path]
        start += rows


def _ignore(_: int) -> None:
    pass
