"""Versions of a data set's schema in a project: numbered as they came up, in the log's order.

A schema that comes back has the number that it had. Without a log the order is that in which runs
were recorded, by their own clocks.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from auditkit.index.stored import facts_of, record_of
from auditkit.lineage import RunRecord

_FIRST = (
    "SELECT fingerprint, min(rank) AS first, count(DISTINCT run) FROM schemas"
    " WHERE project = ? AND dataset = ? GROUP BY fingerprint ORDER BY first, fingerprint"
)
_USERS = (
    "SELECT record, facts, position FROM schemas JOIN runs ON id = schemas.run"
    " WHERE schemas.project = ? AND dataset = ? AND fingerprint = ?"
    " ORDER BY rank, schemas.run LIMIT ?"
)
_MOST_LOOKED_AT = 1_000
"""Runs with one schema whose declared versions are collected."""


@dataclass(frozen=True, slots=True)
class SchemaUses:
    """A schema by its fingerprint: its number from 1, the run that had it first, and how many had.

    `declared` are the versions that teams gave it, as they came up; `entry` is the first run's
    number in the log.
    """

    ordinal: int
    fingerprint: str
    declared: tuple[str, ...]
    first: RunRecord
    entry: int | None
    runs: int


class SchemaOrder:
    """Numbers of schemas; each data set is looked at once."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._known: dict[tuple[str, str], dict[str, int]] = {}

    def ordinal(self, project: str, dataset: str, fingerprint: str) -> int | None:
        """Return the number of a schema, None for one that no run of the project had."""
        key = (project, dataset)
        if key not in self._known:
            rows = self._database.execute(_FIRST, key)
            self._known[key] = {row[0]: number for number, row in enumerate(rows, start=1)}
        return self._known[key].get(fingerprint)

    def datasets(self, project: str | None, dataset: str | None) -> list[tuple[str, str]]:
        """Return project and name of all data sets with a schema, or of those asked for."""
        rows = self._database.execute(
            "SELECT DISTINCT project, dataset FROM schemas"
            " WHERE (?1 IS NULL OR project = ?1) AND (?2 IS NULL OR dataset = ?2)"
            " ORDER BY project, dataset",
            (project, dataset),
        )
        return [(str(each), str(name)) for each, name in rows]

    def uses(self, project: str, dataset: str) -> list[SchemaUses]:
        """Return the schemas that a data set had, in their order."""
        rows = self._database.execute(_FIRST, (project, dataset)).fetchall()
        return [
            self._uses((project, dataset, fingerprint), number, runs)
            for number, (fingerprint, _, runs) in enumerate(rows, start=1)
        ]

    def _uses(self, key: tuple[str, str, str], ordinal: int, runs: int) -> SchemaUses:
        rows = self._database.execute(_USERS, (*key, _MOST_LOOKED_AT)).fetchall()
        if not rows:
            raise sqlite3.DatabaseError("a schema that no run had")
        declared = [
            each.declared
            for _, facts, _ in rows
            for each in facts_of(facts).schemas
            if (each.dataset, each.fingerprint) == key[1:] and each.declared is not None
        ]
        record, _, entry = rows[0]
        names = tuple(dict.fromkeys(declared))
        return SchemaUses(ordinal, key[2], names, record_of(record), entry, runs)
