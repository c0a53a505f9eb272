"""Finding blocks at any row of changed data, by sliding their weak sums over it.

The idea is that of rsync: a sum that slides in constant time proposes, SHA-256 confirms (A.
Tridgell, *Efficient Algorithms for Sorting and Synchronization*, 1999, chapter 3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from auditkit.datasets.content.blocks import BLOCK_ROWS, RowRange, hash_block, rows_of
from auditkit.datasets.content.fixed import fixed_values, weak_words
from auditkit.datasets.content.masks import validity
from auditkit.datasets.content.plain import plain
from auditkit.datasets.content.types import Array

Read: TypeAlias = Callable[[int, int], Sequence[Array]]
"""(first row, rows) -> arrays of the column that is searched."""

_STEP_ROWS: Final = 1 << 20
_LEAST_CONFIRMATIONS: Final = 256
_CONFIRMATIONS_A_BLOCK: Final = 4


@dataclass(frozen=True, slots=True)
class Window:
    """A whole block that is looked for: its number, weak sum and 32-byte digest."""

    number: int
    weak: int
    sha256: bytes


def search(
    lost: Sequence[Window], gaps: Sequence[RowRange], read: Read
) -> Iterator[tuple[int, int]]:
    """Yield (block number, first row) of the windows of `lost` that lie within `gaps`.

    Reads the gaps once, about a million rows at a time. Gives up after a number of confirmations
    that grows with the blocks looked for, since sums of few distinct values propose everywhere.
    """
    wanted = {window.sha256: window for window in lost}
    left = _LEAST_CONFIRMATIONS + _CONFIRMATIONS_A_BLOCK * len(lost)
    for gap in gaps:
        end = gap.first
        for first, arrays in _steps(gap, read):
            for offset in _proposals(arrays, wanted.values()):
                if first + offset < end or not wanted:
                    continue
                if left == 0:
                    return
                left -= 1
                found = wanted.pop(hash_block(rows_of(arrays, offset, BLOCK_ROWS)), None)
                if found is not None:
                    end = first + offset + BLOCK_ROWS
                    yield found.number, first + offset


def _steps(gap: RowRange, read: Read) -> Iterator[tuple[int, Sequence[Array]]]:
    """Yield stretches of a gap that overlap by one row less than a block, so none is split."""
    for first in range(gap.first, gap.end - BLOCK_ROWS + 1, _STEP_ROWS):
        rows = min(_STEP_ROWS + BLOCK_ROWS - 1, gap.end - first)
        yield first, read(first, rows)


def _proposals(arrays: Sequence[Array], windows: Iterable[Window]) -> list[int]:
    """Return the offsets, ascending, at which a block has one of the windows' weak sums."""
    sums = np.unique(np.array([window.weak for window in windows], np.uint64))
    if len(sums) == 0:
        return []
    words = np.concatenate([_row_words(array) for array in arrays])
    running = np.zeros(len(words) + 1, np.uint64)
    np.cumsum(words, out=running[1:])
    sliding = running[BLOCK_ROWS:] - running[:-BLOCK_ROWS]
    nearest = sums[np.minimum(np.searchsorted(sums, sliding), len(sums) - 1)]
    return np.flatnonzero(nearest == sliding).tolist()


def _row_words(array: Array) -> npt.NDArray[np.uint64]:
    array = plain(array)
    return weak_words(fixed_values(array, validity(array, None)))
