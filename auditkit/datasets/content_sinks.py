"""Where the rows of a table go to become a content digest, one sink a pass over the table."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Condition
from typing import Any, Final, Protocol, cast

import pyarrow as pa

from auditkit.datasets.base import Part, ScannedContent
from auditkit.datasets.chunks import Chunk, WholeRows, repeated
from auditkit.datasets.content.bag import bag_result
from auditkit.datasets.content.collect import SequenceDigest
from auditkit.datasets.content.runs import Run, write_runs
from auditkit.datasets.content.sidecar import Extent
from auditkit.datasets.content.types import Array, logical_columns
from auditkit.datasets.content_columns import conform
from auditkit.datasets.part_table import parsing
from auditkit.errors import TableFormatError
from auditkit.execution.executor import Executor
from auditkit.manifest.model import ContentKind

IN_FLIGHT_BYTES: Final = 64 * 1024 * 1024
"""Chunks that wait to be digested hold about this much memory."""

GROUP_BYTES: Final = 32 * 1024 * 1024
"""Chunks whose rows are hashed in one go, for `bag`."""


@dataclass(frozen=True, slots=True)
class Feed:
    """How the columns of a part become those of the digest.

    `start` is the part's first row in the data set, `positions` are column in the part -> column
    of the digest, `constants` the values of the digest's last columns.
    """

    start: int
    positions: dict[int, int]
    constants: tuple[pa.Scalar, ...] = ()  # type: ignore[type-arg]


@dataclass(frozen=True, slots=True)
class Work:
    """A chunk of a part on its way to the digest."""

    part: Part
    chunk: Chunk
    feed: Feed


@dataclass(frozen=True, slots=True)
class Fault:
    """What was wrong with the data of a part."""

    part: Part
    error: TableFormatError


class Sink(Protocol):
    """Makes a digest of chunks that come in any order."""

    def run(self, works: Iterator[Work]) -> Iterator[Fault]:
        """Take in all of `works`; yield what was wrong with any."""

    def result(self, rows: int, extents: Sequence[Extent]) -> ScannedContent:
        """Return the digest over all rows, which lie as `extents` say."""

    def close(self) -> None:
        """Remove what waits on disk."""


def open_sink(kind: ContentKind, schema: pa.Schema, executor: Executor) -> Sink:
    """Return a sink for this kind of digest over these columns, which works on `executor`.

    Raises TableFormatError for a column whose type has no content digest.
    """
    return (SequenceSink if kind == "sequence" else BagSink)(schema, executor)


class SequenceSink:
    """Threads decode and hash; what they find is put together by row number."""

    def __init__(self, schema: pa.Schema, executor: Executor) -> None:
        self._schema = schema
        self._executor = executor
        self._digest = SequenceDigest(schema)
        self._budget = _Budget(IN_FLIGHT_BYTES)

    def run(self, works: Iterator[Work]) -> Iterator[Fault]:
        """Take in all of `works`; yield what was wrong with any."""
        for fault in self._executor.map(self._add, self._budget.admit(works)):
            if fault is not None:
                yield fault

    def result(self, rows: int, extents: Sequence[Extent]) -> ScannedContent:
        """Return the digest over all rows, which lie as `extents` say."""
        found = self._digest.finish(rows)
        return ScannedContent("sequence", found.digest, found, tuple(extents))

    def close(self) -> None:
        """Remove what waits on disk."""
        self._digest.close()

    def _add(self, work: Work) -> Fault | None:
        size = work.chunk.size
        try:
            with parsing(work.part):
                for position, row, arrays in work.chunk.columns():
                    self._add_column(work.feed, position, row, arrays)
        except TableFormatError as error:
            return Fault(work.part, error)
        finally:
            self._budget.release(size)
        return None

    def _add_column(self, feed: Feed, position: int, row: int, arrays: Sequence[Array]) -> None:
        to = feed.positions.get(position)
        if to is not None:
            type_ = self._schema.field(to).type
            values = [conform(array, type_) for array in arrays]
            self._digest.add_column(to, feed.start + row, values)


class _Budget:
    """Lets work through as long as what is under way holds little memory."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._changed = Condition()

    def admit(self, works: Iterator[Work]) -> Iterator[Work]:
        for work in works:
            size = work.chunk.size
            with self._changed:
                while self._held and self._held + size > self._most:
                    self._changed.wait()
                self._held += size
            yield work

    def release(self, size: int) -> None:
        with self._changed:
            self._held -= size
            self._changed.notify_all()


class BagSink:
    """Processes hash rows, which the interpreter does one by one; runs of them wait on disk."""

    def __init__(self, schema: pa.Schema, executor: Executor) -> None:
        logical_columns(schema)
        self._schema = schema
        self._executor = executor
        self._folder = tempfile.TemporaryDirectory(prefix="auditkit-")
        self._runs: list[Run] = []

    def run(self, works: Iterator[Work]) -> Iterator[Fault]:
        """Take in all of `works`; yield what was wrong with any."""
        hash_rows = _HashRows(Path(self._folder.name), self._schema)
        groups = enumerate(_grouped(works))
        for found in self._executor.map(hash_rows, groups, interpreted=True):
            if isinstance(found, Fault):
                yield found
            else:
                self._runs += found

    def result(self, rows: int, extents: Sequence[Extent]) -> ScannedContent:  # noqa: ARG002
        """Return the digest over all rows; where they lie is no part of it."""
        found = bag_result(self._schema, self._runs, self._executor.map)
        if found.rows != rows:
            raise ValueError(f"{found.rows} rows were read, and {rows} counted")
        return ScannedContent("bag", found.digest)

    def close(self) -> None:
        """Remove what waits on disk."""
        self._folder.cleanup()


@dataclass(frozen=True, slots=True)
class _HashRows:
    """Writes the sorted row hashes of some chunks to disk, in whichever process."""

    folder: Path
    schema: pa.Schema

    def __call__(self, task: tuple[int, tuple[Work, ...]]) -> list[Run] | Fault:
        number, works = task
        part = works[0].part
        try:
            with parsing(part):
                return write_runs(self._batches(works), self.folder, str(number))
        except TableFormatError as error:
            return Fault(part, error)

    def _batches(self, works: Sequence[Work]) -> Iterator[pa.RecordBatch]:
        for work in works:
            for table in cast("WholeRows", work.chunk).tables():
                yield from self._conformed(table, work.feed).to_batches()

    def _conformed(self, table: pa.Table, feed: Feed) -> pa.Table:
        columns: list[Any] = [repeated(value, len(table)) for value in feed.constants]
        stored = {to: table.column(position) for position, to in feed.positions.items()}
        for to in range(len(stored) - 1, -1, -1):
            type_ = self.schema.field(to).type
            columns.insert(
                0, pa.chunked_array([conform(a, type_) for a in stored[to].chunks], type_)
            )
        return pa.Table.from_arrays(columns, schema=self.schema)


def _grouped(works: Iterator[Work]) -> Iterator[tuple[Work, ...]]:
    """Yield works of one part together, up to a few megabytes: runs should not be small."""
    group: list[Work] = []
    for work in works:
        if group and (work.part != group[0].part or _size(group) + work.chunk.size > GROUP_BYTES):
            yield tuple(group)
            group = []
        group.append(work)
    if group:
        yield tuple(group)


def _size(works: Sequence[Work]) -> int:
    return sum(work.chunk.size for work in works)
