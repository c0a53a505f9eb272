"""What a walk asks: which runs wrote or read this data, and which data lies inside which."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from auditkit.lineage.model import DataKey, Order, RunRecord


class Records(Protocol):
    """Runs by what they wrote, read and declare. No answer has more than `limit` items.

    A key of a file or folder finds data with this root, a key of rows data with these rows.
    `after` and `before` are exclusive.
    """

    def run(self, manifest: str) -> RunRecord | None:
        """Return the run with this manifest digest."""

    def writers(
        self, key: DataKey, *, after: Order | None = None, before: Order | None = None, limit: int
    ) -> Sequence[RunRecord]:
        """Return the runs that wrote it, the latest first."""

    def readers(
        self, key: DataKey, *, after: Order | None = None, before: Order | None = None, limit: int
    ) -> Sequence[RunRecord]:
        """Return the runs that read it, the earliest first."""

    def first_writer(self, key: DataKey) -> Order | None:
        """Return the place of the earliest run that wrote it."""

    def children(self, manifest: str, *, limit: int) -> Sequence[RunRecord]:
        """Return the runs that declare this one as a parent, the earliest first."""

    def holders(self, file: DataKey, *, limit: int) -> Sequence[DataKey]:
        """Return the recorded folders that have a file with this content."""

    def members(self, folder: DataKey, *, limit: int) -> Sequence[DataKey]:
        """Return the files in this folder that some run recorded alone."""


class MemoryRecords:
    """Records of as many runs as fit memory.

    `folders` has the SHA-256 digests of the files in each recorded folder, where they are known.
    """

    def __init__(
        self, runs: Iterable[RunRecord], folders: Mapping[DataKey, Collection[str]] | None = None
    ) -> None:
        ordered = sorted(runs, key=lambda run: run.order)
        self._runs = {run.manifest: run for run in ordered}
        self._writers: dict[DataKey, list[RunRecord]] = {}
        self._readers: dict[DataKey, list[RunRecord]] = {}
        self._children: dict[str, list[RunRecord]] = {}
        for run in self._runs.values():
            for keys, uses in ((self._writers, run.outputs), (self._readers, run.inputs)):
                for key in {key: None for use in uses for key in use.keys}:
                    keys.setdefault(key, []).append(run)
            for parent in {each.manifest: None for each in run.parents}:
                self._children.setdefault(parent, []).append(run)
        self._holders: dict[str, list[DataKey]] = {}
        self._members: dict[DataKey, list[DataKey]] = {}
        self._enclose(folders or {})

    def _enclose(self, folders: Mapping[DataKey, Collection[str]]) -> None:
        single = {key.value: key for key in (*self._writers, *self._readers) if key.kind == "file"}
        for folder, digests in folders.items():
            for digest in dict.fromkeys(digests):
                self._holders.setdefault(digest, []).append(folder)
                if digest in single:
                    self._members.setdefault(folder, []).append(single[digest])

    def run(self, manifest: str) -> RunRecord | None:
        """Return the run with this manifest digest."""
        return self._runs.get(manifest)

    def writers(
        self, key: DataKey, *, after: Order | None = None, before: Order | None = None, limit: int
    ) -> Sequence[RunRecord]:
        """Return the runs that wrote it, the latest first."""
        return _between(self._writers.get(key, []), after, before)[::-1][:limit]

    def readers(
        self, key: DataKey, *, after: Order | None = None, before: Order | None = None, limit: int
    ) -> Sequence[RunRecord]:
        """Return the runs that read it, the earliest first."""
        return _between(self._readers.get(key, []), after, before)[:limit]

    def first_writer(self, key: DataKey) -> Order | None:
        """Return the place of the earliest run that wrote it."""
        writers = self._writers.get(key)
        return writers[0].order if writers else None

    def children(self, manifest: str, *, limit: int) -> Sequence[RunRecord]:
        """Return the runs that declare this one as a parent, the earliest first."""
        return self._children.get(manifest, [])[:limit]

    def holders(self, file: DataKey, *, limit: int) -> Sequence[DataKey]:
        """Return the recorded folders that have a file with this content."""
        return self._holders.get(file.value, [])[:limit] if file.kind == "file" else []

    def members(self, folder: DataKey, *, limit: int) -> Sequence[DataKey]:
        """Return the files in this folder that some run recorded alone."""
        return self._members.get(folder, [])[:limit]


def _between(
    runs: Sequence[RunRecord], after: Order | None, before: Order | None
) -> Sequence[RunRecord]:
    first = 0 if after is None else bisect_right(runs, after, key=lambda run: run.order)
    last = len(runs) if before is None else bisect_left(runs, before, key=lambda run: run.order)
    return runs[first:last]
