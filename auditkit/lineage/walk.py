"""Walks through the graph: breadth first, without recursion, up to a depth and a size.

A run is upstream of data that it wrote *before* it was read: a later run that happens to write the
same bytes again is not. Where no run wrote them before, those that did later are followed and
marked, for clocks differ and records are made late. The same holds downstream.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from auditkit.evidence import Direction, LineageGraph
from auditkit.lineage.collected import Collected
from auditkit.lineage.downstream import Downstream
from auditkit.lineage.model import DataKey, RunRecord
from auditkit.lineage.records import Records
from auditkit.lineage.upstream import Upstream

MOST_NODES: Final = 2_000
"""Runs and data in one answer, unless asked otherwise."""


def walk(
    records: Records,
    origins: Sequence[RunRecord | DataKey],
    *,
    direction: Direction = "both",
    depth: int | None = None,
    limit: int = MOST_NODES,
    follow_later: bool = True,
) -> LineageGraph:
    """Return what `origins` come from and what came of them, at most `depth` runs away.

    With more than about `limit` nodes the graph is cut, and says so. Without `follow_later` a run
    that wrote data only after it was read is not upstream of it.
    """
    found = Collected(limit)
    for origin in origins:
        if isinstance(origin, RunRecord):
            found.run(origin)
        else:
            found.data(origin)
    if direction != "downstream":
        Upstream(records, found, depth, follow_later=follow_later).follow(origins)
    if direction != "upstream":
        Downstream(records, found, depth).follow(origins)
    return found.graph([origin.id for origin in origins], direction, depth)
