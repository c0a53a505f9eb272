"""The row-digest sidecar of a `bag`: which rows there are, so that added ones can be named later.

The format is in `docs/formats/content-digest.md`, section *Row digests*.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from auditkit.datasets.content.bag import BagResult, bag_digest, bucket_records
from auditkit.datasets.content.rows import ROW_DIGEST
from auditkit.datasets.content.runs import BUCKETS, COUNT, Counts, Digests, Run, merged
from auditkit.datasets.content.types import LogicalColumn
from auditkit.datasets.names import printable
from auditkit.errors import SidecarError
from auditkit.manifest.typeinfo import resolved
from auditkit.schemes import MAX_SIDECAR_BYTES

_KEY: Final = b"auditkit:rows"
_GROUP_ROWS: Final = 1 << 18
_BATCH_ROWS: Final = 1 << 16
_MAX_UNCOMPRESSED: Final = 2 * MAX_SIDECAR_BYTES
_MAX_ROWS: Final = 2**53 - 1
_LOW: Final = 0xFFFFFFFF

_FIELDS: Final[list[pa.Field[Any]]] = [
    pa.field("digest", pa.binary(ROW_DIGEST.itemsize), nullable=False),
    pa.field("count", pa.uint64(), nullable=False),
]
_SCHEMA: Final = pa.schema(_FIELDS)

Counted: TypeAlias = tuple[Digests, Counts]
"""Distinct row digests in ascending order, and how many rows have each."""


class RowsHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the sidecar's metadata says of the table."""

    version: int
    rows: int
    columns: tuple[LogicalColumn, ...]


@dataclass(frozen=True, slots=True)
class RecordedRows:
    """A sidecar as read: its bytes, and the digest that its row digests recompute to."""

    bag: BagResult
    data: bytes

    def buckets(self) -> Iterator[Counted]:
        """Yield the row digests of every bucket in order, those of one in memory at a time."""
        with pq.ParquetFile(pa.BufferReader(self.data)) as file:
            following = 0
            for bucket, pieces in groupby(_pieces(file), key=lambda piece: piece[0]):
                yield from [_joined([])] * (bucket - following)
                yield _joined([counted for _, counted in pieces])
                following = bucket + 1
        yield from [_joined([])] * (BUCKETS - following)


def write_row_digests(bag: BagResult, runs: Sequence[Run]) -> bytes | None:
    """Return the sidecar of `bag`, which was made of `runs`.

    None if it would be larger than sidecars may be: from some 33 million distinct rows on. Raises
    OSError.
    """
    header = RowsHeader(1, bag.rows, bag.columns)
    schema = _SCHEMA.with_metadata({_KEY: msgspec.json.encode(header)})
    sink = pa.BufferOutputStream()
    options: dict[str, Any] = {
        "compression": {"digest": "none", "count": "zstd"},
        "use_dictionary": ["count"],
    }
    with pq.ParquetWriter(sink, schema, write_statistics=False, **options) as writer:
        for digests, counts in _groups(runs):
            writer.write_batch(_batch(digests, counts, schema))
            if sink.tell() > MAX_SIDECAR_BYTES:
                return None
    return sink.getvalue().to_pybytes() if sink.tell() <= MAX_SIDECAR_BYTES else None


def read_row_digests(data: bytes, *, digest: str) -> RecordedRows:
    """Return the sidecar in `data`, whose row digests recompute to the table digest `digest`.

    Raises SidecarError if it is malformed, or is of another table than `digest` says.
    """
    try:
        with pq.ParquetFile(pa.BufferReader(data)) as file:
            bag = _recompute(file)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = printable(str(error).split("\n", 1)[0][:200])
        raise _malformed(f"not a sidecar of row digests ({reason})") from error
    if bag.digest != digest:
        raise _malformed("the row digests do not recompute to the signed digest")
    return RecordedRows(bag, data)


