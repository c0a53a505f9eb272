"""Where in a log a statement or a run is: known by reading every entry once.

That nothing else is said about a run cannot be proven by a path through the tree; it takes all
entries, which then add up to the checkpoint. Sixteen bytes are kept for each.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from auditkit.registry.entries import EntryRecord
from auditkit.registry.log import Entry, Log

_NOTHING: Final = -1
"""No text has this hash (CPython)."""


@dataclass(slots=True)
class Survey:
    """A 64-bit hash of every entry's statement and run; what it finds is read again and proven.

    The hash is Python's own, which differs from process to process: nobody can prepare entries
    that share one.
    """

    _statements: array[int] = field(default_factory=lambda: array("q"))
    _runs: array[int] = field(default_factory=lambda: array("q"))

    def add(self, record: EntryRecord) -> None:
        """Take in the next entry. A manifest is what a run says of itself; others only name it."""
        self._statements.append(hash(record.statement))
        is_runs_own = record.type == "manifest" and record.run is not None
        self._runs.append(hash(record.run) if is_runs_own else _NOTHING)

    def skip(self) -> None:
        """Count an entry that cannot be understood."""
        self._statements.append(_NOTHING)
        self._runs.append(_NOTHING)

    def about(self, log: Log, statement: str) -> Iterator[Entry]:
        """Yield the entries of a statement and of its addenda; raises as `Log.entry`."""
        for index in _places(self._statements, hash(statement)):
            entry = log.entry(index)
            if entry.record.statement == statement:
                yield entry

    def of_run(self, log: Log, run: str) -> Iterator[Entry]:
        """Yield the manifests that say they are this run's; raises as `Log.entry`."""
        for index in _places(self._runs, hash(run)):
            entry = log.entry(index)
            if entry.record.run == run and entry.record.type == "manifest":
                yield entry

    def conflicts(self, log: Log) -> Iterator[tuple[Entry, ...]]:
        """Yield the manifests of every run that has more than one; raises as `Log.entry`."""
        seen: set[str] = set()
        for index in _repeated(self._runs):
            run = log.entry(index).record.run
            if run is None or run in seen:
                continue
            seen.add(run)
            entries = tuple(self.of_run(log, run))
            if len({each.record.statement for each in entries}) > 1:
                yield entries


def survey(log: Log) -> Survey:
    """Return where everything is in a log, once all its entries add up to its checkpoint.

    Raises:
        LogError: they do not, or one is malformed.
        StoreError: the store refused.
    """
    found = Survey()
    for entry in log.entries():
        found.add(entry.record)
    return found


def _places(keys: array[int], wanted: int) -> list[int]:
    import numpy as np  # noqa: PLC0415 - costs 100 ms

    found: list[int] = np.flatnonzero(np.frombuffer(keys, dtype=np.int64) == wanted).tolist()
    return found


def _repeated(keys: array[int]) -> list[int]:
    """Return the places of all keys but `_NOTHING` that occur more than once."""
    import numpy as np  # noqa: PLC0415 - costs 100 ms

    values = np.frombuffer(keys, dtype=np.int64)
    ordered = np.sort(values)
    repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    repeated = repeated[repeated != _NOTHING]
    found: list[int] = np.flatnonzero(np.isin(values, repeated)).tolist()
    return found
