"""The block-digest sidecar: a Parquet file that says, block by block, what was hashed and where.

The format is in `docs/formats/content-digest.md`, section *Block digests*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from auditkit.datasets.content.blocks import BLOCK_ROWS
from auditkit.datasets.content.sequence import (
    DIGEST_BYTES,
    SequenceResult,
    block_count,
    block_rows,
    sequence_result,
)
from auditkit.datasets.content.types import LogicalColumn
from auditkit.datasets.names import printable
from auditkit.errors import SidecarError
from auditkit.manifest.typeinfo import resolved

_KEY: Final = b"auditkit:blocks"
_BATCH_BLOCKS: Final = 256
_MAX_UNCOMPRESSED: Final = 2**32

_PART: Final = pa.struct(
    [
        pa.field("file", pa.string(), nullable=False),
        pa.field("row_group", pa.uint32()),
        pa.field("first_row", pa.uint64(), nullable=False),
        pa.field("rows", pa.uint64(), nullable=False),
    ]
)
_SCHEMA: Final = pa.schema(
    [
        pa.field("block", pa.uint32(), nullable=False),
        pa.field("first_row", pa.uint64(), nullable=False),
        pa.field("rows", pa.uint32(), nullable=False),
        pa.field(
            "digests",
            pa.list_(pa.field("element", pa.binary(DIGEST_BYTES), nullable=False)),
            nullable=False,
        ),
        pa.field("sums", pa.list_(pa.field("element", pa.uint64())), nullable=False),
        pa.field("parts", pa.list_(pa.field("element", _PART, nullable=False)), nullable=False),
    ]
)


class BlocksHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the sidecar's metadata says of the table."""

    version: int
    rows: int
    columns: tuple[LogicalColumn, ...]


@dataclass(frozen=True, slots=True)
class Extent:
    """Rows that lie together: in a row group of a file, or in a file that has none.

    `first_row` is the first of them in the row group, or in the file where `row_group` is None.
    """

    file: str
    row_group: int | None
    first_row: int
    rows: int


@dataclass(frozen=True, slots=True)
class RecordedBlocks:
    """A sidecar as read: its table, recomputed from its block digests, and its extents.

    `extents` are in row order and cover all rows.
    """

    table: SequenceResult
    extents: tuple[Extent, ...]


def write_blocks(result: SequenceResult, extents: Iterable[Extent]) -> bytes:
    """Return the sidecar of `result`, whose rows lie as `extents` say, in row order.

    Raises ValueError unless the extents add up to the rows.
    """
    header = BlocksHeader(1, result.rows, tuple(found.column for found in result.columns))
    schema = _SCHEMA.with_metadata({_KEY: msgspec.json.encode(header)})
    parts = _parts(result, extents)
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for first in range(0, result.block_count, _BATCH_BLOCKS):
            numbers = range(first, min(first + _BATCH_BLOCKS, result.block_count))
            rows = [_record(result, number, next(parts)) for number in numbers]
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema))
    if next(parts, None) is not None:
        raise ValueError("the extents hold more rows than the table")
    return sink.getvalue().to_pybytes()


def read_blocks(data: bytes, *, digest: str) -> RecordedBlocks:
    """Return the sidecar in `data`, of which all digests recompute to the table digest `digest`.

    Raises SidecarError if it is malformed, or is of another table than `digest` says. What it
    holds besides the digests is bound only by its own digest in the manifest: check that first.
    """
    try:
        with pq.ParquetFile(pa.BufferReader(data)) as file:
            recorded = _read(file)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = printable(str(error).split("\n", 1)[0][:200])
        raise _malformed(f"not a sidecar of block digests ({reason})") from error
    if recorded.table.digest != digest:
        raise _malformed("the block digests do not recompute to the signed digest")
    return recorded


def _record(result: SequenceResult, number: int, parts: Sequence[Extent]) -> dict[str, Any]:
    return {
        "block": number,
        "first_row": number * BLOCK_ROWS,
        "rows": block_rows(result.rows, number),
        "digests": [column.block(number) for column in result.columns],
        "sums": [column.sums[number] if column.sums else None for column in result.columns],
        "parts": [
            {"file": p.file, "row_group": p.row_group, "first_row": p.first_row, "rows": p.rows}
            for p in parts
        ],
    }