def _groups(runs: Sequence[Run]) -> Iterator[Counted]:
    """Yield all row digests in order, as many at a time as make a row group."""
    waiting: list[Counted] = []
    for bucket in range(BUCKETS):
        for counted in merged(runs, bucket):
            waiting.append(counted)
            if sum(len(digests) for digests, _ in waiting) >= _GROUP_ROWS:
                yield _joined(waiting)
                waiting.clear()
    if waiting:
        yield _joined(waiting)


def _batch(digests: Digests, counts: Counts, schema: pa.Schema) -> pa.RecordBatch:
    columns: list[pa.Array[Any]] = [
        pa.Array.from_buffers(type_, len(digests), [None, pa.py_buffer(values)])
        for type_, values in zip(schema.types, (digests.data, counts.data), strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _joined(pieces: Sequence[Counted]) -> Counted:
    if len(pieces) == 1:
        return pieces[0]
    return (
        np.concatenate([np.empty(0, ROW_DIGEST), *(digests for digests, _ in pieces)]),
        np.concatenate([np.empty(0, COUNT), *(counts for _, counts in pieces)]),
    )


def _recompute(file: pq.ParquetFile) -> BagResult:
    metadata = (file.schema_arrow.metadata or {}).get(_KEY, b"")
    header = msgspec.json.decode(metadata, type=resolved(RowsHeader))
    if header.version != 1 or not 0 <= header.rows <= _MAX_ROWS:
        raise ValueError(f"version {header.version} is not known")
    _check_layout(file)
    buckets = [hashlib.sha256(b"\x00") for _ in range(BUCKETS)]
    rows = 0
    for bucket, (digests, counts) in _pieces(file):
        buckets[bucket].update(bucket_records(digests, counts))
        rows += _total(counts)
    if rows != header.rows:
        raise ValueError("the counts are not those of the rows")
    found = tuple(bucket.digest() for bucket in buckets)
    return BagResult(
        bag_digest(header.rows, header.columns, found), header.rows, header.columns, found
    )


def _check_layout(file: pq.ParquetFile) -> None:
    """Refuse other columns, and files that would unpack to more than they can rightly hold."""
    if not file.schema_arrow.equals(_SCHEMA):
        raise ValueError("its columns are others")
    metadata = file.metadata
    groups = (metadata.row_group(index) for index in range(metadata.num_row_groups))
    if sum(group.total_byte_size for group in groups) > _MAX_UNCOMPRESSED:
        raise ValueError("it is too large")


def _pieces(file: pq.ParquetFile) -> Iterator[tuple[int, Counted]]:
    """Yield bucket and row digests in order, a bucket perhaps in several pieces."""
    last: npt.NDArray[np.bytes_] = np.empty(0, ROW_DIGEST)
    for batch in file.iter_batches(_BATCH_ROWS, use_threads=False):
        batch.validate(full=True)
        digests = np.frombuffer(_values(batch, 0), ROW_DIGEST)
        counts = np.frombuffer(_values(batch, 1), COUNT)
        together = np.concatenate([last, digests])
        if not (together[1:] > together[:-1]).all() or not counts.all():
            raise ValueError("rows twice, out of order or without a count")
        last = digests[-1:]
        firsts = digests.view(np.uint8)[:: ROW_DIGEST.itemsize]
        for bucket in np.unique(firsts).tolist():
            low, high = np.searchsorted(firsts, [bucket, bucket + 1])
            yield bucket, (digests[low:high], counts[low:high])


def _values(batch: pa.RecordBatch, index: int) -> memoryview:
    column: Any = batch.column(index)
    width = column.type.bit_width // 8
    data = memoryview(column.buffers()[1] or b"")
    return data[column.offset * width : (column.offset + len(column)) * width]


def _total(counts: Counts) -> int:
    """Return the sum, which may be more than 64 bits hold."""
    high, low = counts >> np.uint64(32), counts & np.uint64(_LOW)
    return (int(high.sum()) << 32) + int(low.sum())


def _malformed(message: str) -> SidecarError:
    return SidecarError(
        message,
        hint="Fetch the sidecar again; without it a change is found, but not located.",
    )
