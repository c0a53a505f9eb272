"""Which rows a table has more and fewer than a recorded `bag`, by their digests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from auditkit.datasets.content.bag import BagResult
from auditkit.datasets.content.row_digests import RecordedRows
from auditkit.datasets.content.rows import ROW_DIGEST
from auditkit.datasets.content.runs import COUNT, Counts, Digests, Run, merged

MOST_ADDED: Final = 1 << 20
"""Of more distinct added rows than this there is but their number."""


@dataclass(frozen=True, slots=True, eq=False)
class RowDifference:
    """Rows that only the record or only the data has; a row counts as often as it occurs.

    `removed` and `added` are numbers of rows. `digests` are those of the added rows, ascending;
    `surplus` says how many rows with it are added, and `copies` whether it was recorded at all,
    less often. The three are empty for more than `MOST_ADDED` distinct added rows.
    """

    removed: int
    added: int
    digests: Digests
    surplus: Counts
    copies: npt.NDArray[np.bool_]


def row_difference(
    recorded: RecordedRows, current: BagResult, runs: Sequence[Run]
) -> RowDifference:
    """Return how `current`, which was made of `runs`, differs from what was recorded."""
    added = _Added()
    kept = 0
    for bucket, (digests, counts) in enumerate(recorded.buckets()):
        if recorded.bag.buckets[bucket] == current.buckets[bucket]:
            kept += int(counts.sum())
            continue
        for found, number in merged(runs, bucket):
            before = _recorded_counts(digests, counts, found)
            kept += int(np.minimum(before, number).sum())
            more = number > before
            added.add(found[more], (number - before)[more], before[more] > 0)
    removed = recorded.bag.rows - kept
    return RowDifference(removed, current.rows - kept, *added.columns())


class _Added:
    """Gathers added rows until they are too many to be named."""

    def __init__(self) -> None:
        self._distinct = 0
        self._pieces: list[tuple[Digests, Counts, npt.NDArray[np.bool_]]] = []

    def add(self, digests: Digests, surplus: Counts, copies: npt.NDArray[np.bool_]) -> None:
        self._distinct += len(digests)
        if self._distinct <= MOST_ADDED:
            self._pieces.append((digests, surplus, copies))
        else:
            self._pieces.clear()

    def columns(self) -> tuple[Any, Any, Any]:
        nothing = np.empty(0, ROW_DIGEST), np.empty(0, COUNT), np.empty(0, np.bool_)
        digests, surplus, copies = zip(nothing, *self._pieces, strict=True)
        return np.concatenate(digests), np.concatenate(surplus), np.concatenate(copies)


def _recorded_counts(digests: Digests, counts: Counts, found: Digests) -> Counts:
    """Return how often each of `found` was recorded."""
    if len(digests) == 0:
        return np.zeros(len(found), COUNT)
    at = np.minimum(np.searchsorted(digests, found), len(digests) - 1)
    return np.where(digests[at] == found, counts[at], 0).astype(COUNT)
