"""Blocks of 65,536 rows: where they are cut, their digests, and pieces that do not fill one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from auditkit.datasets.content.encode import sections
from auditkit.datasets.content.fixed import is_fixed, weak_sum
from auditkit.datasets.content.sections import Section, detach, emit, join, raw_buffers
from auditkit.datasets.content.types import Array, plain_type
from auditkit.merkle import LEAF_PREFIX

BLOCK_ROWS: Final = 65_536

_U64: Final = 2**64


@dataclass(frozen=True, slots=True)
class RowRange:
    """Rows `first` to `end - 1`."""

    first: int
    rows: int

    @property
    def end(self) -> int:
        """The row after the last."""
        return self.first + self.rows


@dataclass(frozen=True, slots=True)
class BlockDigest:
    """One block: its 32-byte leaf hash, and its weak sum where the column is of fixed width."""

    sha256: bytes
    weak: int | None


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a block: `start` is its first row in the data set. It owns its bytes."""

    start: int
    rows: int
    sections: tuple[Section, ...]
    weak: int | None


@dataclass(frozen=True, slots=True)
class ColumnPart:
    """What a run of rows of one column gives: whole blocks by number, and pieces of others."""

    blocks: tuple[tuple[int, BlockDigest], ...]
    fragments: tuple[Fragment, ...]


def hash_column(start: int, arrays: Sequence[Array]) -> ColumnPart:
    """Return the digests and fragments of one column's rows from row `start` on.

    A pure function whose result is small and picklable, for threads and processes alike. Raises
    TableFormatError as `encode` does.
    """
    blocks: list[tuple[int, BlockDigest]] = []
    fragments: list[Fragment] = []
    for first, rows, slices in cut(start, arrays):
        found, weak = _sections(slices)
        if rows == BLOCK_ROWS:
            blocks.append((first // BLOCK_ROWS, BlockDigest(leaf(rows, found), weak)))
        else:
            fragments.append(Fragment(first, rows, tuple(detach(found)), weak))
    return ColumnPart(tuple(blocks), tuple(fragments))


def hash_block(arrays: Sequence[Array]) -> bytes:
    """Return the 32-byte leaf hash of the values of `arrays`, at most one block, at least one."""
    return leaf(sum(map(len, arrays)), join([sections(array) for array in arrays]))


def hash_fragments(fragments: Sequence[Fragment]) -> BlockDigest:
    """Return the digest of the block that `fragments`, in row order, make up."""
    found = join([fragment.sections for fragment in fragments])
    weak = [fragment.weak for fragment in fragments if fragment.weak is not None]
    rows = sum(fragment.rows for fragment in fragments)
    return BlockDigest(leaf(rows, found), sum(weak) % _U64 if weak else None)


def leaf(rows: int, found: Sequence[Section]) -> bytes:
    """Return SHA-256(0x00 || u32 rows || E): the RFC 6962 leaf hash of a block."""
    digest = hashlib.sha256(LEAF_PREFIX + rows.to_bytes(4, "little"))
    for buffer in emit(found):
        digest.update(buffer)
    return digest.digest()


def cut(start: int, arrays: Sequence[Array]) -> Iterator[tuple[int, int, list[Array]]]:
    """Yield (first row, rows, slices) of the blocks and pieces of blocks that `arrays` hold."""
    first = row = start
    slices: list[Array] = []
    for array in arrays:
        taken = 0
        while taken < len(array):
            rows = min(BLOCK_ROWS - row % BLOCK_ROWS, len(array) - taken)
            slices.append(array if rows == len(array) else array.slice(taken, rows))
            taken += rows
            row += rows
            if row % BLOCK_ROWS == 0:
                yield first, row - first, slices
                first, slices = row, []
    if slices:
        yield first, row - first, slices


def rows_of(arrays: Sequence[Array], first: int, rows: int) -> list[Array]:
    """Return slices that hold rows `first` to `first + rows - 1` of `arrays`, end to end."""
    slices: list[Array] = []
    for array in arrays:
        if rows and first < len(array):
            slices.append(array.slice(first, rows))
            rows -= len(slices[-1])
        first = max(0, first - len(array))
    return slices


def has_weak_sum(type_: pa.DataType) -> bool:
    """Tell whether columns of this type have weak sums: those of fixed width, except bool."""
    return is_fixed(plain_type(type_))


def _sections(arrays: Sequence[Array]) -> tuple[list[Section], int | None]:
    pieces = [sections(array) for array in arrays]
    if not has_weak_sum(arrays[0].type):
        return join(pieces), None
    values = [buffer for piece in pieces for buffer in raw_buffers(piece)]
    return join(pieces), sum(weak_sum(np.asarray(buffer)) for buffer in values) % _U64
