"""From what people write to runs and data in the index."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Final

from auditkit.index.keys import packed, unpacked
from auditkit.index.stored import record_of
from auditkit.lineage import DataKey, RunRecord

_RUN_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{1,27}")
_LATEST: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)/latest")
_DIGEST: Final = re.compile(r"(?:(sha256|dirHash|sequence|bag):)?([0-9a-f]{6,64})")
_LETTERS: Final = {
    None: (b"f", b"d", b"s", b"b"),
    "sha256": (b"f",),
    "dirHash": (b"d",),
    "sequence": (b"s",),
    "bag": (b"b",),
}

MOST_FOUND: Final = 20
"""Answers to an unclear question; nobody chooses among more."""


def find_runs(database: sqlite3.Connection, text: str) -> list[RunRecord]:
    """Return the runs that `text` names: PROJECT/latest, or the first digits of an id or digest."""
    latest, digest = _LATEST.fullmatch(text), _DIGEST.fullmatch(text)
    if latest:
        query = "SELECT record FROM runs WHERE project = ? ORDER BY recorded DESC, run DESC LIMIT 1"
        rows = database.execute(query, (latest[1],))
    elif _RUN_ID.fullmatch(text):
        query = "SELECT record FROM runs WHERE run >= ? AND run < ? LIMIT ?"
        rows = database.execute(query, (text, f"{text}g", MOST_FOUND))
    elif digest and digest[1] in {None, "sha256"}:
        query = "SELECT record FROM runs WHERE manifest BETWEEN ? AND ? LIMIT ?"
        rows = database.execute(query, (*_range(b"", digest[2]), MOST_FOUND))
    else:
        return []
    found = [record_of(record) for (record,) in rows]
    return [run for run in found if digest is None or run.manifest.startswith(digest[2])]


def entry_of(database: sqlite3.Connection, run: RunRecord) -> int | None:
    """Return the number in the log of a run's manifest, None where there is no log."""
    query = "SELECT position FROM runs WHERE manifest = ?"
    row = database.execute(query, (bytes.fromhex(run.manifest),)).fetchone()
    return row[0] if row else None


def find_keys(database: sqlite3.Connection, text: str) -> list[DataKey]:
    """Return the recorded data that `text` names by the first digits of its digest.

    A file in a folder needs all of them.
    """
    match = _DIGEST.fullmatch(text)
    if match is None:
        return []
    found: list[DataKey] = []
    for letter in _LETTERS[match[1]]:
        rows = database.execute(
            "SELECT DISTINCT key FROM uses WHERE key BETWEEN ? AND ? LIMIT ?",
            (*_range(letter, match[2]), MOST_FOUND),
        )
        found += (unpacked(key) for (key,) in rows)
    found = [key for key in found if key.value.startswith(match[2])]
    if not found and len(match[2]) == 64 and match[1] in {None, "sha256"}:
        file = DataKey("file", "sha256", match[2])
        found = [file] if is_recorded(database, file) else []
    return found


def is_recorded(database: sqlite3.Connection, key: DataKey) -> bool:
    """Return whether some run used this data, or a folder that has this file."""
    used = database.execute("SELECT 1 FROM uses WHERE key = ? LIMIT 1", (packed(key),))
    if used.fetchone() is not None:
        return True
    held = database.execute("SELECT 1 FROM files WHERE start = ? LIMIT 1", (packed(key)[1:17],))
    return key.kind == "file" and held.fetchone() is not None


def roots_of(database: sqlite3.Connection, content: DataKey) -> list[DataKey]:
    """Return the files and folders that were recorded with these rows."""
    rows = database.execute(
        "SELECT record FROM uses JOIN runs ON id = uses.run WHERE key = ? LIMIT ?",
        (packed(content), MOST_FOUND),
    )
    runs = [record_of(record) for (record,) in rows]
    uses = (use for run in runs for use in (*run.inputs, *run.outputs))
    return list(dict.fromkeys(use.key for use in uses if use.content == content))


def recorded_at(database: sqlite3.Connection, location: str) -> DataKey | None:
    """Return what was recorded last at this location; looks through all runs."""
    for run in all_runs(database):
        for use in (*run.outputs, *run.inputs):
            if use.location == location:
                return use.key
    return None


def all_runs(database: sqlite3.Connection) -> Iterator[RunRecord]:
    """Yield all runs, the latest first."""
    query = "SELECT record FROM runs ORDER BY recorded DESC"
    for (record,) in database.execute(query):
        yield record_of(record)


def _range(prefix: bytes, digits: str) -> tuple[bytes, bytes]:
    """Return the first and last key that begin like this."""
    return (
        prefix + bytes.fromhex(digits.ljust(64, "0")),
        prefix + bytes.fromhex(digits.ljust(64, "f")),
    )
