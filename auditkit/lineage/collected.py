"""What a walk has found so far, up to a limit."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from auditkit.evidence import (
    Direction,
    LineageData,
    LineageEdge,
    LineageGraph,
    LineageIssue,
    LineageRun,
)
from auditkit.lineage.model import DataKey, DataUse, ParentLink, RunRecord

LATER: Final = "read data before any run wrote it, by the clocks of the runs"

_MOST_NAMES = 5
_MOST_CHECKED = 50

EdgeKind = Literal["wrote", "read", "same-rows", "inside", "parent"]
IssueKind = Literal["missing-parent", "ambiguous", "later", "cycle", "truncated"]


class Collected:
    """Nodes, edges and issues by what tells them apart, in the order in which they were met."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._runs: dict[str, LineageRun] = {}
        self._data: dict[str, LineageData] = {}
        self._edges: dict[tuple[str, str, str, str], LineageEdge] = {}
        self._issues: dict[tuple[str, str], LineageIssue] = {}

    @property
    def room(self) -> int:
        """How many more nodes there may be."""
        return self.limit - len(self._runs) - len(self._data)

    @property
    def most(self) -> int:
        """How many answers to ask for at a time: one more than there is room for."""
        return max(self.room, 0) + 1

    def run(self, record: RunRecord) -> None:
        """Keep a run."""
        self._runs.setdefault(
            record.id,
            LineageRun(
                id=record.id,
                manifest=record.manifest,
                run=record.run,
                project=record.project,
                name=record.name,
                status=record.status,
                recorded_at=record.recorded_at,
            ),
        )

    def missing(self, parent: ParentLink) -> str:
        """Keep a run that is known by name only; return its id."""
        node = LineageRun(
            id=f"run:{parent.manifest}", manifest=parent.manifest, run=parent.run, missing=True
        )
        self._runs.setdefault(node.id, node)
        return node.id

    def data(self, key: DataKey, use: DataUse | None = None) -> None:
        """Keep data, and with it what a run that used it calls it."""
        node = self._data.get(key.id) or LineageData(
            id=key.id, kind=key.kind, algorithm=key.algorithm, value=key.value
        )
        if use is not None:
            node = msgspec.structs.replace(
                node,
                names=_with(node.names, use.name),
                locations=_with(node.locations, use.location),
                files=use.files,
                bytes=use.bytes,
                rows=use.rows if use.rows is not None else node.rows,
            )
        self._data[key.id] = node

    def edge(
        self, source: str, target: str, kind: EdgeKind, name: str = "", *, later: bool = False
    ) -> None:
        """Keep a step; one that was found again keeps what was found first."""
        self._edges.setdefault(
            (source, target, kind, name),
            LineageEdge(
                source=source,
                target=target,
                kind=kind,
                basis="declared" if kind == "parent" else "derived",
                name=name,
                later=later,
            ),
        )

    def issue(self, kind: IssueKind, subject: str, detail: str) -> None:
        """Keep an issue, once for each node."""
        self._issues.setdefault(
            (kind, subject), LineageIssue(kind=kind, subject=subject, detail=detail)
        )

    def graph(
        self, origins: Sequence[str], direction: Direction, depth: int | None
    ) -> LineageGraph:
        """Return everything that was found."""
        self._find_cycles()
        return LineageGraph(
            origins=tuple(origins),
            direction=direction,
            depth=depth,
            runs=tuple(self._runs.values()),
            data=tuple(self._data.values()),
            edges=tuple(self._edges.values()),
            issues=tuple(self._issues.values()),
        )

    def _find_cycles(self) -> None:
        """Report runs that come after themselves; only a step back in time can close a circle."""
        following: dict[str, list[str]] = {}
        for edge in self._edges.values():
            following.setdefault(edge.source, []).append(edge.target)
        late = [edge for edge in self._edges.values() if edge.later]
        for edge in late[:_MOST_CHECKED]:
            if _leads_to(following, edge.target, edge.source):
                detail = "read what was made from its own outputs; the clocks do not tell how"
                self.issue("cycle", edge.target, detail)


def _leads_to(following: dict[str, list[str]], start: str, end: str) -> bool:
    seen, queue = {start}, deque([start])
    while queue:
        node = queue.popleft()
        if node == end:
            return True
        more = [each for each in following.get(node, ()) if each not in seen]
        seen.update(more)
        queue.extend(more)
    return False


def _with(known: tuple[str, ...], name: str) -> tuple[str, ...]:
    return known if name in known or len(known) >= _MOST_NAMES else (*known, name)
