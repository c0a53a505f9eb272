"""The SQLite file: its tables, where it lies, and what is done with one that cannot be used."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from pathlib import Path
from typing import Final

FORMAT: Final = 3
"""Raised with every change of tables or of what is put into them; another one is made again."""

_BUSY_SECONDS: Final = 60.0
_CACHE_KIB: Final = 65_536
"""Keys are digests, so that rows go all over the file: a smaller cache doubles the work."""

_TABLES: Final = """
CREATE TABLE source (identity TEXT NOT NULL, state TEXT);
CREATE TABLE items (
    key TEXT PRIMARY KEY, digest TEXT NOT NULL, run INTEGER
) WITHOUT ROWID;
CREATE INDEX items_by_run ON items (run);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, manifest BLOB NOT NULL UNIQUE, run TEXT NOT NULL,
    project TEXT NOT NULL, recorded INTEGER NOT NULL, place TEXT NOT NULL,
    signed INTEGER NOT NULL, position INTEGER, record BLOB NOT NULL, facts BLOB NOT NULL
);
CREATE INDEX runs_by_id ON runs (run);
CREATE INDEX runs_by_project ON runs (project, recorded);
CREATE INDEX runs_by_time ON runs (recorded);
CREATE TABLE uses (
    key BLOB NOT NULL, output INTEGER NOT NULL, recorded INTEGER NOT NULL, run INTEGER NOT NULL,
    PRIMARY KEY (key, output, recorded, run)
) WITHOUT ROWID;
CREATE TABLE parents (
    parent BLOB NOT NULL, child INTEGER NOT NULL, PRIMARY KEY (parent, child)
) WITHOUT ROWID;
CREATE TABLE schemas (
    project TEXT NOT NULL, dataset TEXT NOT NULL, fingerprint TEXT NOT NULL,
    rank INTEGER NOT NULL, run INTEGER NOT NULL,
    PRIMARY KEY (project, dataset, fingerprint, rank, run)
) WITHOUT ROWID;
CREATE TABLE checks (
    item TEXT PRIMARY KEY, manifest BLOB NOT NULL, at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX checks_by_manifest ON checks (manifest, at);
CREATE TABLE folders (
    id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, read INTEGER NOT NULL
);
CREATE INDEX folders_to_read ON folders (id) WHERE NOT read;
CREATE TABLE files (
    start BLOB NOT NULL, folder INTEGER NOT NULL, PRIMARY KEY (start, folder)
) WITHOUT ROWID;
CREATE TABLE singles (
    start BLOB NOT NULL, key BLOB NOT NULL, placed INTEGER NOT NULL, PRIMARY KEY (start, key)
) WITHOUT ROWID;
CREATE INDEX singles_to_place ON singles (start) WHERE NOT placed;
CREATE TABLE members (
    folder INTEGER NOT NULL, file BLOB NOT NULL, PRIMARY KEY (folder, file)
) WITHOUT ROWID;
"""


def index_file(cache: Path, identity: str) -> Path:
    """Return where the index of the source with this identity lies."""
    return cache / "index" / f"{hashlib.sha256(identity.encode()).hexdigest()[:32]}.sqlite"


def connect(path: Path | None, identity: str) -> sqlite3.Connection:
    """Return a connection to the index at `path`; what is there and does not fit is made again.

    With None, and where the place cannot be written, it is a temporary file of this process.
    """
    if path is not None:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
            return _opened(path, identity)
        except (OSError, sqlite3.OperationalError):
            pass  # read-only, full, or no locks there: the index is a convenience
    return _prepared("", identity)


def discard(path: Path) -> None:
    """Remove an index that turned out to be damaged, with its journal; no error if absent."""
    for name in (path, path.with_name(f"{path.name}-journal")):
        name.unlink(missing_ok=True)


def _opened(path: Path, identity: str) -> sqlite3.Connection:
    try:
        return _prepared(str(path), identity)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:  # not an index at all
        discard(path)
        return _prepared(str(path), identity)


def _prepared(name: str, identity: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        # A crash may damage it, and then it is made again: waiting for the disk buys nothing.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("BEGIN IMMEDIATE")
        if not _fits(connection, identity):
            _make(connection, identity)
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _fits(connection: sqlite3.Connection, identity: str) -> bool:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != FORMAT:
        return False
    return connection.execute("SELECT identity FROM source").fetchall() == [(identity,)]


def _make(connection: sqlite3.Connection, identity: str) -> None:
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    for (name,) in names:
        quoted = name.replace('"', '""')
        connection.execute(f'DROP TABLE "{quoted}"')
    for statement in _TABLES.split(";"):
        connection.execute(statement)
    connection.execute("INSERT INTO source VALUES (?, NULL)", (identity,))
    connection.execute(f"PRAGMA user_version = {FORMAT}")
