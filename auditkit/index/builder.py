"""Putting manifests into the index, and taking them out."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from auditkit.errors import ManifestError
from auditkit.index.checks import check_facts
from auditkit.index.facts import RunFacts, run_facts
from auditkit.index.keys import packed, start_of
from auditkit.index.source import Item
from auditkit.index.stored import encode, facts_of, record_of
from auditkit.lineage import RunRecord, run_record
from auditkit.lineage.model import sortable

_BATCH: Final = 500
"""Runs that are written at once, which costs half as much as writing them one by one."""

_OWN: Final = {
    "uses": ("key", "output", "recorded", "run"),
    "parents": ("parent", "child"),
    "schemas": ("project", "dataset", "fingerprint", "rank", "run"),
}
"""Tables whose rows go with their run. What folders hold stays true, whoever recorded it."""

_WIDTHS: Final = {"runs": 10, "items": 3, "checks": 3, "folders": 3, "singles": 3} | {
    table: len(columns) for table, columns in _OWN.items()
}

Row = tuple[object, ...]


class Builder:
    """A sink that keeps what it takes in the tables of one connection, within its transaction.

    Call `flush` last.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._database = connection
        self._met: set[str] = set()
        self._rows: dict[str, list[Row]] = {table: [] for table in _WIDTHS}
        self._numbers: dict[bytes, int] = {}
        self._last = int(self._find("SELECT max(id) FROM runs")[0] or 0)
        self._began_empty = self._find("SELECT 1 FROM items LIMIT 1") is None

    def has(self, key: str, digest: str) -> bool:
        """Return whether these bytes are known under this key."""
        self._met.add(key)
        found = self._find("SELECT digest FROM items WHERE key = ?", key)
        return found is not None and found[0] == digest

    def put(self, item: Item) -> None:
        """Take an item in; one that cannot be understood is known by its key only."""
        if not self._began_empty and self._find("SELECT 1 FROM items WHERE key = ?", item.key):
            self._forget(item.key)
        run = None if item.payload is None else self._manifest(item, item.payload)
        if run is None and item.payload is not None:
            self._check(item.key, item.payload)
        self._rows["items"].append((item.key, item.digest, run))
        if len(self._rows["items"]) >= _BATCH:
            self.flush()

    def clear(self) -> None:
        """Forget everything."""
        self.flush()
        for table in ("items", "runs", "checks", *_OWN):
            self._database.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand above
        self._began_empty = True

    def retain(self) -> None:
        """Forget all items whose key nobody asked for."""
        keys = self._database.execute("SELECT key FROM items").fetchall()
        for (key,) in keys:
            if key not in self._met:
                self._forget(key)

    def flush(self) -> None:
        """Write down what was taken in."""
        for table, rows in self._rows.items():
            marks = ", ".join("?" * _WIDTHS[table])
            statement = f"INSERT OR IGNORE INTO {table} VALUES ({marks})"  # noqa: S608 - our names
            self._database.executemany(statement, rows)
            rows.clear()
        self._numbers.clear()

    def _manifest(self, item: Item, payload: bytes) -> int | None:
        """Return the number of a manifest's run, None for what is no manifest."""
        try:
            return self._run(item, run_record(payload, item.statement), run_facts(payload))
        except ManifestError:
            return None

    def _check(self, key: str, payload: bytes) -> None:
        """Take in a verification, if that is what it is."""
        check = check_facts(payload)
        if check is not None:
            row = (key, bytes.fromhex(check.manifest), sortable(check.verified_at))
            self._rows["checks"].append(row)

    def _run(self, item: Item, record: RunRecord, facts: RunFacts) -> int:
        """Return the number of a run, which is put in if it is not there."""
        manifest = bytes.fromhex(record.manifest)
        row = self._find("SELECT id FROM runs WHERE manifest = ?", manifest)
        known = row[0] if row else self._numbers.get(manifest)
        if known is not None:
            return int(known)
        self._last += 1
        said = (self._last, manifest, record.run, record.project, record.order[0])
        place = (item.place, item.signed, item.position)
        self._rows["runs"].append((*said, *place, encode(record), encode(facts)))
        self._numbers[manifest] = self._last
        for table, rows in _rows(self._last, record, facts, item.position).items():
            self._rows[table] += rows
        return self._last

    def _forget(self, key: str) -> None:
        """Remove an item, and its run if no other item holds it."""
        self.flush()
        (run,) = self._find("SELECT run FROM items WHERE key = ?", key)
        self._database.execute("DELETE FROM items WHERE key = ?", (key,))
        self._database.execute("DELETE FROM checks WHERE item = ?", (key,))
        if run is None or self._find("SELECT 1 FROM items WHERE run = ? LIMIT 1", run):
            return
        row = self._find("SELECT record, facts, position FROM runs WHERE id = ?", run)
        rows = _rows(run, record_of(row[0]), facts_of(row[1]), row[2])
        for table, columns in _OWN.items():
            where = " AND ".join(f"{column} = ?" for column in columns)
            statement = f"DELETE FROM {table} WHERE {where}"  # noqa: S608 - our names
            self._database.executemany(statement, rows[table])
        self._database.execute("DELETE FROM runs WHERE id = ?", (run,))

    def _find(self, query: str, *values: object) -> Any:
        return self._database.execute(query, values).fetchone()


def _rows(
    run: int, record: RunRecord, facts: RunFacts, position: int | None
) -> dict[str, list[Row]]:
    """Return the rows of a run in every table but its own."""
    recorded = record.order[0]
    rank = recorded if position is None else position
    uses = [(False, use) for use in record.inputs] + [(True, use) for use in record.outputs]
    roots = [use.key for _, use in uses]
    return {
        "uses": [(packed(key), output, recorded, run) for output, use in uses for key in use.keys],
        "parents": [(bytes.fromhex(each.manifest), run) for each in record.parents],
        "schemas": [
            (record.project, each.dataset, each.fingerprint, rank, run) for each in facts.schemas
        ],
        "folders": [(None, packed(key), False) for key in roots if key.kind == "folder"],
        "singles": [(start_of(key), packed(key), False) for key in roots if key.kind == "file"],
    }
