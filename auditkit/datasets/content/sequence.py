"""The `sequence` digest over block digests: one Merkle tree a column, and what binds them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from auditkit.datasets.content.blocks import BLOCK_ROWS
from auditkit.datasets.content.types import LogicalColumn
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