def _parts(result: SequenceResult, extents: Iterable[Extent]) -> Iterator[list[Extent]]:
    """Cut extents at block borders; yield those of each block."""
    parts: list[Extent] = []
    filled = 0
    for extent in extents:
        taken = 0
        while taken < extent.rows:
            rows = min(BLOCK_ROWS - filled % BLOCK_ROWS, extent.rows - taken)
            first = extent.first_row + taken
            parts.append(Extent(extent.file, extent.row_group, first, rows))
            taken += rows
            filled += rows
            if filled % BLOCK_ROWS == 0:
                yield parts
                parts = []
    if parts:
        yield parts
    if filled != result.rows:
        raise ValueError(f"the extents hold {filled} rows, the table {result.rows}")


def _read(file: pq.ParquetFile) -> RecordedBlocks:
    metadata = (file.schema_arrow.metadata or {}).get(_KEY, b"")
    header = msgspec.json.decode(metadata, type=resolved(BlocksHeader))
    if header.version != 1 or header.rows < 0:
        raise ValueError(f"version {header.version} is not known")
    if not file.schema_arrow.equals(_SCHEMA):
        raise ValueError("its columns are others")
    _check_size(file.metadata, header)
    digests = [bytearray() for _ in header.columns]
    sums: list[list[int | None]] = [[] for _ in header.columns]
    extents: list[Extent] = []
    for row in _rows(file, header):
        for column, digest in enumerate(row["digests"]):
            digests[column] += digest
            sums[column].append(row["sums"][column])
        extents += [Extent(**part) for part in row["parts"]]
    blocks = [(bytes(d), _column_sums(s)) for d, s in zip(digests, sums, strict=True)]
    return RecordedBlocks(
        sequence_result(header.rows, header.columns, blocks), tuple(_merged(extents))
    )


def _check_size(metadata: pq.FileMetaData, header: BlocksHeader) -> None:
    """Refuse files that would unpack to more than they can rightly hold."""
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    if metadata.num_rows != block_count(header.rows):
        raise ValueError("the number of blocks is not that of the rows")
    if sum(group.total_byte_size for group in groups) > _MAX_UNCOMPRESSED:
        raise ValueError("it is too large")


def _rows(file: pq.ParquetFile, header: BlocksHeader) -> Iterator[dict[str, Any]]:
    number = 0
    for batch in file.iter_batches(_BATCH_BLOCKS, use_threads=False):
        batch.validate(full=True)
        for row in batch.to_pylist():
            _check_row(row, number, header)
            yield row
            number += 1


def _check_row(row: dict[str, Any], number: int, header: BlocksHeader) -> None:
    rows = block_rows(header.rows, number)
    width = len(header.columns)
    expected = (number, number * BLOCK_ROWS, rows, width, width, rows)
    lengths = (len(row["digests"]), len(row["sums"]), sum(part["rows"] for part in row["parts"]))
    if (row["block"], row["first_row"], row["rows"], *lengths) != expected:
        raise ValueError(f"block {number} does not fit its table")


def _column_sums(sums: list[int | None]) -> tuple[int, ...] | None:
    known = tuple(value for value in sums if value is not None)
    if known and len(known) != len(sums):
        raise ValueError("a column has weak sums for some blocks only")
    return known or None


def _merged(parts: Iterable[Extent]) -> Iterator[Extent]:
    """Join parts that block borders cut."""
    last: Extent | None = None
    for part in parts:
        joins = last is not None and (last.file, last.row_group) == (part.file, part.row_group)
        if last and joins and last.first_row + last.rows == part.first_row:
            last = Extent(last.file, last.row_group, last.first_row, last.rows + part.rows)
            continue
        if last:
            yield last
        last = part
    if last:
        yield last


def _malformed(message: str) -> SidecarError:
    return SidecarError(
        message,
        hint="Fetch the sidecar again; without it a change is found, but not located.",
    )
