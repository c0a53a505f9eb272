"""One pass over a table that hands on its rows, to be digested, while its bytes are hashed.

Parts are read one after the other, in order: where a part's rows begin is known only once those
before it were counted. Decoding and hashing is spread over workers.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Generic, TypeVar, cast

import pyarrow as pa

from auditkit.datasets.arrow_schema import schema_of, to_arrow
from auditkit.datasets.assembly import Assembly, Fit
from auditkit.datasets.base import Problem
from auditkit.datasets.chunks import Chunk, Constant, Decoded, WholeRows
from auditkit.datasets.content.sidecar import Extent
from auditkit.datasets.content.types import type_token
from auditkit.datasets.content_columns import by_name, match_columns
from auditkit.datasets.content_work import Fault, Feed, OpenSink, Work
from auditkit.datasets.names import printable
from auditkit.datasets.part_reading import BatchReader, PartResult, PartTask, read_part
from auditkit.datasets.part_table import PartTable
from auditkit.datasets.partitions import partition_values
from auditkit.errors import DataError, TableFormatError
from auditkit.execution.executor import Executor
from auditkit.manifest.model import ContentKind, Field

Result = TypeVar("Result")
Works = Generator[Work, None, PartResult | PartTask]


@dataclass(frozen=True, slots=True)
class ContentColumns:
    """The columns of a digest: those stored in the parts, then those in the names of folders.

    While they are not `settled`, rows may turn out to be of others. With an `assembly` they are
    those of the table instead.
    """

    stored: tuple[Field, ...] = ()
    partitions: tuple[Field, ...] = ()
    settled: bool = True
    assembly: Assembly | None = None

    @property
    def schema(self) -> pa.Schema:
        """All of them; raises TableFormatError where the fields are no schema."""
        if self.assembly is not None:
            return self.assembly.schema
        return to_arrow(schema_of((*self.stored, *self.partitions)))


@dataclass(frozen=True, slots=True)
class Intake(Generic[Result]):
    """Who takes in the rows of a table: as a digest of this kind does, into such a sink."""

    kind: ContentKind
    open_sink: OpenSink[Result]
    reader: BatchReader
    executor: Executor


class ContentPass(Generic[Result]):
    """Reads the parts of a table once, and hands on their rows as rows of `columns`.

    `fields` are the columns of parts, by path, as far as they are known beforehand.
    """

    def __init__(
        self,
        intake: Intake[Result],
        columns: ContentColumns,
        fields: Mapping[str, tuple[Field, ...]],
    ) -> None:
        self.results: list[PartResult] = []
        """The parts as read."""
        self.misread = False
        """Whether rows were found that are not of the columns, so that there is no digest."""
        self.retry: PartTask | None = None
        """The task to begin with instead, where the very first rows were misread."""
        self._intake = intake
        self._columns = columns
        self._schema = columns.schema
        self._fields = fields
        self._reader = intake.reader
        self._rows = 0
        self._fit: Fit | None = None
        self._extents: list[Extent] = []
        self._complete = True
        self._faults: dict[str, TableFormatError] = {}

    def run(self, tasks: Iterable[PartTask]) -> Result | None:
        """Read all of `tasks`; return what the sink made of all their rows, None if of fewer.

        Raises DataError for the first part with a problem, unless the reader collects those.
        """
        sink = self._intake.open_sink(self._schema, self._intake.executor)
        with closing(sink), closing(self._works(tasks)) as works:
            for fault in sink.run(works):
                self._note(fault)
            self.results = [self._with_fault(result) for result in self.results]
            if self.misread or self.retry or not self._complete:
                return None
            return sink.result(self._rows, self._extents)

    def _note(self, fault: Fault) -> None:
        if not self._reader.collect:
            raise fault.error
        self._complete = False
        self._faults.setdefault(fault.part.path, fault.error)

    def _with_fault(self, result: PartResult) -> PartResult:
        error = self._faults.get(result.task.part.path)
        if error is None or result.problem is not None:
            return result
        return replace(result, problem=Problem(printable(result.task.part.path), error))

    def _works(self, tasks: Iterable[PartTask]) -> Generator[Work, None, None]:
        for task in tasks:
            result = yield from self._part(task)
            if result is None:
                return
            if result.problem is not None:
                if not self._reader.collect:
                    raise result.problem.error
                self._complete = False
            self.results.append(result)
            if not task.again:
                self._reader.progress.advance(files=1)

    def _part(self, task: PartTask) -> Generator[Work, None, PartResult | None]:
        """Return what came of a part, None if the pass has to begin with another task."""
        try:
            while isinstance(found := (yield from self._read(self._hinted(task))), PartTask):
                if not self._extents:
                    self.retry = found
                    return None
                self.misread = True
                task = found
        except DataError as error:
            return PartResult(task, None, problem=Problem(task.part.path, error))
        return found

    def _hinted(self, task: PartTask) -> PartTask:
        """Begin a CSV file with the types known so far, so that few have to be widened."""
        stored, layout = self._columns.stored, task.layout
        if layout is None or layout.types is not None or any(f.type == "null" for f in stored):
            return task
        return replace(task, layout=replace(layout, types=stored))

    def _read(self, task: PartTask) -> Works:
        feed = None if task.kind is None else self._feed(task)
        chunks = read_part(task, self._reader.advance, self._intake.kind if feed else None)
        with closing(chunks):
            while True:
                try:
                    chunk = next(chunks)
                except StopIteration as end:
                    found: PartResult | PartTask = end.value
                    break
                fitted = self._fitted(task, chunk) if feed else None
                if feed and fitted:
                    yield Work(task.part, fitted, feed)
        if isinstance(found, PartResult) and found.table is not None:
            yield from self._count(task, found.table, feed)
        return found

    def _feed(self, task: PartTask) -> Feed | None:
        """Return how the part's columns become those of the digest, None if they cannot."""
        assembly, path = self._columns.assembly, task.part.path
        if assembly is not None and path in self._fields:
            self._fit = assembly.fit(path, self._fields[path])
            return Feed(self._rows, self._fit.stored, self._fit.values)
        if assembly is not None:
            self._complete = False
            return None
        stored = self._columns.stored
        positions = match_columns(stored, self._fields.get(path, stored))
        try:
            values = partition_values(path, self._columns.partitions)
        except TableFormatError:
            if not self._reader.collect:
                raise
            positions = None
        if positions is None:
            self._complete = False
            return None
        types = self._schema.types[len(stored) :]
        constants = (pa.scalar(v, type_) for v, type_ in zip(values, types, strict=True))
        return Feed(self._rows, positions, dict(enumerate(constants, len(stored))))

    def _fitted(self, task: PartTask, chunk: Chunk) -> Chunk | WholeRows | None:
        """Return the chunk with the digest's columns; None for rows of other columns.

        The columns of Parquet and Arrow files were known before their rows.
        """
        if self._fit is not None:
            return self._fit.chunk(cast("WholeRows", chunk))
        if task.part.path in self._fields or not isinstance(chunk, Decoded):
            return chunk
        if self.misread or chunk.table.num_rows == 0:
            return None
        table = chunk.table
        if task.layout is None:
            table = by_name(table, self._schema, len(self._columns.stored))
        if not self._agrees(chunk.table, table):
            self.misread = True
            return None
        return replace(chunk, table=table)

    def _agrees(self, found: pa.Table, fitted: pa.Table) -> bool:
        stored = self._columns.stored
        if fitted.column_names != [field.name for field in stored]:
            return False
        if self._columns.settled:
            return True
        pairs = zip(fitted.schema.types, self._schema.types[: len(stored)], strict=True)
        return found.num_columns <= len(stored) and all(
            pa.types.is_null(type_) or type_token(type_) == type_token(wanted)
            for type_, wanted in pairs
        )

    def _count(self, task: PartTask, table: PartTable, feed: Feed | None) -> Iterator[Work]:
        """Take note of a part's rows, and yield the columns that its folders' names hold."""
        path = task.part.path
        if self._intake.kind == "sequence" and feed is not None:
            for number, value in feed.constants.items():
                constant = Constant(0, table.rows, value)
                yield Work(task.part, constant, Feed(feed.start, {0: number}))
        assembly = self._columns.assembly
        rows = assembly.rows(path, table.rows) if assembly else table.rows
        whole = table.groups is None or rows < table.rows
        groups = [(None, rows)] if whole else enumerate(table.groups or ())
        self._extents += [Extent(path, group, 0, count) for group, count in groups if count]
        self._rows += rows
