"""Hashing whole files, many at a time. Worker processes import this: keep its imports few."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from auditkit.datasets.faults import changed, reading_error
from auditkit.errors import DataError
from auditkit.execution.cancellation import Cancellation, current_cancellation
from auditkit.execution.progress import Progress

# O_NOFOLLOW: the planned path is a real one, so a link in its place was put there since.
# O_NONBLOCK: a pipe put in its place must not hang us.
OPEN_FLAGS: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NOFOLLOW | os.O_NONBLOCK

_BUFFER_BYTES: Final = 256 * 1024
"""Small enough that what was read is still in the processor's cache when it is hashed."""

_NO_DIGEST: Final = bytes(32)

Advance = Callable[[int], None]
"""Told how many more bytes have been read."""


@dataclass(frozen=True, slots=True)
class FileBatch:
    """Files that share one trip to a worker: real paths, and sizes in bytes as planned."""

    paths: tuple[str, ...]
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HashedBatch:
    """32 bytes of SHA-256 for each file in order; `failures` tell which could not be read."""

    digests: bytes
    failures: tuple[tuple[int, DataError], ...] = ()


@dataclass(frozen=True, slots=True)
class FileHasher:
    """Hashes batches of files, and tells how it gets on; picklable where `progress` is."""

    progress: Progress | None = None

    def __call__(self, batch: FileBatch) -> HashedBatch:
        """Return the digests; a file that cannot be read never hides the others."""
        digests: list[bytes] = []
        failures: list[tuple[int, DataError]] = []
        reader = _Reader(self.progress)
        for index, (path, size) in enumerate(zip(batch.paths, batch.sizes, strict=True)):
            try:
                digests.append(reader.digest(path, size))
            except DataError as error:
                digests.append(_NO_DIGEST)
                failures.append((index, error))
        return HashedBatch(b"".join(digests), tuple(failures))


class _Reader:
    """Reads files one after another into one buffer."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._buffer = memoryview(bytearray(_BUFFER_BYTES))
        self._cancellation: Cancellation = current_cancellation()

    def digest(self, path: str, size: int) -> bytes:
        """Return the SHA-256 of a file that is, and stays, as it was planned.

        Raises:
            FileChangedError: it is gone, of another size, or changed while it was read.
            UnreadableError: the operating system failed.
        """
        try:
            descriptor = os.open(path, OPEN_FLAGS)
            try:
                return self._digest(descriptor, path, size)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise reading_error(path, error) from error

    def _digest(self, descriptor: int, path: str, size: int) -> bytes:
        before = os.fstat(descriptor)
        check_planned(before, path, size)
        digest = hashlib.sha256()
        position, count = 0, _BUFFER_BYTES
        # Less than was asked for, and all that was planned: that is the end.
        while count == _BUFFER_BYTES or position < size:
            self._cancellation.check()
            count = os.readv(descriptor, [self._buffer])
            position += count
            if position > size:
                raise changed(path, f"grew beyond its {size} bytes")
            if count == 0:
                break
            digest.update(self._buffer[:count])
            if self._progress is not None:
                self._progress.advance(bytes=count)
        if position < size:
            raise changed(path, f"ended after {position} of {size} bytes")
        check_unchanged(before, os.fstat(descriptor), path)
        return digest.digest()


def check_planned(status: os.stat_result, path: str, size: int) -> None:
    """Raise FileChangedError unless this is a regular file of the planned size."""
    if not stat.S_ISREG(status.st_mode):
        raise changed(path, "became something else")
    if status.st_size != size:
        raise changed(path, f"has {status.st_size} bytes instead of {size}")


def check_unchanged(before: os.stat_result, after: os.stat_result, path: str) -> None:
    """Raise FileChangedError if an opened file was written to, replaced or removed since."""
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise changed(path, "was written to")
    there = os.lstat(path)
    if (there.st_dev, there.st_ino) != (after.st_dev, after.st_ino):
        raise changed(path, "was replaced")
