"""Hashing whole files, many at a time. Worker processes import this: keep its imports few."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from auditkit.datasets.companion import Companion, start_companion
from auditkit.datasets.faults import changed
from auditkit.datasets.local_files import LOCAL
from auditkit.datasets.source import OpenPart, Source
from auditkit.errors import DataError
from auditkit.execution.cancellation import Cancellation, current_cancellation
from auditkit.execution.progress import Progress

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
    source: Source = LOCAL
    companion: Companion | None = None


@dataclass(frozen=True, slots=True)
class HashedBatch:
    """32 bytes of SHA-256 for each file in order; `failures` tell which could not be read.

    `companions` has the companion digest of each, where one was asked for.
    """

    digests: bytes
    failures: tuple[tuple[int, DataError], ...] = ()
    companions: bytes = b""


@dataclass(frozen=True, slots=True)
class FileHasher:
    """Hashes batches of files, and tells how it gets on; picklable where `progress` is."""

    progress: Progress | None = None

    def __call__(self, batch: FileBatch) -> HashedBatch:
        """Return the digests; a file that cannot be read never hides the others."""
        digests: list[bytes] = []
        companions: list[bytes] = []
        failures: list[tuple[int, DataError]] = []
        reader = _Reader(self.progress, batch.companion)
        missing = bytes(len(start_companion(batch.companion).digest())) if batch.companion else b""
        for index, (path, size) in enumerate(zip(batch.paths, batch.sizes, strict=True)):
            try:
                digest, companion = reader.digest(batch.source, path, size)
            except DataError as error:
                digest, companion = _NO_DIGEST, missing
                failures.append((index, error))
            digests.append(digest)
            companions.append(companion)
        return HashedBatch(b"".join(digests), tuple(failures), b"".join(companions))


class _Reader:
    """Reads files one after another into one buffer."""

    def __init__(self, progress: Progress | None, companion: Companion | None) -> None:
        self._progress = progress
        self._companion = companion
        self._buffer = memoryview(bytearray(_BUFFER_BYTES))
        self._cancellation: Cancellation = current_cancellation()

    def digest(self, source: Source, path: str, size: int) -> tuple[bytes, bytes]:
        """Return the SHA-256 of a file that is, and stays, as it was planned, and its companion.

        Raises:
            FileChangedError: it is gone, of another size, or changed while it was read.
            UnreadableError: the source failed.
        """
        with closing(source.open(path, size)) as file:
            return self._digest(file, path, size)

    def _digest(self, file: OpenPart, path: str, size: int) -> tuple[bytes, bytes]:
        digest = hashlib.sha256()
        companion = start_companion(self._companion) if self._companion else None
        position, count = 0, _BUFFER_BYTES
        # Less than was asked for, and all that was planned: that is the end.
        while count == _BUFFER_BYTES or position < size:
            self._cancellation.check()
            count = file.readinto(self._buffer)
            position += count
            if position > size:
                raise changed(path, f"grew beyond its {size} bytes")
            if count == 0:
                break
            digest.update(self._buffer[:count])
            if companion is not None:
                companion.update(self._buffer[:count])
            if self._progress is not None:
                self._progress.advance(bytes=count)
        if position < size:
            raise changed(path, f"ended after {position} of {size} bytes")
        file.check_unchanged()
        return digest.digest(), companion.digest() if companion is not None else b""
