"""An index that fits its source: made, brought up to date, or made again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from auditkit.digests import sha256_hex
from auditkit.errors import AuditkitError, StorageError, StoreUnavailableError
from auditkit.execution.progress import Progress, SilentProgress
from auditkit.index.builder import Builder
from auditkit.index.bundle import bundle_payload
from auditkit.index.database import connect, discard, index_file
from auditkit.index.files import read_folders
from auditkit.index.records import IndexRecords
from auditkit.index.source import Source


class Index:
    """Questions about all runs of one source."""

    def __init__(self, database: sqlite3.Connection, source: Source) -> None:
        self.database = database
        self.records = IndexRecords(database)
        self._source = source

    def refresh(self) -> None:
        """Bring the index up to the source's state; all of it or nothing."""
        with transaction(self.database):
            (state,) = self.database.execute("SELECT state FROM source").fetchone()
            builder = Builder(self.database)
            state = self._source.feed(builder, state)
            builder.flush()
            self.database.execute("UPDATE source SET state = ?", (state,))

    def read_folders(self, progress: Progress | None = None) -> None:
        """Read the file lists of folders, so that single files can be asked for."""
        with transaction(self.database):
            read_folders(self.database, self._source, progress or SilentProgress())

    def statement(self, key: str, digest: str) -> bytes:
        """Return the bytes of an item as its source has them; raises AuditkitError."""
        return self._source.statement(key, digest)

    def payload(self, manifest: str) -> bytes | None:
        """Return the payload of a manifest by its digest (hex), None if it is not there any more.

        Raises:
            StoreUnavailableError: the source cannot be reached.
        """
        query = (
            "SELECT key, digest FROM items JOIN runs ON id = items.run WHERE manifest = ? LIMIT 1"
        )
        row = self.database.execute(query, (bytes.fromhex(manifest),)).fetchone()
        if row is None:
            return None
        try:
            content = self.statement(str(row[0]), str(row[1]))
        except StoreUnavailableError:
            raise
        except AuditkitError:
            return None
        return content if sha256_hex(content) == manifest else bundle_payload(content)

    @property
    def size(self) -> int:
        """How many runs there are."""
        (count,) = self.database.execute("SELECT count(*) FROM runs").fetchone()
        return int(count)

    @property
    def unreadable(self) -> int:
        """How many items of the source could not be understood."""
        query = (
            "SELECT count(*) FROM items LEFT JOIN checks ON key = item"
            " WHERE run IS NULL AND item IS NULL"
        )
        (count,) = self.database.execute(query).fetchone()
        return int(count)

    @property
    def state(self) -> str:
        """The state of the source that answers are about."""
        (state,) = self.database.execute("SELECT state FROM source").fetchone()
        return str(state)


@contextmanager
def open_index(source: Source, cache: Path | None) -> Iterator[Index]:
    """Yield the index of `source`, up to date, from the user's cache folder or made anew.

    Raises:
        AuditkitError: the source cannot be read.
        StorageError: the index was damaged while it was used; the next call makes it anew.
    """
    path = None if cache is None else index_file(cache, source.identity)
    index = _fitting(source, path)
    try:
        yield index
    except sqlite3.DatabaseError as error:
        if path is not None:
            discard(path)
        raise StorageError(
            f"the index could not be used ({error})",
            hint="Run it again: the index is made anew.",
            path=None if path is None else str(path),
        ) from error
    finally:
        index.database.close()


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Run what is inside as one transaction."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def _fitting(source: Source, path: Path | None) -> Index:
    index = Index(connect(path, source.identity), source)
    try:
        index.refresh()
    except sqlite3.DatabaseError:  # damaged, or of tables that nobody here made
        index.database.close()
        if path is not None:
            discard(path)
        index = Index(connect(path, source.identity), source)
        index.refresh()
    return index
