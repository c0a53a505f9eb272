"""One part, read once: the unit of work that executors spread. Pure but for the reading."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from auditkit.datasets.base import FileEntry, Part, Problem, ScanMode
from auditkit.datasets.chunks import Chunk, drain
from auditkit.datasets.hashing import Advance
from auditkit.datasets.kinds import NameKind
from auditkit.datasets.names import printable
from auditkit.datasets.part_hashes import PartHashes
from auditkit.datasets.part_table import PartTable, bad_table
from auditkit.datasets.reading import PartReader, open_part
from auditkit.datasets.table_arrow import read_arrow
from auditkit.datasets.table_csv import CsvLayout, read_csv
from auditkit.datasets.table_jsonl import read_jsonl
from auditkit.datasets.table_parquet import read_parquet
from auditkit.digests import FurtherDigest
from auditkit.errors import DataError, TableFormatError
from auditkit.execution.progress import Progress
from auditkit.manifest.model import ContentKind, Field

_ReadRows: TypeAlias = Callable[[PartReader, ContentKind | None], Generator[Chunk, None, PartTable]]

_BATCH_BYTES: Final = 64 * 1024 * 1024
_BATCH_FILES: Final = 256
_WAITING_FILES: Final = 4
"""Where each file is waited for, few share a trip, so that many are waited for at once."""
FOOTED: Final[dict[str, _ReadRows]] = {"parquet": read_parquet, "arrow": read_arrow}
"""Kinds of tables that say what they hold without being read to the end."""


@dataclass(frozen=True, slots=True)
class PartTask:
    """A part to read, and how.

    `kind` is None for what is only hashed. `layout` goes with CSV, `fields` are the recorded
    columns of JSON Lines. Its first `counted` bytes were reported as progress before, and with
    `again` all of it was. In `full` mode its bytes get `further` digests beside SHA-256. A file
    with fewer rows than `least_rows` is none of its table.
    """

    part: Part
    mode: ScanMode = "full"
    kind: NameKind | None = None
    layout: CsvLayout | None = None
    fields: tuple[Field, ...] | None = None
    counted: int = 0
    again: bool = False
    further: tuple[FurtherDigest, ...] = ()
    least_rows: int = 0


@dataclass(frozen=True, slots=True)
class PartResult:
    """What came of a task: `entry` is None if the file could not be read at all."""

    task: PartTask
    entry: FileEntry | None
    table: PartTable | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class BatchReader:
    """Reads a batch of tasks; picklable where `progress` is."""

    progress: Progress
    collect: bool

    def __call__(self, tasks: tuple[PartTask, ...]) -> list[PartResult]:
        """Return the results in order; without `collect` the first DataError is raised."""
        return [self._read(task) for task in tasks]

    def _read(self, task: PartTask) -> PartResult:
        try:
            result = _read_to_end(task, self.advance)
        except DataError as error:
            result = PartResult(task, None, problem=Problem(task.part.path, error))
        if result.problem is not None and not self.collect:
            raise result.problem.error
        if not task.again:
            self.progress.advance(files=1)
        return result

    def advance(self, count: int) -> None:
        """Report that so many more bytes were read."""
        self.progress.advance(bytes=count)


def batches(tasks: Iterable[PartTask]) -> Iterator[tuple[PartTask, ...]]:
    """Group tasks so that small files share one trip to a worker: up to 256, or 64 MiB.

    Only a few do where each of them is waited for.
    """
    batch: list[PartTask] = []
    size = 0
    for task in tasks:
        batch.append(task)
        size += task.part.size
        most = _WAITING_FILES if task.part.source.waits else _BATCH_FILES
        if len(batch) >= most or size >= _BATCH_BYTES:
            yield tuple(batch)
            batch, size = [], 0
    if batch:
        yield tuple(batch)


def read_part(
    task: PartTask, advance: Advance, content: ContentKind | None = None
) -> Generator[Chunk, None, PartResult | PartTask]:
    """Yield the rows of a part, as a digest of kind `content` needs them, and hash its bytes.

    Without `content` the rows of Parquet and Arrow files are not decoded.

    Returns:
        What came of it, or the task to go on with where a CSV file asks for another layout.

    Raises:
        FileChangedError, UnreadableError: as `PartReader`.
    """
    counted = task.part.size if task.again else task.counted
    hashes = PartHashes(task.further, task.part.companion) if task.mode == "full" else None
    with open_part(task.part, hashes, advance=advance, counted=counted) as reader:
        table, problem = None, None
        try:
            table = yield from _read_table(reader, task, content)
        except TableFormatError as error:
            problem = Problem(printable(task.part.path), error)
        if isinstance(table, CsvLayout):
            return replace(task, layout=table, counted=max(counted, reader.position))
        reader.finish()
    entry = _entry(task, hashes, table.rows if table else None)
    return PartResult(task, entry._replace(stated=reader.stated), table, problem)


def _entry(task: PartTask, hashes: PartHashes | None, rows: int | None) -> FileEntry:
    part = task.part
    if hashes is None:
        return FileEntry(part.path, part.size, None, rows)
    found = hashes.digests()
    further = dict(zip(task.further, (digest.hex() for digest in found.further), strict=True))
    return FileEntry(part.path, part.size, found.sha256.hex(), rows, found.companion, **further)


def _read_to_end(task: PartTask, advance: Advance) -> PartResult:
    if task.mode == "metadata" and (task.kind is None or task.kind.kind not in FOOTED):
        return PartResult(task, FileEntry(task.part.path, task.part.size, None))
    while isinstance(found := drain(read_part(task, advance)), PartTask):
        task = found
    return found


def _read_table(
    reader: PartReader, task: PartTask, content: ContentKind | None
) -> Generator[Chunk, None, PartTable | CsvLayout | None]:
    if task.kind is None:
        return None
    if task.kind.kind in FOOTED:
        table = yield from FOOTED[task.kind.kind](reader, content)
        if table.rows < task.least_rows:
            raise bad_table(task.part, f"row {task.least_rows - 1} was deleted of {table.rows}")
        return table
    if task.layout is not None:
        return (yield from read_csv(reader, task.kind.codec, task.layout))
    return (yield from read_jsonl(reader, task.kind.codec, task.fields))
