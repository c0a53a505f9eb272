"""Which runs a walk still has to look at, the nearest first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from auditkit.lineage.collected import Collected
from auditkit.lineage.model import RunRecord


class Frontier:
    """Runs at most `depth` away, each of them once."""

    def __init__(self, found: Collected, depth: int | None) -> None:
        self._found = found
        self._depth = depth
        self._queue: deque[tuple[RunRecord, int]] = deque()
        self._met: set[str] = set()

    def add(self, run: RunRecord, distance: int) -> None:
        """Keep a run, to be looked at later if it is not too far away."""
        self._found.run(run)
        if run.manifest not in self._met:
            self._met.add(run.manifest)
            self._queue.append((run, distance))

    def reaches(self, distance: int) -> bool:
        """Return whether anything at this distance is still asked for."""
        return self._depth is None or distance <= self._depth

    def drain(self) -> Iterator[tuple[RunRecord, int]]:
        """Yield runs from which to go further, with their distance, until there is no room."""
        while self._queue:
            run, distance = self._queue.popleft()
            if not self.reaches(distance + 1):
                continue
            if self._found.room <= 0:
                detail = f"more than {self._found.limit} runs and data; the rest was left out"
                self._found.issue("truncated", run.id, detail)
                return
            yield run, distance
