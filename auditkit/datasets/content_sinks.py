"""Where the rows of a table go to become a content digest, one sink a pass over the table."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import pyarrow as pa

from auditkit.datasets.base import ContentRequest, ScannedContent
from auditkit.datasets.chunks import Chunk
from auditkit.datasets.content.bag import bag_result
from auditkit.datasets.content.collect import SequenceDigest
from auditkit.datasets.content.row_difference import row_difference
from auditkit.datasets.content.row_digests import write_row_digests
from auditkit.datasets.content.runs import Run, write_runs
from auditkit.datasets.content.sidecar import Extent
from auditkit.datasets.content.types import Array, logical_columns
from auditkit.datasets.content_columns import conform
from auditkit.datasets.content_work import (
    Fault,
    Feed,
    OpenSink,
    Work,
    grouped,
    held_bytes,
    look_ahead,
    whole_rows,
)
from auditkit.datasets.part_table import parsing
from auditkit.errors import TableFormatError
from auditkit.execution.executor import Executor


def digest_sink(request: ContentRequest) -> OpenSink[ScannedContent]:
    """Return what opens a sink for the digest that is asked for."""
    return SequenceSink if request.kind == "sequence" else partial(BagSink, request)


class SequenceSink:
    """Threads decode and hash; what they find is put together by row number."""

    def __init__(self, schema: pa.Schema, executor: Executor) -> None:
        self._schema = schema
        self._executor = executor
        self._digest = SequenceDigest(schema)

    def run(self, works: Iterator[Work]) -> Iterator[Fault]:
        """Take in all of `works`; yield what was wrong with any."""
        for fault in self._executor.map(self._add, works, size=held_bytes):
            if fault is not None:
                yield fault

    def result(self, rows: int, extents: Sequence[Extent]) -> ScannedContent:
        """Return the digest over all rows, which lie as `extents` say."""
        found = self._digest.finish(rows)
        return ScannedContent("sequence", found.digest, tuple(extents), blocks=found)

    def close(self) -> None:
        """Remove what waits on disk."""
        self._digest.close()

    def _add(self, work: Work) -> Fault | None:
        try:
            with parsing(work.part):
                for position, row, arrays in cast("Chunk", work.chunk).columns():
                    self._add_column(work.feed, position, row, arrays)
        except TableFormatError as error:
            return Fault(work.part, error)
        return None

    def _add_column(self, feed: Feed, position: int, row: int, arrays: Sequence[Array]) -> None:
        to = feed.positions.get(position)
        if to is not None:
            type_ = self._schema.field(to).type
            values = [conform(array, type_) for array in arrays]
            self._digest.add_column(to, feed.start + row, values)


class BagSink:
    """Processes hash rows, which the interpreter does one by one; runs of them wait on disk."""

    def __init__(self, request: ContentRequest, schema: pa.Schema, executor: Executor) -> None:
        logical_columns(schema)
        self._request = request
        self._schema = schema
        self._executor = executor
        self._folder = tempfile.TemporaryDirectory(prefix="auditkit-")
        self._runs: list[Run] = []

    def run(self, works: Iterator[Work]) -> Iterator[Fault]:
        """Take in all of `works`; yield what was wrong with any."""
        hash_rows = _HashRows(Path(self._folder.name), self._schema)
        many, works = look_ahead(works)
        groups = enumerate(grouped(works))
        for found in self._executor.map(
            hash_rows, groups, interpreted=many, size=lambda task: held_bytes(*task[1])
        ):
            if isinstance(found, Fault):
                yield found
            else:
                self._runs += found

    def result(self, rows: int, extents: Sequence[Extent]) -> ScannedContent:
        """Return the digest over all rows, which lie as `extents` say."""
        bag = bag_result(self._schema, self._runs, self._executor.map)
        if bag.rows != rows:
            raise ValueError(f"{bag.rows} rows were read, and {rows} counted")
        sidecar, difference = None, None
        if self._request.row_digests:
            sidecar = write_row_digests(bag, self._runs)
        recorded = self._request.recorded
        if recorded is not None and recorded.bag.digest != bag.digest:
            difference = row_difference(recorded, bag, self._runs)
        return ScannedContent(
            "bag", bag.digest, tuple(extents), row_digests=sidecar, difference=difference
        )

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
                batches = (batch for _, batch in whole_rows(works, self.schema))
                return write_runs(batches, self.folder, str(number))
        except TableFormatError as error:
            return Fault(part, error)
