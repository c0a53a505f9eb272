"""Reading files from a folder that a stranger may have filled."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from auditkit.errors import AuditkitError, UnreadableError


def read_regular(
    path: Path,
    limit: int,
    wrong: type[AuditkitError],
    *,
    missing: type[AuditkitError] | None = None,
) -> bytes:
    """Return the contents of a regular file of at most `limit` bytes.

    Links are not followed, and pipes, sockets and devices are not opened: opening one may block
    or have effects.

    Raises:
        AuditkitError: as the class `wrong`, if it is a link, special, or too large; as the class
            `missing`, by default `wrong` too, if it is not there.
        UnreadableError: the operating system refused or failed.
    """
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise wrong("is not a regular file", path=str(path))
        # Between the two calls it may have become a link or a pipe.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with os.fdopen(os.open(path, flags), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise wrong("is not a regular file", path=str(path))
            # One byte more than it has: only a file that grows is worth a buffer of the limit.
            data = b"" if status.st_size > limit else file.read(status.st_size + 1)
            if len(data) > status.st_size:
                data += file.read(limit + 1 - len(data))
    except (FileNotFoundError, NotADirectoryError):
        raise (missing or wrong)("is missing", path=str(path)) from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise wrong("is a symbolic link", path=str(path)) from error
        raise unreadable(error, path) from error
    if max(status.st_size, len(data)) > limit:
        raise wrong(f"has more than {limit} bytes", path=str(path))
    return data


def unreadable(error: OSError | ValueError, path: Path) -> UnreadableError:
    """Return the error to raise when the operating system would not let a path be read."""
    reason = getattr(error, "strerror", None) or str(error)
    return UnreadableError(
        f"cannot be read ({reason})", hint="Check its owner and permissions.", path=str(path)
    )
