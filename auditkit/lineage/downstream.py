"""From causes to effects: which runs used the data, and what came of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from auditkit.lineage.collected import LATER, Collected
from auditkit.lineage.frontier import Frontier
from auditkit.lineage.joins import Join, content_of, enclosures, join
from auditkit.lineage.model import DataKey, DataUse, RunRecord
from auditkit.lineage.records import Records

_JOIN_OF: Final[dict[str, Join]] = {"same-rows": "rows", "inside": "inside"}


class Downstream:
    """One walk; `follow` it once."""

    def __init__(self, records: Records, found: Collected, depth: int | None) -> None:
        self._records = records
        self._found = found
        self._frontier = Frontier(found, depth)

    def follow(self, origins: Iterable[RunRecord | DataKey]) -> None:
        """Collect everything downstream of `origins`."""
        for origin in origins:
            if isinstance(origin, RunRecord):
                self._frontier.add(origin, 0)
            elif self._frontier.reaches(1):
                self._users(origin, content_of(self._records, origin), None, 1)
        for run, distance in self._frontier.drain():
            for use in run.outputs:
                self._found.data(use.key, use)
                self._found.edge(run.id, use.key.id, "wrote", use.name)
                self._users(use.key, use.content, run, distance + 1)
            for child in self._records.children(run.manifest, limit=self._found.most):
                self._child(run, child, distance + 1)

    def _child(self, run: RunRecord, child: RunRecord, distance: int) -> None:
        if any((each.manifest, each.run) == (run.manifest, run.run) for each in child.parents):
            self._frontier.add(child, distance)
            self._found.edge(run.id, child.id, "parent")

    def _users(
        self, key: DataKey, content: DataKey | None, writer: RunRecord | None, distance: int
    ) -> None:
        """Go from data to the runs that read it, its rows, or a file or folder it shares.

        Without a `writer` everything that read it counts, otherwise what it is joined to.
        """
        after = writer.order if writer else None
        most = self._found.most
        for run in self._records.readers(key, after=after, limit=most):
            self._read(run, key, distance)
        if writer is not None:
            self._earlier(key, distance)
        for run in self._records.readers(content, after=after, limit=most) if content else ():
            for use in run.inputs:
                if use.content == content and use.key != key:
                    self._through(key, "same-rows", use, run, writer, distance)
        for other in enclosures(self._records, key, limit=self._found.limit):
            for run in self._records.readers(other, after=after, limit=most):
                for use in _uses(run, other):
                    self._through(key, "inside", use, run, writer, distance)

    def _through(
        self,
        key: DataKey,
        kind: Literal["same-rows", "inside"],
        use: DataUse,
        run: RunRecord,
        writer: RunRecord | None,
        distance: int,
    ) -> None:
        """Go to a run that read something else with the same rows or files."""
        if writer is None or self._joined(use, run) == _JOIN_OF[kind]:
            self._found.edge(key.id, use.key.id, kind)
            self._read(run, use.key, distance)

    def _earlier(self, key: DataKey, distance: int) -> None:
        """Go to the runs that read it before any run wrote it."""
        first = self._records.first_writer(key)
        for run in self._records.readers(key, before=first, limit=self._found.most):
            if any(self._joined(use, run) is None for use in _uses(run, key)):
                self._read(run, key, distance, later=True)
                self._found.issue("later", run.id, LATER)

    def _read(self, run: RunRecord, key: DataKey, distance: int, *, later: bool = False) -> None:
        self._frontier.add(run, distance)
        for use in _uses(run, key):
            self._found.data(use.key, use)
            self._found.edge(use.key.id, run.id, "read", use.name, later=later)

    def _joined(self, use: DataUse, run: RunRecord) -> Join | None:
        return join(self._records, use, run.order, limit=self._found.limit)


def _uses(run: RunRecord, key: DataKey) -> list[DataUse]:
    return [use for use in run.inputs if key in use.keys]
