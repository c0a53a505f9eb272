"""A registry's store in a folder: on this machine, or on a file system that several machines mount.

An object appears under its name by a hard link, which never replaces anything. The head is replaced
while a lock file is held; the kernel lets go of the lock when its process dies. Names that begin
with a dot, and links, are never objects.
"""

from __future__ import annotations

import errno
import hashlib
import heapq
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from auditkit.errors import (
    ObjectNotFoundError,
    StorageError,
    StoreError,
    StoreUnavailableError,
    UnreadableError,
)
from auditkit.stores import atomic
from auditkit.stores.keys import check_key, check_prefix, is_key
from auditkit.stores.lock import exclusive
from auditkit.stores.reading import read_regular
from auditkit.stores.store import MAX_HEAD_BYTES, Head

_LOCK: Final = ".lock"
_PAGE: Final = 100_000
"""Names of one folder that are held at once; a larger folder is read several times."""

_NO_HARD_LINKS: Final = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS}
_GONE: Final = {errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.ENOTCONN}


@dataclass(frozen=True, slots=True)
class DirectoryStore:
    """Objects as files below `root`, which is there already; see `Store`.

    Nothing in a folder hinders whoever may write to it from changing or removing objects: that is
    for the log to show. `lock_wait` is how many seconds a swap waits for another one.
    """

    root: Path
    lock_wait: float = 30.0

    @property
    def location(self) -> str:
        """The folder's path."""
        return str(self.root)

    def put_new(self, key: str, content: bytes, *, retain: bool = False) -> bool:
        """Create an object; return False if there is one. A folder has no retention."""
        del retain
        check_key(key)
        path = self.root / key
        try:
            self._make_folders(path.parent)
            created = not os.path.lexists(path) and _link_new(path, content)
            # Also for who came second: its caller relies on the object's staying there.
            atomic.sync_folder(path.parent)
        except OSError as error:
            raise _failed(error, path) from error
        return created

    def get(self, key: str, *, limit: int) -> bytes:
        """Return an object's bytes; see `Store`."""
        check_key(key)
        path = self.root / key
        if self._folder(path.parent) is None:
            raise ObjectNotFoundError("is missing", path=str(path))
        try:
            return read_regular(path, limit, StoreError, missing=ObjectNotFoundError)
        except UnreadableError as error:
            raise StoreError(error.message, hint=error.hint, path=error.path) from error

    def alteration(self, key: str) -> None:
        """Return None: a folder keeps no record of what was done to it."""
        check_key(key)

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the keys below `prefix`, sorted by their bytes."""
        check_prefix(prefix)
        folder = self._folder(self.root / prefix)
        if folder is not None:
            yield from _keys(folder, prefix)

    def remove(self, key: str) -> None:
        """Remove an object that was never evidence; no error if absent."""
        check_key(key)
        path = self.root / key
        if self._folder(path.parent) is None:
            return
        try:
            path.unlink(missing_ok=True)
            atomic.sync_folder(path.parent)
        except OSError as error:
            raise _failed(error, path) from error

    def read_head(self, key: str) -> Head | None:
        """Return the head; its version is the SHA-256 of its content."""
        try:
            content = self.get(key, limit=MAX_HEAD_BYTES)
        except ObjectNotFoundError:
            return None
        return Head(content, hashlib.sha256(content).hexdigest())

    def swap_head(self, key: str, content: bytes, expected: Head | None) -> bool:
        """Replace the head if it is still `expected`, alone among all processes."""
        check_key(key)
        path = self.root / key
        try:
            self._make_folders(path.parent)
            with exclusive(self.root / _LOCK, wait=self.lock_wait):
                if self.read_head(key) != expected:
                    return False
                atomic.replace(path, content)
        except OSError as error:
            raise _failed(error, path) from error
        except StorageError as error:
            raise StoreError(error.message, hint=error.hint, path=error.path) from error
        return True

    def _folder(self, path: Path) -> Path | None:
        """Return the folder if it is there and no part of its way below the root is a link."""
        self._check_root()
        folder = str(self.root)
        for name in path.parts[len(self.root.parts) :]:
            folder = f"{folder}/{name}"
            try:
                mode = os.lstat(folder).st_mode
            except FileNotFoundError:
                return None
            except OSError as error:
                raise _failed(error, Path(folder)) from error
            if not stat.S_ISDIR(mode):
                raise StoreError("is not a folder", path=folder)
        return path

    def _make_folders(self, path: Path) -> None:
        if self._folder(path) is not None:
            return
        for folder in self._way(path):
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            atomic.sync_folder(folder.parent)
        self._folder(path)  # what somebody else made in the meantime may be a link

    def _check_root(self) -> None:
        """A folder that is not there may be a file system that is not mounted: make none."""
        if not self.root.is_dir():
            raise StoreUnavailableError(
                "no such folder",
                hint="Check the path, and that the file system it lies on is mounted.",
                path=str(self.root),
            )

    def _way(self, path: Path) -> Iterator[Path]:
        folder = self.root
        for name in path.relative_to(self.root).parts:
            folder /= name
            yield folder


def _link_new(path: Path, content: bytes) -> bool:
    temporary = atomic.temporary_path(path.parent)
    try:
        atomic.create(temporary, content)
        return _link(temporary, path)
    finally:
        atomic.discard(temporary)


def _link(temporary: Path, path: Path) -> bool:
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        raise StoreError(
            "this file system has no hard links, so that one of two writers could undo the other",
            hint="Choose a folder on another file system, or a bucket.",
            path=str(path),
        ) from error
    return True


def _keys(folder: Path, prefix: str) -> Iterator[str]:
    for name in _names(folder):
        if not name.endswith("/"):
            yield prefix + name
        elif is_key(prefix + name[:-1]):
            yield from _keys(folder / name, prefix + name)


def _names(folder: Path) -> Iterator[str]:
    """Yield names of files, and of folders with a slash: so they sort as their keys do."""
    last = ""
    while True:
        try:
            page = heapq.nsmallest(_PAGE, _entries(folder, last))
        except FileNotFoundError:
            return
        except OSError as error:
            raise _failed(error, folder) from error
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1]


def _entries(folder: Path, after: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name + "/"
            if name <= after or not is_key(entry.name):
                continue
            if not entry.is_dir(follow_symlinks=False):
                if not entry.is_file(follow_symlinks=False):
                    continue
                name = entry.name
            if name > after:
                yield name


def _failed(error: OSError, path: Path) -> StoreError:
    known = atomic.storage_error(error, path)
    kind = StoreUnavailableError if error.errno in _GONE else StoreError
    return kind(known.message, hint=known.hint, path=known.path)
