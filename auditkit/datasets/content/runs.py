"""Sorted runs of row digests on disk: how the `bag` digest sorts more than memory holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from auditkit.datasets.content.rows import ROW_DIGEST, hash_rows
from auditkit.errors import UnreadableError

BUCKETS: Final = 256
"""Row digests are split by their first byte."""

RUN_ROWS: Final = 1 << 18

_SLICE_ROWS: Final = 1 << 17
"""Most rows that are merged at once, if their digests are spread as those of SHA-256 are."""

COUNT: Final = np.dtype("<u8")
Digests = npt.NDArray[np.bytes_]
Counts = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Run:
    """One file: distinct row digests in ascending order, then a u64 count of each.

    `borders[k]` is the position of the first digest of bucket k; `borders[256]` their number.
    """

    path: Path
    rows: int
    borders: tuple[int, ...]


def write_runs(batches: Iterable[pa.RecordBatch], directory: Path, name: str) -> list[Run]:
    """Hash the rows of `batches` into sorted runs under `directory`, named `name-0` and so on.

    Each run is made from some 300,000 rows at most, so memory does not grow with the rows.
    A unit of work for a process; raises TableFormatError as `hash_rows` does, and OSError.
    """
    runs: list[Run] = []
    waiting: list[Digests] = []
    for batch in batches:
        waiting.append(hash_rows(batch))
        if sum(map(len, waiting)) >= RUN_ROWS:
            runs.append(_write(waiting, directory / f"{name}-{len(runs)}"))
            waiting.clear()
    if waiting:
        runs.append(_write(waiting, directory / f"{name}-{len(runs)}"))
    return runs


def merged(runs: Sequence[Run], bucket: int) -> Iterator[tuple[Digests, Counts]]:
    """Yield the distinct row digests of one bucket over all runs, ascending, with their counts."""
    total = sum(run.borders[bucket + 1] - run.borders[bucket] for run in runs)
    if total == 0:
        return
    pieces = [_bucket(run, bucket) for run in runs]
    if total <= _SLICE_ROWS:
        yield _counted([d for d, _ in pieces], [c for _, c in pieces])
        return
    # a large bucket is merged in slices, by the digests' second byte
    borders = _second_bytes(-(-total // _SLICE_ROWS))
    cuts = [_cut(digests, bucket, borders) for digests, _ in pieces]
    for number in range(len(borders) + 1):
        same = [(piece, cut[number]) for piece, cut in zip(pieces, cuts, strict=True)]
        yield _counted([d[at] for (d, _), at in same], [c[at] for (_, c), at in same])


def _write(waiting: Sequence[Digests], path: Path) -> Run:
    rows = sum(map(len, waiting))
    digests, counts = _counted(waiting, [np.ones(len(found), COUNT) for found in waiting])
    with path.open("xb") as file:
        file.write(digests.data)
        file.write(counts.data)
    first_bytes = digests.view(np.uint8)[:: ROW_DIGEST.itemsize]
    borders = np.searchsorted(first_bytes, np.arange(BUCKETS + 1))
    return Run(path, rows, tuple(borders.tolist()))


def _counted(digests: Sequence[Digests], counts: Sequence[Counts]) -> tuple[Digests, Counts]:
    """Return distinct digests, ascending, and the sums of their counts."""
    found = np.concatenate(digests)
    keys = found.view(">u8")[::4].astype(np.uint64)
    # The first 8 bytes sort several times as fast as 32, and are nearly always enough.
    order = np.argsort(keys, kind="stable")
    ordered, number, keys = found[order], np.concatenate(counts)[order], keys[order]
    tied = np.flatnonzero(keys[1:] == keys[:-1])
    if len(tied) == 0:
        return ordered, number
    if (ordered[tied] > ordered[tied + 1]).any():
        order = np.argsort(ordered, kind="stable")
        ordered, number = ordered[order], number[order]
    words = ordered.view(COUNT).reshape(-1, 4)
    firsts = np.flatnonzero(np.concatenate([[True], (words[1:] != words[:-1]).any(axis=1)]))
    return ordered[firsts], np.add.reduceat(number, firsts)


def _bucket(run: Run, bucket: int) -> tuple[Digests, Counts]:
    first, end, distinct = run.borders[bucket], run.borders[bucket + 1], run.borders[-1]
    counts_at = distinct * ROW_DIGEST.itemsize
    digests = _read(run.path, ROW_DIGEST, end - first, first * ROW_DIGEST.itemsize)
    return digests, _read(run.path, COUNT, end - first, counts_at + first * COUNT.itemsize)


def _read(path: Path, kind: np.dtype[Any], items: int, offset: int) -> npt.NDArray[Any]:
    found = np.fromfile(path, kind, items, offset=offset)
    if len(found) != items:
        raise UnreadableError("a temporary file is shorter than it was written", path=str(path))
    return found


def _second_bytes(slices: int) -> list[int]:
    """Return the second bytes at which a bucket is cut into so many slices, 256 at most."""
    slices = min(slices, 256)
    return [256 * number // slices for number in range(1, slices)]


def _cut(digests: Digests, first: int, borders: Sequence[int]) -> list[slice]:
    """Return the slices of ascending digests that begin with `first`, cut before each border."""
    keys = np.array([bytes([first, second]) for second in borders], ROW_DIGEST)
    ends = [0, *np.searchsorted(digests, keys).tolist(), len(digests)]
    return [slice(*pair) for pair in pairwise(ends)]
