"""One pass over a data set's bytes: digests for all of it, rows and columns of tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditkit.datasets.base import Entries, FileEntry, Part, Plan, Problem, Scan, ScanMode
from auditkit.datasets.content_scan import ContentScan, Results
from auditkit.datasets.csv_types import settle_types
from auditkit.datasets.file_scan import hash_files
from auditkit.datasets.inventory import Root, root_of_digests
from auditkit.datasets.names import printable
from auditkit.datasets.part_reading import BatchReader, PartResult, PartTask, batches
from auditkit.datasets.tables import TableFold, TableReading, plan_reading
from auditkit.errors import DataError, TableFormatError
from auditkit.execution.executor import Executor
from auditkit.execution.progress import Progress
from auditkit.manifest.model import ContentKind, Dataset, Schema, Table


def scan(
    plan: Plan,
    *,
    executor: Executor,
    progress: Progress,
    mode: ScanMode = "full",
    recorded: Dataset | None = None,
    content: ContentKind | None = None,
    collect: bool = False,
) -> Scan:
    """Read the files of a plan once and return what they hold.

    In `metadata` mode nothing but the footers of Parquet and Arrow files is read; the rows and
    schema of text tables then stay unknown. With `recorded`, text is read under the recorded
    dialect and types instead of inferred ones, and so is the content digest that `content` asks
    for of a table. `progress` is started and finished here.

    With `collect`, whatever goes wrong with a file becomes a problem beside those of the plan:
    a file that cannot be read has no entry, one that is no readable table has an entry without
    rows. `rows` is None unless all data files were counted.

    Raises:
        FileChangedError: a file is not as planned, or changed while it was read.
        UnreadableError: the operating system failed.
        TableFormatError: a data file is no readable table, or the files are not one table.
    """
    progress.start(
        printable(plan.location.name),
        total_bytes=plan.bytes if mode == "full" else None,
        total_files=len(plan.parts),
    )
    try:
        reader = BatchReader(progress, collect)
        return _Scanner(plan, executor, reader, mode).run(recorded, content)
    finally:
        progress.finish()


class _Scanner:
    def __init__(self, plan: Plan, executor: Executor, reader: BatchReader, mode: ScanMode) -> None:
        self._plan = plan
        self._executor = executor
        self._reader = reader
        self._mode: ScanMode = mode
        self._problems = list(plan.problems)

    def run(self, recorded: Dataset | None, content: ContentKind | None) -> Scan:
        reading = self._plan_reading(recorded) if self._plan.format == "table" else None
        if reading is None:
            return self._scan_files()
        tasks = [self._task(part, reading) for part in self._plan.parts]
        found, results = self._results(tasks, reading, content)
        fold = TableFold(reading)
        entries = Entries.of(self._fold(results, fold))
        schema, table = self._finish(fold)
        return Scan(
            plan=self._plan,
            mode=self._mode,
            entries=entries,
            root=self._root(entries),
            rows=self._rows(fold),
            schema=schema,
            table=table,
            content=found if not self._problems else None,
            problems=tuple(self._problems),
        )

    def _results(
        self, tasks: list[PartTask], reading: TableReading, content: ContentKind | None
    ) -> Results:
        if content is not None and self._mode == "full" and any(task.kind for task in tasks):
            return ContentScan(content, reading, self._reader, self._executor).read(tasks)
        if reading.infers_csv:
            return Results(None, settle_types(list(self._read(tasks)), self._read))
        return Results(None, self._read(tasks))

    def _scan_files(self) -> Scan:
        """Read what is no table, or none that can be read: for its digests alone."""
        parts = self._plan.parts
        entries = Entries(parts.paths, parts.sizes, b"")
        if self._mode == "full":
            found = hash_files(
                parts,
                executor=self._executor,
                progress=self._reader.progress,
                collect=self._reader.collect,
            )
            entries = found.entries
            self._problems += found.problems
        return Scan(
            plan=self._plan,
            mode=self._mode,
            entries=entries,
            root=self._root(entries),
            problems=tuple(self._problems),
        )

    def _plan_reading(self, recorded: Dataset | None) -> TableReading | None:
        try:
            return plan_reading(self._plan, self._mode, recorded)
        except DataError as error:
            self._report(self._plan.parts[0].path if self._plan.parts else "", error)
            return None

    def _task(self, part: Part, reading: TableReading) -> PartTask:
        try:
            return reading.task(part, self._mode, single=self._plan.kind == "file")
        except TableFormatError as error:
            self._report(part.path, error)
        return PartTask(part, self._mode)

    def _report(self, path: str, error: DataError) -> None:
        if not self._reader.collect:
            raise error
        self._problems.append(Problem(path, error))

    def _read(self, tasks: Iterable[PartTask]) -> Iterator[PartResult]:
        for results in self._executor.map(self._reader, batches(tasks)):
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
        if fold.is_empty:
            return None, None
        try:
            return fold.result()
        except TableFormatError as error:
            self._report(fold.first_path, error)
            return None, None

    def _rows(self, fold: TableFold) -> int | None:
        return fold.rows if not fold.is_empty and not self._plan.problems else None

    def _root(self, entries: Entries) -> Root:
        complete = len(entries) == len(self._plan.parts) and not self._plan.problems
        if not entries.digests or not complete:
            return {}
        return root_of_digests(entries.iter_digests(), self._plan.kind)
