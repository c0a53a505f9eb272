"""The `bag` digest: the same rows in any order, each as often as it occurs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from auditkit.datasets.content.runs import BUCKETS, Counts, Digests, Run, merged
from auditkit.datasets.content.sequence import column_header
from auditkit.datasets.content.types import LogicalColumn, logical_columns

_DOMAIN: Final = b"auditkit:bag:1\0"
_BUCKETS_A_TASK: Final = 32
_RECORD: Final = np.dtype([("digest", "V32"), ("count", "<u8")])


@dataclass(frozen=True, slots=True)
class BagResult:
    """A table's `bag` digest in hex, its number of rows, and 256 bucket digests of 32 bytes."""

    digest: str
    rows: int
    columns: tuple[LogicalColumn, ...]
    buckets: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class BucketTask:
    """Buckets `first` to `end`, exclusive, of all runs: a unit of work, picklable."""

    runs: tuple[Run, ...]
    first: int
    end: int


Map = Callable[[Callable[[BucketTask], list[bytes]], Iterable[BucketTask]], Iterable[list[bytes]]]
"""An executor's `map`: results in input order."""


def bag_result(schema: pa.Schema, runs: Sequence[Run], run_map: Map = map) -> BagResult:
    """Return the digest over the rows of `runs`, which may come in any order.

    Raises TableFormatError for a column whose type has no content digest, and OSError.
    """
    columns = logical_columns(schema)
    rows = sum(run.rows for run in runs)
    found = run_map(hash_buckets, _tasks(tuple(runs)))
    buckets = tuple(digest for digests in found for digest in digests)
    return BagResult(bag_digest(rows, columns, buckets), rows, columns, buckets)


def hash_buckets(task: BucketTask) -> list[bytes]:
    """Return the 32-byte digest of each bucket of `task`."""
    return [_hash_bucket(task.runs, bucket) for bucket in range(task.first, task.end)]


def bag_digest(rows: int, columns: Sequence[LogicalColumn], buckets: Sequence[bytes]) -> str:
    """Return the table digest in hex: domain, row count, names, types and bucket digests."""
    digest = hashlib.sha256(_DOMAIN + rows.to_bytes(8, "little"))
    digest.update(len(columns).to_bytes(4, "little"))
    for column in columns:
        digest.update(column_header(column))
    for bucket in buckets:
        digest.update(bucket)
    return digest.hexdigest()


def bucket_records(digests: Digests, counts: Counts) -> memoryview:
    """Return what a bucket's digest is over: each row digest followed by its count as u64."""
    records = np.empty(len(digests), _RECORD)
    records["digest"] = digests.view(_RECORD["digest"])
    records["count"] = counts
    return records.data


def _tasks(runs: tuple[Run, ...]) -> Iterator[BucketTask]:
    for first in range(0, BUCKETS, _BUCKETS_A_TASK):
        yield BucketTask(runs, first, first + _BUCKETS_A_TASK)


def _hash_bucket(runs: Sequence[Run], bucket: int) -> bytes:
    digest = hashlib.sha256(b"\x00")
    for digests, counts in merged(runs, bucket):
        digest.update(bucket_records(digests, counts))
    return digest.digest()
