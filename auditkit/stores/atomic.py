"""Files that appear whole or not at all, and stay after a power cut.

The bytes go to a temporary file in the same folder, are synchronised to the disk, and only then
get their name; the folder is synchronised last.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from auditkit.errors import StorageError

TEMPORARY_PREFIX = ".tmp-"
"""What a crash may leave behind starts with this; nothing reads it, and it may be deleted."""

_HINTS = {
    errno.ENOSPC: "The disk is full: free some space and run it again.",
    errno.EDQUOT: "Your disk quota is used up: free some space and run it again.",
    errno.EFBIG: "The file is larger than this file system or process may write.",
    errno.EACCES: "Choose a folder you may write to.",
    errno.EPERM: "Choose a folder you may write to.",
    errno.EROFS: "The file system is read-only: choose another folder.",
    errno.ENOTDIR: "A part of the path is a file, not a folder: choose another path.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
}


def write_new(path: Path, data: bytes) -> None:
    """Create `path` with `data`.

    Raises:
        StorageError: it exists already, or could not be written; the folder is as it was.
    """
    _write(path, data, _name_new)


def replace(path: Path, data: bytes) -> None:
    """Create `path` with `data`, or replace it in one step.

    Raises:
        StorageError: it could not be written; what was there is untouched.
    """
    _write(path, data, os.replace)


def replace_with(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Create `path` with what `write` writes to a file, or replace it in one step.

    Raises:
        StorageError: it could not be written; what was there is untouched.
    """
    temporary = temporary_path(path.parent)
    try:
        with temporary.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise storage_error(error, path) from error
    finally:
        discard(temporary)


def check_writable(folder: Path) -> None:
    """Raise StorageError unless a file can be created in `folder`, or where it would be made."""
    existing = folder
    while not os.path.lexists(existing) and existing != existing.parent:
        existing = existing.parent
    probe = temporary_path(existing)
    try:
        create(probe, b"auditkit")
    except OSError as error:
        raise storage_error(error, folder) from error
    finally:
        discard(probe)


def temporary_path(folder: Path) -> Path:
    """Return an unused path in `folder` for something that does not have its name yet."""
    return folder / (TEMPORARY_PREFIX + secrets.token_hex(8))


def create(path: Path, data: bytes) -> None:
    """Create `path` with `data` and synchronise it to the disk; raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Synchronise a folder's entries to the disk; raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some network file systems cannot do it
            raise
    finally:
        os.close(descriptor)


def storage_error(error: OSError, path: Path) -> StorageError:
    """Return the error to raise for `error`, with a hint for what people can do about it."""
    if isinstance(error, FileExistsError):
        return StorageError(
            "already exists, and is not overwritten",
            hint="Choose another path, or move the old one away.",
            path=str(path),
        )
    reason = error.strerror or type(error).__name__
    return StorageError(
        f"could not be written ({reason}); nothing was left half-written",
        hint=_HINTS.get(error.errno or 0, "Check the folder and the disk, and run it again."),
        path=str(path),
    )


def _write(path: Path, data: bytes, name: Callable[[Path, Path], None]) -> None:
    temporary = temporary_path(path.parent)
    try:
        create(temporary, data)
        name(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        raise storage_error(error, path) from error
    finally:
        discard(temporary)


def _name_new(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.ENOSYS}:
            raise
        # No hard links here (FAT, some network file systems): claim the name, then replace it.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
        try:
            temporary.replace(path)
        except OSError:
            discard(path)
            raise


def discard(path: Path) -> None:
    """Remove a file that never got its name, as far as that is possible."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        # The folder is not writable or not a folder, which has been or will be reported.
        return
