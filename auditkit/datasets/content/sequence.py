"""The `sequence` digest: each column in row order, in blocks, under one Merkle tree a column."""

from __future__ import annotations

import hashlib
import threading
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

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
from auditkit.datasets.content.types import Array, LogicalColumn, logical_columns, type_token
from auditkit.errors import TableFormatError
from auditkit.merkle import tree_hash

DIGEST_BYTES: Final = 32

_DOMAIN: Final = b"auditkit:sequence:1\0"


@dataclass(frozen=True, slots=True)
class ColumnDigest:
    """One column: its root in hex, and its blocks' digests, 32 bytes each, in order.

    `sums` are the blocks' weak sums, None where the column's type has none.
    """

    column: LogicalColumn
    root: str
    blocks: bytes
    sums: tuple[int, ...] | None

    def block(self, number: int) -> bytes:
        """Return the 32-byte digest of block `number`."""
        return self.blocks[number * DIGEST_BYTES : (number + 1) * DIGEST_BYTES]


@dataclass(frozen=True, slots=True)
class SequenceResult:
    """A table's `sequence` digest in hex, its number of rows, and what it was made of."""

    digest: str
    rows: int
    columns: tuple[ColumnDigest, ...]

    @property
    def block_count(self) -> int:
        """Number of blocks of every column."""
        return block_count(self.rows)


def block_count(rows: int) -> int:
    """Return how many blocks `rows` rows make."""
    return -(-rows // BLOCK_ROWS)


def block_rows(rows: int, number: int) -> int:
    """Return how many of a data set's `rows` rows are in block `number`."""
    return min(BLOCK_ROWS, rows - number * BLOCK_ROWS)


def sequence_result(
    rows: int,
    columns: Sequence[LogicalColumn],
    blocks: Sequence[tuple[bytes, tuple[int, ...] | None]],
) -> SequenceResult:
    """Return the result over each column's block digests (concatenated) and weak sums."""
    found = tuple(
        ColumnDigest(column, column_root(digests).hex(), digests, sums)
        for column, (digests, sums) in zip(columns, blocks, strict=True)
    )
    roots = [bytes.fromhex(column.root) for column in found]
    return SequenceResult(sequence_digest(rows, columns, roots), rows, found)


def column_root(blocks: bytes) -> bytes:
    """Return the 32-byte RFC 6962 root over concatenated block digests."""
    return tree_hash(blocks[at : at + DIGEST_BYTES] for at in range(0, len(blocks), DIGEST_BYTES))


def sequence_digest(rows: int, columns: Sequence[LogicalColumn], roots: Sequence[bytes]) -> str:
    """Return the table digest in hex: domain, row count, and per column name, type and root."""
    digest = hashlib.sha256(_DOMAIN + rows.to_bytes(8, "little"))
    digest.update(len(columns).to_bytes(4, "little"))
    for column, root in zip(columns, roots, strict=True):
        digest.update(column_header(column) + root)
    return digest.hexdigest()


def column_header(column: LogicalColumn) -> bytes:
    """Return name and type token of a column, each after its length in bytes as u32."""
    return b"".join(
        len(text).to_bytes(4, "little") + text
        for text in (column.name.encode(), column.type.encode())
    )


class SequenceDigest:
    """Collects the parts of a table, in any order and from any thread, at known row offsets.

    Whole blocks are hashed where they lie; pieces of blocks are copied and wait for the rest.
    """

    def __init__(self, schema: pa.Schema) -> None:
        """Raises TableFormatError for a column whose type has no content digest."""
        self._columns = logical_columns(schema)
        self._types = list(schema.types)
        self._found = [_Column(has_weak_sum(type_)) for type_ in schema.types]
        self._lock = threading.Lock()

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
                pieces = found.collect(fragment)
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

    def _put(self, index: int, pieces: list[Fragment]) -> None:
        block = hash_fragments(pieces)
        with self._lock:
            self._found[index].put_pieces(pieces, block)

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
        self._pieces: dict[int, list[Fragment]] = {}

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
        pieces = self._pieces.setdefault(number, [])
        pieces.append(fragment)
        if sum(piece.rows for piece in pieces) < BLOCK_ROWS:
            return None
        del self._pieces[number]
        return sorted(pieces, key=lambda piece: piece.start)

    def waiting(self) -> list[list[Fragment]]:
        """Take out the pieces of blocks that are not full, block by block, in row order."""
        pieces = [sorted(p, key=lambda piece: piece.start) for p in self._pieces.values()]
        self._pieces.clear()
        return pieces

    def put_pieces(self, pieces: list[Fragment], block: BlockDigest) -> None:
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
