"""Collecting a `sequence` digest from the parts of a table, in whatever order they come."""

from __future__ import annotations

import threading
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

import pyarrow as pa

from auditkit.datasets.content.blocks import (
    BLOCK_ROWS,
    BlockDigest,
    ColumnPart,
    Fragment,
    has_weak_sum,
    hash_column,
    hash_fragments,
)
from auditkit.datasets.content.sections import raw_buffers, spooled
from auditkit.datasets.content.sequence import (
    DIGEST_BYTES,
    SequenceResult,
    block_count,
    block_rows,
    sequence_result,
)
from auditkit.datasets.content.spool import Spool, Stored
from auditkit.datasets.content.types import Array, logical_columns, type_token
from auditkit.errors import TableFormatError

SPOOL_BYTES: Final = 64 * 1024 * 1024
"""Unfinished blocks take about this much memory; the large values of more wait on disk."""


class SequenceDigest:
    """Collects the parts of a table, in any order and from any thread, at known row offsets.

    Whole blocks are hashed where they lie; pieces of blocks are copied and wait for the rest. Use
    it as a context manager, or `close` it, to remove what waits on disk.
    """

    def __init__(self, schema: pa.Schema, *, spool_bytes: int = SPOOL_BYTES) -> None:
        """Raises TableFormatError for a column whose type has no content digest."""
        self._columns = logical_columns(schema)
        self._types = list(schema.types)
        self._found = [_Column(has_weak_sum(type_)) for type_ in schema.types]
        self._lock = threading.Lock()
        self._spool = Spool()
        self._spool_bytes = spool_bytes
        self._held_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove what waits on disk."""
        self._spool.close()

    def add_batch(self, start: int, batch: pa.RecordBatch) -> None:
        """Add rows whose first is row `start` of the data set.

        Raises TableFormatError if a column's type is another than the schema's, or a value has
        no encoding.
        """
        for index, column in enumerate(batch.columns):
            self.add_column(index, start, [column])

    def add_column(self, index: int, start: int, arrays: Sequence[Array]) -> None:
        """Add rows of the column at position `index`; `arrays` follow each other."""
        for chunk in arrays:
            self._check_type(index, chunk.type)
        self.add_part(index, hash_column(start, arrays))

    def add_part(self, index: int, part: ColumnPart) -> None:
        """Add what `hash_column` made of a run of rows, in this process or another.

        Raises ValueError if rows come twice.
        """
        complete: list[list[Fragment]] = []
        with self._lock:
            found = self._found[index]
            for number, block in part.blocks:
                found.put(number, block)
            for fragment in part.fragments:
                pieces = found.collect(self._held(fragment))
                if pieces:
                    complete.append(pieces)
        for pieces in complete:
            self._put(index, pieces)

    def finish(self, rows: int) -> SequenceResult:
        """Return the result over `rows` rows; raises ValueError if any of them is missing."""
        for index, found in enumerate(self._found):
            for pieces in found.waiting():
                self._put(index, pieces)
        blocks = [found.finish(rows) for found in self._found]
        return sequence_result(rows, self._columns, blocks)

    def _held(self, fragment: Fragment) -> Fragment:
        if self._held_bytes + _memory(fragment) > self._spool_bytes:
            fragment = replace(fragment, sections=tuple(spooled(fragment.sections, self._spool)))
        self._held_bytes += _memory(fragment)
        return fragment

    def _put(self, index: int, pieces: list[Fragment]) -> None:
        block = hash_fragments(pieces)
        with self._lock:
            self._found[index].put_pieces(pieces, block)
            self._held_bytes -= sum(map(_memory, pieces))
        for buffer in raw_buffers(section for piece in pieces for section in piece.sections):
            if isinstance(buffer, Stored):
                buffer.discard()

    def _check_type(self, index: int, type_: pa.DataType) -> None:
        if type_ == self._types[index]:
            return
        column, found = self._columns[index], type_token(type_)
        if found != column.type:
            raise TableFormatError(
                f"column {column.name[:100]!r} is {found} where the schema has {column.type}"
            )


class _Column:
    """Block digests of one column, by block number, and the pieces that wait."""

    def __init__(self, weak: bool) -> None:
        self._weak = weak
        self._digests = bytearray()
        self._sums = array("Q")
        self._rows = array("I")
        self._pieces: dict[int, list[Fragment]] = defaultdict(list)
        self._waiting_rows: dict[int, int] = defaultdict(int)

    def put(self, number: int, block: BlockDigest, rows: int = BLOCK_ROWS) -> None:
        missing = number + 1 - len(self._rows)
        if missing > 0:
            self._rows.extend([0] * missing)
            self._sums.extend([0] * missing)
            self._digests.extend(bytes(missing * DIGEST_BYTES))
        if self._rows[number] or number in self._pieces:
            raise ValueError(f"rows of block {number} came twice")
        self._rows[number] = rows
        self._sums[number] = block.weak or 0
        self._digests[number * DIGEST_BYTES : (number + 1) * DIGEST_BYTES] = block.sha256

    def collect(self, fragment: Fragment) -> list[Fragment] | None:
        """Keep a piece; return all pieces of its block in row order once they fill it."""
        number = fragment.start // BLOCK_ROWS
        self._pieces[number].append(fragment)
        self._waiting_rows[number] += fragment.rows
        if self._waiting_rows[number] < BLOCK_ROWS:
            return None
        del self._waiting_rows[number]
        return _in_order(self._pieces.pop(number))

    def waiting(self) -> list[list[Fragment]]:
        """Take out the pieces of blocks that are not full, block by block, in row order."""
        pieces = [_in_order(waiting) for waiting in self._pieces.values()]
        self._pieces.clear()
        self._waiting_rows.clear()
        return pieces

    def put_pieces(self, pieces: Sequence[Fragment], block: BlockDigest) -> None:
        row = first = pieces[0].start // BLOCK_ROWS * BLOCK_ROWS
        for piece in pieces:
            if piece.start != row:
                raise ValueError(f"rows around row {row} came twice or not at all")
            row += piece.rows
        self.put(first // BLOCK_ROWS, block, row - first)

    def finish(self, rows: int) -> tuple[bytes, tuple[int, ...] | None]:
        wanted = [block_rows(rows, number) for number in range(block_count(rows))]
        if self._rows.tolist() != wanted:
            raise ValueError(f"the parts do not make up {rows} rows")
        return bytes(self._digests), tuple(self._sums) if self._weak else None


def _in_order(pieces: Iterable[Fragment]) -> list[Fragment]:
    return sorted(pieces, key=lambda piece: piece.start)


def _memory(fragment: Fragment) -> int:
    buffers = raw_buffers(fragment.sections)
    return sum(len(buffer) for buffer in buffers if not isinstance(buffer, Stored))
