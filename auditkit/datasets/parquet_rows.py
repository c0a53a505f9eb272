"""Rows of Parquet files: each byte is read and hashed once, and decoded from that same buffer.

A file is read in windows, front to back. A column chunk too large for a buffer is decoded while
it is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from auditkit.datasets.chunks import Chunk, Columns
from auditkit.datasets.content.blocks import BLOCK_ROWS
from auditkit.datasets.held_bytes import HeldBytes
from auditkit.datasets.parquet_windows import Window, leaves_of, plan_windows
from auditkit.datasets.reading import PartReader

WINDOW_BYTES: Final = 8 * 1024 * 1024
LARGEST_BUFFER: Final = 64 * 1024 * 1024
"""A column chunk of more bytes is not held in memory as a whole."""

_VALUES_AT_ONCE: Final = 1 << 20
_MAX_DECODED: Final = 64 * 1024 * 1024
_BUFFER_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Footer:
    """What is needed of a footer: `leaves[i]` are the chunks of top-level column i."""

    metadata: pq.FileMetaData
    leaves: tuple[range, ...]

    def leaves_in(self, window: Window) -> list[int]:
        return [leaf for field in window.fields for leaf in self.leaves[field]]


def read_windows(
    reader: PartReader, metadata: pq.FileMetaData, *, end: int, whole_rows: bool
) -> Iterator[Chunk]:
    """Yield all rows of a file; what lies between windows is only hashed.

    `end` is where the footer begins. With `whole_rows` every chunk has all columns of its rows.
    Raises ValueError for a footer whose column chunks overlap, lie outside of the file or in
    another file, and as `PartReader` does.
    """
    footer = _Footer(metadata, leaves_of(metadata))
    windows = plan_windows(
        metadata, footer.leaves, end=end, most=WINDOW_BYTES, whole_rows=whole_rows
    )
    for window in windows:
        reader.skip_to(window.start)
        size = window.end - window.start
        if size > LARGEST_BUFFER and not whole_rows and len(footer.leaves_in(window)) == 1:
            yield from _stream(reader, footer, window)
            continue
        # Arrow's memory, which goes back to the system at once: that of `bytes` is kept in pieces.
        data = pa.allocate_buffer(size)
        if reader.fill(memoryview(data).cast("B")) < size:  # Arrow's bytes have a sign
            raise ValueError("it ends in the middle of a column")
        yield _Encoded(footer, window, data, reader.size)


@dataclass(frozen=True, slots=True)
class _Encoded:
    """A window's bytes as they are in the file, of `file_bytes` bytes."""

    footer: _Footer
    window: Window
    data: pa.Buffer
    file_bytes: int

    @property
    def size(self) -> int:
        return self.data.size

    @property
    def first_row(self) -> int:
        return self.window.first_row

    @property
    def rows(self) -> int:
        return self.window.rows

    def columns(self) -> Columns:
        with self._open() as file:
            for fields in self._together():
                yield from _decode(file, self.footer, replace(self.window, fields=fields))

    def only(self, position: int) -> Chunk:
        fields = tuple(field for field in self.window.fields if field == position)
        return replace(self, window=replace(self.window, fields=fields))

    def tables(self) -> Iterator[pa.Table]:
        groups = list(self.window.groups)
        with self._open() as file:
            for batch in file.reader.iter_batches(BLOCK_ROWS, groups, use_threads=False):
                yield pa.Table.from_batches([batch])

    def _open(self) -> pq.ParquetFile:
        held = HeldBytes(self.file_bytes, {self.window.start: self.data})
        source = pa.PythonFile(held, mode="r")
        return pq.ParquetFile(source, metadata=self.footer.metadata, pre_buffer=False)

    def _together(self) -> Iterator[tuple[int, ...]]:
        """Yield the fields a few at a time, so that their values fit the processor's caches."""
        count = max(1, _VALUES_AT_ONCE // self.window.rows)
        for first in range(0, len(self.window.fields), count):
            yield self.window.fields[first : first + count]


def _decode(file: pq.ParquetFile, footer: _Footer, window: Window) -> Columns:
    leaves = footer.leaves_in(window)
    groups = list(window.groups)
    if _decoded_bytes(footer, window, leaves) <= _MAX_DECODED:
        table = file.reader.read_row_groups(groups, column_indices=leaves, use_threads=False)
        decoded: Iterator[Any] = iter([table])
    else:
        decoded = file.reader.iter_batches(
            BLOCK_ROWS, groups, column_indices=leaves, use_threads=False
        )
    row = window.first_row
    positions = sorted(window.fields)
    for table in decoded:
        for position, column in zip(positions, table.columns, strict=True):
            yield position, row, getattr(column, "chunks", [column])
        row += table.num_rows
    if row != window.first_row + window.rows:
        raise ValueError("a row group has another number of rows than its footer says")


def _decoded_bytes(footer: _Footer, window: Window, leaves: Sequence[int]) -> int:
    """Estimate the size of decoded values: dictionaries and runs make it larger than stored."""
    groups = [footer.metadata.row_group(index) for index in window.groups]
    stored = sum(group.column(leaf).total_uncompressed_size for group in groups for leaf in leaves)
    return max(stored, window.rows * len(leaves) * 8)


def _stream(reader: PartReader, footer: _Footer, window: Window) -> Iterator[Chunk]:
    """Decode one large column chunk while it is read, front to back."""
    source = pa.PythonFile(_Forward(reader), mode="r")
    with pq.ParquetFile(
        source, metadata=footer.metadata, pre_buffer=False, buffer_size=_BUFFER_BYTES
    ) as file:
        for position, row, arrays in _decode(file, footer, window):
            yield _Column(position, row, arrays)


@dataclass(frozen=True, slots=True)
class _Column:
    """Decoded rows of one column."""

    position: int
    row: int
    arrays: Sequence[Any]

    @property
    def size(self) -> int:
        return sum(array.nbytes for array in self.arrays)

    def only(self, position: int) -> Chunk:  # noqa: ARG002 -- there is but one
        return self

    def columns(self) -> Columns:
        yield self.position, self.row, self.arrays


class _Forward(HeldBytes):
    """A part as a file that is read front to back, and hashed with that."""

    def __init__(self, reader: PartReader) -> None:
        super().__init__(reader.size, {})
        self._reader = reader

    def read(self, size: int = -1) -> Any:
        if self._position < self._reader.position:
            raise ValueError("a column chunk is not stored front to back")
        self._reader.skip_to(self._position)
        data = self._reader.read(size)
        self._position += len(data)
        return data
