"""Hashing the files of a plan that are read for nothing but their digests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from auditkit.datasets.base import Entries, Part, Parts, Plan, Problem, Scan, ScanMode
from auditkit.datasets.files import DIGEST_BYTES
from auditkit.datasets.hashing import FileBatch, FileHasher, HashedBatch
from auditkit.datasets.inventory import Root, root_of_digests
from auditkit.datasets.source import Source
from auditkit.digests import FurtherDigest
from auditkit.errors import DataError
from auditkit.execution.executor import Executor
from auditkit.execution.progress import Progress

_BATCH_BYTES: Final = 64 * 1024 * 1024
_BATCH_FILES: Final = 256
_WAITING_FILES: Final = 4
_WAITING_BYTES: Final = 1024 * 1024
"""Where each file is waited for, few share a trip, so that many are waited for at once."""

_MANY: Final = 4096
_SMALL: Final = 64 * 1024
"""Of this many files that are this small on average, opening takes longer than hashing."""


def scan_files(
    plan: Plan,
    *,
    executor: Executor,
    progress: Progress,
    mode: ScanMode,
    further: tuple[FurtherDigest, ...] = (),
    collect: bool,
) -> Scan:
    """Return the digests of a plan's files, or in metadata mode their names and sizes."""
    entries, problems = Entries(plan.parts.paths, plan.parts.sizes, b""), plan.problems
    if mode == "full":
        hashed = hash_files(
            plan.parts, executor=executor, progress=progress, further=further, collect=collect
        )
        entries, problems = hashed.entries, (*plan.problems, *hashed.problems)
    root = root_of_entries(entries, plan)
    return Scan(plan=plan, mode=mode, entries=entries, root=root, problems=problems)


def root_of_entries(entries: Entries, plan: Plan) -> Root:
    """Return the root over all files of a plan; empty if any is missing or has no digest."""
    if not entries.digests or len(entries) != len(plan.parts) or plan.problems:
        return {}
    return root_of_digests(entries.iter_digests(), plan.kind)


@dataclass(frozen=True, slots=True)
class HashedFiles:
    """What was read, and what could not be, in the order of the plan."""

    entries: Entries
    problems: tuple[Problem, ...]


def hash_files(
    parts: Parts,
    *,
    executor: Executor,
    progress: Progress,
    further: tuple[FurtherDigest, ...],
    collect: bool,
) -> HashedFiles:
    """Return the digests of all files.

    Raises DataError for the first file that cannot be read, unless `collect` makes it a problem.
    """
    waits = parts.waits
    many_small = not waits and len(parts) >= _MANY and parts.bytes < _SMALL * len(parts)
    hasher = FileHasher(None if many_small else progress, further)
    fold = _Fold(parts, further, collect=collect)
    limits = (_WAITING_FILES, _WAITING_BYTES) if waits else (_BATCH_FILES, _BATCH_BYTES)
    batches = _batches(parts, *limits)
    for hashed in executor.map(hasher, batches, interpreted=many_small, waits=waits):
        before = fold.read_bytes
        fold.add(hashed)
        done = fold.read_bytes - before if many_small else 0
        progress.advance(bytes=done, files=len(hashed.digests) // DIGEST_BYTES)
    return fold.result()


class _Fold:
    """Puts batches together again."""

    def __init__(self, parts: Parts, further: tuple[FurtherDigest, ...], *, collect: bool) -> None:
        self.read_bytes = 0
        self._parts = parts
        self._collect = collect
        self._digests = bytearray()
        self._companions = bytearray()
        self._further = {name: bytearray() for name in further}
        self._stated: dict[int, str] = {}
        self._failures: list[tuple[int, DataError]] = []
        self._count = 0

    def add(self, hashed: HashedBatch) -> None:
        for index, error in hashed.failures:
            if not self._collect:
                raise error
            self._failures.append((self._count + index, error))
        count = len(hashed.digests) // DIGEST_BYTES
        self._stated |= {self._count + index: text for index, text in hashed.stated.items()}
        self.read_bytes += sum(self._parts.sizes[self._count : self._count + count])
        self._count += count
        self._digests += hashed.digests
        self._companions += hashed.companions
        for packed, digests in zip(self._further.values(), hashed.further, strict=True):
            packed.extend(digests)

    def result(self) -> HashedFiles:
        if not self._failures:
            return HashedFiles(self._all(), ())
        failed = {index for index, _ in self._failures}
        kept = [index for index in range(self._count) if index not in failed]
        problems = (Problem(self._parts.paths[index], error) for index, error in self._failures)
        return HashedFiles(self._all().only(kept), tuple(problems))

    def _all(self) -> Entries:
        return Entries(
            self._parts.paths,
            self._parts.sizes,
            self._digests,
            companions=self._companions,
            further=self._further,
            stated=self._stated,
        )


def _batches(parts: Parts, files: int, bytes: int) -> Iterator[FileBatch]:
    """Group files that lie together, so that small ones share one trip to a worker."""
    for source, group in groupby(parts, key=lambda part: part.source):
        batch: list[Part] = []
        size = 0
        for part in group:
            batch.append(part)
            size += part.size
            if len(batch) >= files or size >= bytes:
                yield _batch(batch, source)
                batch, size = [], 0
        if batch:
            yield _batch(batch, source)


def _batch(parts: list[Part], source: Source) -> FileBatch:
    return FileBatch(
        tuple(part.real for part in parts),
        tuple(part.size for part in parts),
        source,
        parts[0].companion,
    )
