"""Which files the recorded folders hold, as their inventories say.

An inventory counts only if it adds up to the folder's root, so what is kept here is true of the
root, whoever's evidence it was found in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from auditkit.datasets.inventory import Inventory, read_inventory, root_of
from auditkit.errors import AuditkitError
from auditkit.execution.progress import Progress
from auditkit.index.keys import start_of, unpacked
from auditkit.index.source import Source
from auditkit.index.stored import facts_of
from auditkit.lineage import DataKey
from auditkit.schemes import MAX_SIDECAR_BYTES

_MOST_TRIED = 20
"""Runs with the same folder whose inventories are tried, until one is good."""


def read_folders(database: sqlite3.Connection, source: Source, progress: Progress) -> None:
    """Take in the inventories of folders that are not known yet; what cannot be read is left."""
    _place_singles(database)
    folders = database.execute("SELECT id, key FROM folders WHERE NOT read").fetchall()
    if not folders:
        return
    progress.start("reading file lists", total_bytes=None, total_files=len(folders))
    try:
        for number, key in folders:
            inventory = _inventory(database, source, unpacked(key), key)
            if inventory is not None:
                _take_in(database, number, inventory)
            database.execute("UPDATE folders SET read = TRUE WHERE id = ?", (number,))
            progress.advance(files=1)
    finally:
        progress.finish()


def _place_singles(database: sqlite3.Connection) -> None:
    """Look for files that were recorded alone in the folders that are known."""
    database.execute(
        "INSERT OR IGNORE INTO members SELECT folder, key FROM singles JOIN files USING (start)"
        " WHERE NOT placed"
    )
    database.execute("UPDATE singles SET placed = TRUE WHERE NOT placed")


def _take_in(database: sqlite3.Connection, folder: int, inventory: Inventory) -> None:
    database.execute("CREATE TEMP TABLE fresh (start BLOB PRIMARY KEY) WITHOUT ROWID")
    digests = (bytes.fromhex(digest) for _, digest in inventory.files.iter_digests())
    database.executemany(
        "INSERT OR IGNORE INTO fresh VALUES (?)", ((start_of(each),) for each in digests)
    )
    database.execute("INSERT OR IGNORE INTO files SELECT start, ? FROM fresh", (folder,))
    database.execute(
        "INSERT OR IGNORE INTO members SELECT ?, key FROM fresh JOIN singles USING (start)",
        (folder,),
    )
    database.execute("DROP TABLE fresh")


def _inventory(
    database: sqlite3.Connection, source: Source, folder: DataKey, key: bytes
) -> Inventory | None:
    rows = database.execute(
        "SELECT place, facts FROM uses JOIN runs ON id = uses.run WHERE key = ? LIMIT ?",
        (key, _MOST_TRIED),
    ).fetchall()
    for content in _sidecars(source, rows, folder.value):
        try:
            inventory = read_inventory(content)
            if root_of(inventory, "folder") == {"dirHash": folder.value}:
                return inventory
        except (AuditkitError, ValueError):
            continue
    return None


def _sidecars(source: Source, rows: list[tuple[str, bytes]], root: str) -> Iterator[bytes]:
    for place, facts in rows:
        for listed in facts_of(facts).files:
            if listed.root == root:
                limit = min(listed.size, MAX_SIDECAR_BYTES)
                try:
                    yield source.sidecar(place, listed.sidecar, listed.sha256, limit)
                except AuditkitError:
                    continue
