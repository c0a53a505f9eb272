"""Chunks: rows of one file on their way to a content digest, decoded or still to be decoded."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import pyarrow as pa

from auditkit.datasets.content.blocks import BLOCK_ROWS
from auditkit.datasets.content.types import Array

Columns = Iterator[tuple[int, int, Sequence[Array]]]
"""(position of the column in the file, first row in the file, arrays that follow each other)."""

Result = TypeVar("Result")

_VALUES_A_BATCH: Final = 1 << 20


class Chunk(Protocol):
    """Some rows of some columns of a file. `size` is about how many bytes it holds in memory."""

    @property
    def size(self) -> int:
        """Bytes that the chunk keeps in memory until its columns were read."""

    def columns(self) -> Columns:
        """Yield the columns, decoding what is not decoded yet.

        Raises what pyarrow does over bad data: ArrowException, OSError, ValueError.
        """

    def only(self, position: int) -> Chunk:
        """Return the same rows, of which other columns need not be decoded."""


class WholeRows(Protocol):
    """Rows of a file with all their columns; `first_row` is the first of them in the file."""

    @property
    def size(self) -> int:
        """Bytes that they keep in memory until they were read."""

    @property
    def first_row(self) -> int:
        """Number of the chunk's first row."""

    @property
    def rows(self) -> int:
        """How many rows it has."""

    def tables(self) -> Iterator[pa.Table]:
        """Yield the rows in order, some at a time; raises as `columns`."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Whole rows that a reader has decoded; `untrusted` arrays are validated before use."""

    first_row: int
    table: pa.Table
    untrusted: bool = False

    @property
    def size(self) -> int:
        """Bytes of the arrays."""
        return self.table.nbytes

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.table.num_rows

    def columns(self) -> Columns:
        """Yield every column."""
        for table in self.tables():
            for position, column in enumerate(table.columns):
                yield position, self.first_row, column.chunks

    def only(self, position: int) -> Chunk:  # noqa: ARG002 -- they are decoded already
        """Return the same rows."""
        return self

    def tables(self) -> Iterator[pa.Table]:
        """Yield the table."""
        if self.untrusted:
            self.table.validate(full=True)
        yield self.table


@dataclass(frozen=True, slots=True)
class Constant:
    """One value for all rows of a file: a column that is kept in the names of folders."""

    position: int
    rows: int
    value: pa.Scalar  # type: ignore[type-arg]

    @property
    def size(self) -> int:
        """Bytes of one block of the value."""
        return BLOCK_ROWS * 8

    def only(self, position: int) -> Chunk:  # noqa: ARG002 -- there is but one
        """Return the same rows."""
        return self

    def columns(self) -> Columns:
        """Yield the column, a few blocks at a time."""
        most = max(BLOCK_ROWS, _VALUES_A_BATCH)
        for first in range(0, self.rows, most):
            yield self.position, first, [repeated(self.value, min(most, self.rows - first))]


def repeated(value: Any, rows: int) -> Array:
    """Return an array with the Arrow scalar `value` in every row."""
    return pa.repeat(value, rows)


def nulls(rows: int, type_: Any) -> Array:
    """Return an array of `type_` without a value in any row."""
    return pa.nulls(rows, type_)


def drain(chunks: Generator[Chunk, None, Result]) -> Result:
    """Run a reader to its end, without its chunks; return what it found."""
    while True:
        try:
            next(chunks)
        except StopIteration as end:
            result: Result = end.value
            return result
