"""From effects to causes: what data and which runs came before."""

from __future__ import annotations

from collections.abc import Iterable

from auditkit.lineage.collected import LATER, Collected
from auditkit.lineage.frontier import Frontier
from auditkit.lineage.joins import content_of, enclosures, join
from auditkit.lineage.model import DataKey, DataUse, Order, RunRecord
from auditkit.lineage.records import Records


class Upstream:
    """One walk; `follow` it once."""

    def __init__(
        self, records: Records, found: Collected, depth: int | None, *, follow_later: bool
    ) -> None:
        self._records = records
        self._found = found
        self._follow_later = follow_later
        self._frontier = Frontier(found, depth)

    def follow(self, origins: Iterable[RunRecord | DataKey]) -> None:
        """Collect everything upstream of `origins`."""
        for origin in origins:
            if isinstance(origin, RunRecord):
                self._frontier.add(origin, 0)
            elif self._frontier.reaches(1):
                self._data(origin)
        for run, distance in self._frontier.drain():
            for use in run.inputs:
                self._input(use, run, distance + 1)
            self._parents(run, distance + 1)

    def _data(self, key: DataKey) -> None:
        """Go from data to whatever wrote it, in whichever form; nobody is there who read it."""
        self._writers(key, None, 1)
        content = content_of(self._records, key)
        if content is not None:
            self._same_rows(key, content, None, 1)
        self._enclosed(key, None, 1)

    def _input(self, use: DataUse, run: RunRecord, distance: int) -> None:
        self._found.data(use.key, use)
        how = join(self._records, use, run.order, limit=self._found.limit)
        if how == "same":
            self._writers(use.key, run.order, distance)
        elif how == "rows" and use.content is not None:
            self._same_rows(use.key, use.content, run.order, distance)
        elif how == "inside":
            self._enclosed(use.key, run.order, distance)
        later = how is None and self._follow_later and self._later(use.key, run, distance)
        self._found.edge(use.key.id, run.id, "read", use.name, later=later)

    def _writers(self, key: DataKey, before: Order | None, distance: int) -> bool:
        writers = self._records.writers(key, before=before, limit=self._found.most)
        for run in writers:
            self._wrote(run, key, distance)
        if len(writers) > 1:
            detail = f"{len(writers)} runs wrote it; content does not tell whose output was read"
            self._found.issue("ambiguous", key.id, detail)
        return bool(writers)

    def _wrote(self, run: RunRecord, key: DataKey, distance: int) -> None:
        self._frontier.add(run, distance)
        for use in run.outputs:
            if key in use.keys:
                self._found.data(use.key, use)
                self._found.edge(run.id, use.key.id, "wrote", use.name)

    def _same_rows(
        self, key: DataKey, content: DataKey, before: Order | None, distance: int
    ) -> None:
        for run in self._records.writers(content, before=before, limit=self._found.most):
            self._wrote(run, content, distance)
            for use in run.outputs:
                if use.content == content and use.key != key:
                    self._found.edge(use.key.id, key.id, "same-rows")

    def _enclosed(self, key: DataKey, before: Order | None, distance: int) -> None:
        for other in enclosures(self._records, key, limit=self._found.limit):
            if self._writers(other, before, distance):
                self._found.edge(other.id, key.id, "inside")

    def _later(self, key: DataKey, run: RunRecord, distance: int) -> bool:
        """Go to runs that wrote it after `run` read it; return whether there are any."""
        first = self._records.first_writer(key)
        if first is None or first <= run.order:  # it wrote itself what it read
            return False
        for writer in self._records.writers(key, limit=self._found.most):
            self._wrote(writer, key, distance)
        self._found.issue("later", run.id, LATER)
        return True

    def _parents(self, run: RunRecord, distance: int) -> None:
        for parent in run.parents:
            record = self._records.run(parent.manifest)
            if record is None or record.run != parent.run:
                source = self._found.missing(parent)
                detail = "is named as a parent and is not among the records"
                self._found.issue("missing-parent", source, detail)
            else:
                source = record.id
                self._frontier.add(record, distance)
            self._found.edge(source, run.id, "parent")
