"""Sizes and digests of single files that are not part of a data set."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path
from typing import Final

from auditkit.errors import UnreadableError, UnsafePathError

# O_NONBLOCK: a pipe of that name must not hang us.
_FLAGS: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


def hash_file(path: Path) -> tuple[int, str]:
    """Return size in bytes and SHA-256 hex of a regular file; a link is not followed.

    Raises:
        UnsafePathError: a symbolic link, folder, pipe, socket or device.
        UnreadableError: the operating system refuses.
    """
    try:
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UnsafePathError("not a regular file")
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return file.tell(), digest
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENXIO, errno.EISDIR}:
            raise UnsafePathError("not a regular file") from error
        raise UnreadableError(f"cannot be read ({error.strerror})") from error
