"""Work on the rows of a table: chunks on their way to a digest, or to a search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final, Protocol, TypeAlias, TypeVar, cast

import pyarrow as pa

from auditkit.datasets.base import Part
from auditkit.datasets.chunks import Chunk, WholeRows, repeated
from auditkit.datasets.content.sidecar import Extent
from auditkit.datasets.content_columns import conform
from auditkit.errors import TableFormatError
from auditkit.execution.executor import Executor

Result_co = TypeVar("Result_co", covariant=True)

FEW_ROWS: Final = 1 << 17

GROUP_BYTES: Final = 32 * 1024 * 1024
"""Chunks whose rows are hashed in one go hold about this much memory."""


@dataclass(frozen=True, slots=True)
class Feed:
    """How the columns of a part become those of the digest.

    `start` is the part's first row in the data set, `positions` are column in the part -> column
    of the digest, `constants` column of the digest -> its value in every row of the part.
    """

    start: int
    positions: Mapping[int, int]
    constants: Mapping[int, pa.Scalar] = field(default_factory=dict)  # type: ignore[type-arg]


@dataclass(frozen=True, slots=True)
class Work:
    """A chunk of a part on its way to the digest."""

    part: Part
    chunk: Chunk | WholeRows
    feed: Feed


@dataclass(frozen=True, slots=True)
class Fault:
    """What was wrong with the data of a part."""

    part: Part
    error: TableFormatError


class Sink(Protocol[Result_co]):
    """Makes something of chunks that come in any order."""

    def run(self, works: Iterator[Work]) -> Iterator[Fault]:
        """Take in all of `works`; yield what was wrong with any."""

    def result(self, rows: int, extents: Sequence[Extent]) -> Result_co:
        """Return what it made of all rows, which lie as `extents` say."""

    def close(self) -> None:
        """Remove what waits on disk."""


OpenSink: TypeAlias = Callable[[pa.Schema, Executor], Sink[Result_co]]
"""Opens a sink over columns, to work on an executor.

Raises TableFormatError for a column whose type has no content digest.
"""


def whole_rows(works: Iterable[Work], schema: pa.Schema) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield the rows of chunks as rows of `schema`, and the number of the first in its part.

    Raises TableFormatError for values that are not of the schema's types, and what decoding
    raises over bad data.
    """
    for work in works:
        chunk = cast("WholeRows", work.chunk)
        row = chunk.first_row
        for table in chunk.tables():
            for batch in _conformed(table, work.feed, schema).to_batches():
                yield row, batch
                row += batch.num_rows


def held_bytes(*works: Work) -> int:
    """Return about how many bytes of memory the chunks hold."""
    return sum(work.chunk.size for work in works)


def grouped(works: Iterable[Work]) -> Iterator[tuple[Work, ...]]:
    """Yield works of one part together, up to a few megabytes: what is made of few rows is slow."""
    group: list[Work] = []
    for work in works:
        if group and (work.part != group[0].part or held_bytes(*group, work) > GROUP_BYTES):
            yield tuple(group)
            group = []
        group.append(work)
    if group:
        yield tuple(group)


def look_ahead(works: Iterator[Work]) -> tuple[bool, Iterator[Work]]:
    """Tell whether there are more than a few rows, and return the works as they were.

    Few rows are hashed before a process has been started.
    """
    ahead: list[Work] = []
    rows = 0
    for work in works:
        ahead.append(work)
        rows += cast("WholeRows", work.chunk).rows
        if rows > FEW_ROWS or held_bytes(*ahead) > GROUP_BYTES:
            return True, chain(ahead, works)
    return False, iter(ahead)


def _conformed(table: pa.Table, feed: Feed, schema: pa.Schema) -> pa.Table:
    """Return the digest's columns, each in a layout of its own choice: a digest knows none."""
    columns: list[Any] = [None] * len(schema)
    for to, value in feed.constants.items():
        columns[to] = repeated(value, len(table))
    for position, to in feed.positions.items():
        type_ = schema.field(to).type
        chunks = [conform(chunk, type_) for chunk in table.column(position).chunks]
        columns[to] = pa.chunked_array(chunks, chunks[0].type if chunks else type_)
    return pa.Table.from_arrays(columns, names=schema.names)
