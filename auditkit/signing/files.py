"""Reading small files with secrets or keys in them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from auditkit.errors import KeyFileError


def read_small_file(path: Path, what: str, limit: int) -> tuple[bytes, os.stat_result]:
    """Return the contents of a regular file, of at most `limit` bytes, and its status.

    `what` names the file's kind in errors.

    Raises:
        KeyFileError: missing, unreadable, not a regular file, or too large.
    """
    try:
        # A pipe without a writer would block for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            data = _read(descriptor, limit + 1) if stat.S_ISREG(status.st_mode) else None
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise KeyFileError(f"no such {what}", hint="Check the path.", path=str(path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise KeyFileError(
            f"the {what} cannot be read ({reason})",
            hint="Give a file that you have the right to read.",
            path=str(path),
        ) from error
    if data is None:
        raise KeyFileError(
            f"the {what} is not a regular file",
            hint="Give a file, or env:NAME for an environment variable.",
            path=str(path),
        )
    if len(data) > limit:
        raise KeyFileError(
            f"the {what} has more than {limit} bytes", hint="Check the path.", path=str(path)
        )
    return data, status


def _read(descriptor: int, count: int) -> bytes:
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        return file.read(count)
