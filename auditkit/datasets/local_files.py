"""Parts on local disk, by their real paths. Worker processes import this: keep its imports few."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import Final

from auditkit.datasets.faults import changed, reading_error

# O_NOFOLLOW: the planned path is a real one, so a link in its place was put there since.
# O_NONBLOCK: a pipe put in its place must not hang us.
_OPEN_FLAGS: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NOFOLLOW | os.O_NONBLOCK

_CLOSED: Final = -1


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """The local disk."""

    @property
    def waits(self) -> bool:
        """Return False: what is read here takes the processor's time."""
        return False

    def open(self, real: str, size: int) -> LocalFile:
        """Open a regular file of `size` bytes; see `Source` for what is raised."""
        return LocalFile(real, size)

    def stamp(self, real: str) -> tuple[int, int, int, int] | None:
        """Return size, mtime, ctime and inode; the ctime cannot be set back."""
        try:
            status = os.stat(real)  # noqa: PTH116 -- a Path for each of millions is slow
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        return (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


LOCAL: Final = LocalFiles()


class LocalFile:
    """An opened file; see `OpenPart`."""

    __slots__ = ("_before", "_descriptor", "_path")

    stated = ""

    def __init__(self, path: str, size: int) -> None:
        self._path = path
        self._descriptor = _CLOSED
        try:
            self._descriptor = os.open(path, _OPEN_FLAGS)
            self._before = os.fstat(self._descriptor)
            _check_planned(self._before, path, size)
        except OSError as error:
            self.close()
            raise reading_error(path, error) from error
        except BaseException:
            self.close()
            raise

    def read(self, count: int) -> bytes:
        """Return the next `count` bytes, fewer only at the end."""
        try:
            return os.read(self._descriptor, count)
        except OSError as error:
            raise reading_error(self._path, error) from error

    def readinto(self, buffer: memoryview) -> int:
        """Fill the beginning of `buffer` with the next bytes; return how many, 0 at the end."""
        try:
            return os.readv(self._descriptor, [buffer])
        except OSError as error:
            raise reading_error(self._path, error) from error

    def seek(self, position: int) -> None:
        """Go on from `position`."""
        os.lseek(self._descriptor, position, os.SEEK_SET)

    def peek(self, position: int, count: int) -> bytes:
        """Return up to `count` bytes from `position` on."""
        try:
            return os.pread(self._descriptor, count, position)
        except OSError as error:
            raise reading_error(self._path, error) from error

    def check_unchanged(self) -> None:
        """Raise FileChangedError if the file was written to, replaced or removed since opened."""
        before = self._before
        try:
            after = os.lstat(self._path)
        except OSError as error:
            raise reading_error(self._path, error) from error
        if (after.st_dev, after.st_ino) != (before.st_dev, before.st_ino):
            raise changed(self._path, "was replaced")
        if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            raise changed(self._path, "was written to")

    def close(self) -> None:
        """Close the file."""
        if self._descriptor != _CLOSED:
            os.close(self._descriptor)
            self._descriptor = _CLOSED


def _check_planned(status: os.stat_result, path: str, size: int) -> None:
    """Raise FileChangedError unless this is a regular file of the planned size."""
    if not stat.S_ISREG(status.st_mode):
        raise changed(path, "became something else")
    if status.st_size != size:
        raise changed(path, f"has {status.st_size} bytes instead of {size}")
