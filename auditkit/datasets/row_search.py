"""Finding the rows that have certain digests, to say where added rows are.

Only used after a check has failed; no bytes are hashed here beside the rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from auditkit.datasets.base import Plan
from auditkit.datasets.content.row_difference import RowDifference
from auditkit.datasets.content.rows import hash_rows
from auditkit.datasets.content.runs import Digests
from auditkit.datasets.content.sidecar import Extent
from auditkit.datasets.content_pass import Intake
from auditkit.datasets.content_scan import ContentScan
from auditkit.datasets.content_work import Fault, Work, grouped, held_bytes, look_ahead, whole_rows
from auditkit.datasets.part_reading import BatchReader
from auditkit.datasets.part_table import parsing
from auditkit.datasets.tables import plan_reading
from auditkit.errors import TableFormatError
from auditkit.execution.executor import Executor
from auditkit.execution.progress import SilentProgress
from auditkit.manifest.model import Dataset

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class FoundRows:
    """Rows of a part, or of a table, and which of the digests looked for each has."""

    rows: Numbers
    which: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class AddedRows:
    """Numbers of added rows in the table, ascending; `copies` are of rows that were recorded."""

    rows: Numbers
    copies: npt.NDArray[np.bool_]


def find_added(
    plan: Plan,
    recorded: Dataset,
    difference: RowDifference,
    extents: Sequence[Extent],
    *,
    files: Collection[str],
    executor: Executor,
) -> AddedRows:
    """Return where the added rows are, as far as they are in `files`.

    A table may have a row more often than recorded: then the last of its copies are the added
    ones. Reads `files` once more; raises DataError if they are not what was scanned any more.
    """
    reading = plan_reading(plan, "full", recorded)
    single = plan.kind == "file"
    tasks = [
        reading.task(part, "metadata", single=single) for part in plan.parts if part.path in files
    ]
    reader = BatchReader(SilentProgress(), collect=False)
    intake = Intake("bag", partial(_RowFinder, difference.digests), reader, executor)
    found = ContentScan(reading, intake).read(tasks).content
    if found is None:
        raise TableFormatError("the table is not what it was a moment ago")
    starts = _starts(extents)
    rows = [each.rows + starts[path] for path, each in found]
    which = [each.which for _, each in found]
    nothing = np.empty(0, np.int64)
    return _last(np.concatenate([nothing, *rows]), np.concatenate([nothing, *which]), difference)


class _RowFinder:
    """A sink that finds the rows with certain digests, part by part."""

    def __init__(self, digests: Digests, schema: pa.Schema, executor: Executor) -> None:
        self._find = _FindRows(digests, schema)
        self._executor = executor
        self._found: list[tuple[str, FoundRows]] = []

    def run(self, works: Iterator[Work]) -> Iterator[Fault]:
        many, works = look_ahead(works)
        groups = grouped(works)
        for found in self._executor.map(
            self._find, groups, interpreted=many, size=lambda group: held_bytes(*group)
        ):
            if isinstance(found, Fault):
                yield found
            else:
                self._found.append(found)

    def result(self, rows: int, extents: Sequence[Extent]) -> list[tuple[str, FoundRows]]:  # noqa: ARG002
        return self._found

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _FindRows:
    """Looks for rows of some chunks, in whichever process."""

    digests: Digests
    schema: pa.Schema

    def __call__(self, works: tuple[Work, ...]) -> tuple[str, FoundRows] | Fault:
        part = works[0].part
        try:
            with parsing(part):
                return part.path, self._found(works)
        except TableFormatError as error:
            return Fault(part, error)

    def _found(self, works: Sequence[Work]) -> FoundRows:
        rows, which = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for first, batch in whole_rows(works, self.schema):
            hashed = hash_rows(batch)
            at = np.minimum(np.searchsorted(self.digests, hashed), len(self.digests) - 1)
            hits = np.flatnonzero(self.digests[at] == hashed)
            rows.append(hits + first)
            which.append(at[hits])
        return FoundRows(np.concatenate(rows), np.concatenate(which))


def _starts(extents: Sequence[Extent]) -> dict[str, int]:
    """Return the first row of every file in the table."""
    starts: dict[str, int] = {}
    row = 0
    for extent in extents:
        starts.setdefault(extent.file, row)
        row += extent.rows
    return starts


def _last(rows: Numbers, which: Numbers, difference: RowDifference) -> AddedRows:
    """Return the last rows of each digest, as many as are added."""
    order: Any = np.lexsort((rows, which))
    rows, which = rows[order], which[order]
    behind = np.searchsorted(which, which, side="right") - np.arange(len(which))
    last = behind <= difference.surplus[which]
    rows, copies = rows[last], difference.copies[which[last]]
    order = np.argsort(rows)
    return AddedRows(rows[order], copies[order])
