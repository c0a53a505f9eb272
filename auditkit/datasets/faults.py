"""What went wrong with a file while it was read, in words."""

from __future__ import annotations

import errno

from auditkit.datasets.names import printable
from auditkit.errors import FileChangedError, UnreadableError


def changed(path: str, what: str) -> FileChangedError:
    """Return the error of a file that did not stay as it was planned."""
    return FileChangedError(
        f"the file {what} while it was read",
        hint="Wait until nothing writes to the data set, then try again.",
        path=printable(path),
    )


def reading_error(path: str, error: OSError) -> FileChangedError | UnreadableError:
    """Return what the operating system's error means for a file that was there when planned."""
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return changed(path, "disappeared")
    if error.errno in {errno.ELOOP, errno.ENXIO}:
        return changed(path, "became something else")
    return UnreadableError(
        f"cannot be read ({error.strerror})",
        hint="Check its permissions and the disk.",
        path=printable(path),
    )
