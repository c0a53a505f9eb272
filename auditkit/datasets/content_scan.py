"""Which columns a table's content digest is over, and the passes that it takes to know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from auditkit.datasets.arrow_schema import fields_of
from auditkit.datasets.chunks import Decoded
from auditkit.datasets.content_pass import ContentColumns, ContentPass, Intake
from auditkit.datasets.csv_types import settle_types
from auditkit.datasets.part_reading import (
    FOOTED,
    PartResult,
    PartTask,
    batches,
    read_part,
)
from auditkit.datasets.partitions import partition_fields
from auditkit.datasets.table_csv import CsvLayout
from auditkit.datasets.tables import TableFold, TableReading
from auditkit.manifest.model import Field

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Results(Generic[Result]):
    """What the sink made of the rows, None unless of all rows, and the parts as read."""

    content: Result | None
    parts: Iterable[PartResult]


@dataclass(frozen=True, slots=True)
class ContentScan(Generic[Result]):
    """Reads the parts of a table as `reading` says, with their rows for an intake."""

    reading: TableReading
    intake: Intake[Result]

    def read(self, tasks: Sequence[PartTask]) -> Results[Result]:
        """Return what was read.

        Raises DataError for the first part with a problem, unless the reader collects those.
        """
        if self.reading.kind in FOOTED:
            return self._read_footed(tasks)
        return self._read_text(tasks)

    def _read_footed(self, tasks: Sequence[PartTask]) -> Results[Result]:
        """Look at all footers first: they say which columns the parts have together."""
        fold = TableFold(self.reading)
        fields: dict[str, tuple[Field, ...]] = {}
        data = (replace(task, mode="metadata", again=True) for task in tasks if task.kind)
        for result in self._map(data):
            fold.add(result.task.part.path, result.table)
            if result.table is not None:
                fields[result.task.part.path] = fold.shared(result.table)
        columns = self._recorded() or self._joined(fold)
        done = ContentPass(self.intake, columns, fields)
        return Results(done.run(tasks), done.results)

    def _read_text(self, tasks: Sequence[PartTask]) -> Results[Result]:
        """Go by the first rows, and begin again where later ones say otherwise."""
        columns = self._recorded() or self._guessed(tasks)
        while True:
            done = ContentPass(self.intake, columns, {})
            content = done.run(tasks)
            if done.retry is not None:
                tasks = list(_beginning_with(done.retry, tasks))
                columns = replace(columns, stored=_retyped(columns.stored, done.retry))
            elif done.misread and not columns.settled:
                tasks, columns = self._settled(done.results)
            elif done.misread and _layouts(done.results) != _layouts(tasks):
                # a row was longer than expected: read all again as it has to be read
                tasks = [replace(result.task, again=True) for result in done.results]
            else:
                return Results(content, done.results)

    def _recorded(self) -> ContentColumns | None:
        reading = self.reading
        if reading.assembly is not None:
            return ContentColumns(assembly=reading.assembly)
        if reading.fields is None:
            return None
        return ContentColumns(reading.fields, reading.partitioning)

    def _joined(self, fold: TableFold) -> ContentColumns:
        schema, table = fold.result()
        stored = len(schema.fields) - len(table.partitioning)
        return ContentColumns(schema.fields[:stored], table.partitioning)

    def _guessed(self, tasks: Sequence[PartTask]) -> ContentColumns:
        data = [task for task in tasks if task.kind is not None]
        partitions = partition_fields([task.part.path for task in data])
        return ContentColumns(_first_fields(data[0]), partitions, settled=False)

    def _settled(self, results: Sequence[PartResult]) -> tuple[list[PartTask], ContentColumns]:
        """Return the tasks that read all parts under the types that hold all their values."""
        if self.reading.infers_csv:
            results = settle_types(results, self._map)
        fold = TableFold(self.reading)
        for result in results:
            if result.task.kind is not None:
                fold.add(result.task.part.path, result.table)
        columns = self._joined(fold)
        return [_under(columns.stored, result.task) for result in results], columns

    def _map(self, tasks: Iterable[PartTask]) -> Iterator[PartResult]:
        chosen = list(tasks)
        waits = any(task.part.source.waits for task in chosen)
        for results in self.intake.executor.map(self.intake.reader, batches(chosen), waits=waits):
            yield from results


def _first_fields(task: PartTask) -> tuple[Field, ...]:
    """Return the columns that the first rows of a text file have; nothing is hashed.

    Raises TableFormatError for what is no such file.
    """
    task = replace(task, mode="metadata")
    while True:
        with closing(read_part(task, _ignore)) as chunks:
            try:
                chunk = next(chunks)
                while not (isinstance(chunk, Decoded) and chunk.table.num_columns):
                    chunk = next(chunks)
                return fields_of(chunk.table.schema)
            except StopIteration as end:
                found = end.value
        if isinstance(found, PartResult):
            if found.problem is not None:
                raise found.problem.error
            return found.table.fields if found.table is not None else ()
        task = found


def _layouts(of: Iterable[PartTask | PartResult]) -> list[CsvLayout | None]:
    return [(each.task if isinstance(each, PartResult) else each).layout for each in of]


def _ignore(_: int) -> None:
    pass


def _beginning_with(retry: PartTask, tasks: Sequence[PartTask]) -> Iterator[PartTask]:
    """Yield the tasks again, of which those before `retry` are done."""
    paths = [task.part.path for task in tasks]
    place = paths.index(retry.part.path)
    yield from (replace(task, again=True) for task in tasks[:place])
    yield retry
    yield from tasks[place + 1 :]


def _retyped(fields: Sequence[Field], task: PartTask) -> tuple[Field, ...]:
    types = task.layout.types if task.layout is not None else None
    if types is None:
        return tuple(fields)
    return tuple(
        Field(name=old.name, type=new.type) for old, new in zip(fields, types, strict=True)
    )


def _under(fields: tuple[Field, ...], task: PartTask) -> PartTask:
    """Return the task that reads a part again, with values of these types only."""
    if task.layout is None:
        return replace(task, fields=fields, again=True)
    return replace(task, layout=replace(task.layout, types=fields, fixed=True), again=True)
