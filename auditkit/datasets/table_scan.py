"""One pass over the files of a table: digests, rows, columns and content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from auditkit.datasets.base import (
    ContentRequest,
    Entries,
    FileEntry,
    Part,
    Plan,
    Problem,
    Scan,
    ScanMode,
    ScannedContent,
)
from auditkit.datasets.content_pass import Intake
from auditkit.datasets.content_scan import ContentScan, Results
from auditkit.datasets.content_sinks import digest_sink
from auditkit.datasets.csv_types import settle_types
from auditkit.datasets.faults import changed
from auditkit.datasets.file_scan import root_of_entries, scan_files
from auditkit.datasets.part_reading import BatchReader, PartResult, PartTask, batches
from auditkit.datasets.tables import TableFold, TableReading, plan_reading
from auditkit.digests import FurtherDigest
from auditkit.errors import DataError, TableFormatError
from auditkit.execution.executor import Executor
from auditkit.manifest.model import Dataset, Schema, Table


class TableScan:
    """Reads the files of a plan of format `table`; see `scan` for what it returns and raises."""

    def __init__(
        self,
        plan: Plan,
        executor: Executor,
        reader: BatchReader,
        mode: ScanMode,
        further: tuple[FurtherDigest, ...],
    ) -> None:
        self._plan = plan
        self._executor = executor
        self._reader = reader
        self._mode: ScanMode = mode
        self._further = further
        self._problems = list(plan.problems)

    def run(self, recorded: Dataset | None, content: ContentRequest | None) -> Scan:
        """Return the scan: of digests alone, where the table cannot be read as one."""
        reading = self._plan_reading(recorded)
        if reading is None:
            return self._scan_files()
        tasks = [self._task(part, reading) for part in self._plan.parts]
        results = self._results(tasks, reading, content)
        fold = TableFold(reading)
        entries = Entries.of(self._fold(results.parts, fold))
        schema, table = self._finish(fold)
        self._check_planned(entries)
        return Scan(
            plan=self._plan,
            mode=self._mode,
            entries=entries,
            root=root_of_entries(entries, self._plan),
            rows=self._rows(fold),
            schema=schema,
            table=table,
            content=results.content if not self._problems else None,
            problems=tuple(self._problems),
        )

    def _scan_files(self) -> Scan:
        found = scan_files(
            self._plan,
            executor=self._executor,
            progress=self._reader.progress,
            mode=self._mode,
            further=self._further,
            collect=self._reader.collect,
        )
        unread = found.problems[len(self._plan.problems) :]
        return replace(found, problems=(*self._problems, *unread))

    def _results(
        self, tasks: list[PartTask], reading: TableReading, content: ContentRequest | None
    ) -> Results[ScannedContent]:
        if content is not None and self._mode == "full" and self._has_rows(tasks):
            intake = Intake(content.kind, digest_sink(content), self._reader, self._executor)
            return ContentScan(reading, intake).read(tasks)
        if reading.infers_csv:
            return Results(None, settle_types(list(self._read(tasks)), self._read))
        return Results(None, self._read(tasks))

    def _has_rows(self, tasks: list[PartTask]) -> bool:
        """Tell whether all rows can be read: of a version that lacks a file they cannot."""
        if self._plan.assembly is not None:
            return not self._plan.problems
        return any(task.kind for task in tasks)

    def _plan_reading(self, recorded: Dataset | None) -> TableReading | None:
        try:
            return plan_reading(self._plan, self._mode, recorded)
        except DataError as error:
            self._report(self._plan.parts[0].path if self._plan.parts else "", error)
            return None

    def _task(self, part: Part, reading: TableReading) -> PartTask:
        task = PartTask(part, self._mode)
        try:
            task = reading.task(part, self._mode, single=self._plan.kind == "file")
        except TableFormatError as error:
            self._report(part.path, error)
        return replace(task, further=self._further)

    def _report(self, path: str, error: DataError) -> None:
        if not self._reader.collect:
            raise error
        self._problems.append(Problem(path, error))

    def _read(self, tasks: Iterable[PartTask]) -> Iterator[PartResult]:
        waits = self._plan.parts.waits
        for results in self._executor.map(self._reader, batches(tasks), waits=waits):
            yield from results

    def _fold(self, results: Iterable[PartResult], fold: TableFold) -> list[FileEntry]:
        entries = []
        for result in results:
            if result.problem is not None:
                self._problems.append(result.problem)
            if result.entry is not None:
                entries.append(result.entry)
            if result.task.kind is not None:
                fold.add(result.task.part.path, result.table)
        return entries

    def _finish(self, fold: TableFold) -> tuple[Schema | None, Table | None]:
        if fold.is_empty and self._plan.assembly is None:
            return None, None
        try:
            return fold.result()
        except TableFormatError as error:
            self._report(fold.first_path, error)
            return None, None

    def _check_planned(self, entries: Entries) -> None:
        """What was read to plan the table must be what was hashed."""
        planned = self._plan.assembly.digests if self._plan.assembly else {}
        for path, digest in entries.iter_digests() if planned else ():
            if planned.get(path, digest) != digest:
                self._report(path, changed(path, "was written to"))

    def _rows(self, fold: TableFold) -> int | None:
        known = not fold.is_empty or self._plan.assembly is not None
        return fold.rows if known and not self._plan.problems else None
