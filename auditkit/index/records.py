"""The index as records for a walk through lineage."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from auditkit.index.keys import packed, start_of, unpacked
from auditkit.index.stored import record_of
from auditkit.lineage import DataKey, RunRecord
from auditkit.lineage.model import Order

_FIRST = (-1, b"")
_LAST = (2**63 - 1, b"")
_USERS = (
    "SELECT record FROM uses JOIN runs ON id = uses.run"
    " WHERE key = ?1 AND output = ?2 AND uses.recorded BETWEEN ?3 AND ?5"
    " AND (uses.recorded > ?3 OR manifest > ?4) AND (uses.recorded < ?5 OR manifest < ?6)"
    " ORDER BY uses.recorded"
)


class IndexRecords:
    """Answers about single runs and data; see `auditkit.lineage.records.Records`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._database = connection

    def run(self, manifest: str) -> RunRecord | None:
        """Return the run with this manifest digest."""
        row = self._database.execute(
            "SELECT record FROM runs WHERE manifest = ?", (bytes.fromhex(manifest),)
        ).fetchone()
        return record_of(row[0]) if row else None

    def writers(
        self, key: DataKey, *, after: Order | None = None, before: Order | None = None, limit: int
    ) -> Sequence[RunRecord]:
        """Return the runs that wrote it, the latest first."""
        return self._users(key, after, before, limit, wrote=True)

    def readers(
        self, key: DataKey, *, after: Order | None = None, before: Order | None = None, limit: int
    ) -> Sequence[RunRecord]:
        """Return the runs that read it, the earliest first."""
        return self._users(key, after, before, limit, wrote=False)

    def first_writer(self, key: DataKey) -> Order | None:
        """Return the place of the earliest run that wrote it."""
        row = self._database.execute(
            "SELECT uses.recorded, manifest FROM uses JOIN runs ON id = uses.run"
            " WHERE key = ?1 AND output AND uses.recorded ="
            "  (SELECT min(recorded) FROM uses WHERE key = ?1 AND output = 1)"
            " ORDER BY manifest LIMIT 1",
            (packed(key),),
        ).fetchone()
        return (row[0], row[1].hex()) if row else None

    def children(self, manifest: str, *, limit: int) -> Sequence[RunRecord]:
        """Return the runs that declare this one as a parent, the earliest first."""
        rows = self._database.execute(
            "SELECT record FROM parents JOIN runs ON id = child WHERE parent = ?"
            " ORDER BY recorded, manifest LIMIT ?",
            (bytes.fromhex(manifest), limit),
        )
        return [record_of(record) for (record,) in rows]

    def holders(self, file: DataKey, *, limit: int) -> Sequence[DataKey]:
        """Return the recorded folders that have a file with this content."""
        rows = self._database.execute(
            "SELECT key FROM files JOIN folders ON id = folder WHERE start = ? LIMIT ?",
            (start_of(file), limit),
        )
        return [unpacked(key) for (key,) in rows]

    def members(self, folder: DataKey, *, limit: int) -> Sequence[DataKey]:
        """Return the files in this folder that some run recorded alone."""
        rows = self._database.execute(
            "SELECT file FROM folders JOIN members ON id = folder WHERE key = ? LIMIT ?",
            (packed(folder), limit),
        )
        return [unpacked(key) for (key,) in rows]

    def _users(
        self, key: DataKey, after: Order | None, before: Order | None, limit: int, *, wrote: bool
    ) -> list[RunRecord]:
        """Return the runs that wrote it, latest first, or those that read it, earliest first.

        Which of the runs recorded within the same instant are cut off by `limit` is open.
        """
        rows = self._database.execute(
            _USERS + (" DESC" if wrote else " ASC") + " LIMIT ?7",
            (packed(key), wrote, *_bound(after, _FIRST), *_bound(before, _LAST), limit),
        )
        found = [record_of(record) for (record,) in rows]
        return sorted(found, key=lambda run: run.order, reverse=wrote)


def _bound(order: Order | None, default: tuple[int, bytes]) -> tuple[int, bytes]:
    return default if order is None else (order[0], bytes.fromhex(order[1]))
