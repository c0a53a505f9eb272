"""Hashing whole files, many at a time. Worker processes import this: keep its imports few."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from auditkit.datasets.companion import Companion
from auditkit.datasets.faults import changed
from auditkit.datasets.local_files import LOCAL
from auditkit.datasets.part_hashes import PartDigests, PartHashes
from auditkit.datasets.source import OpenPart, Source
from auditkit.digests import FurtherDigest
from auditkit.errors import DataError
from auditkit.execution.cancellation import Cancellation, current_cancellation
from auditkit.execution.progress import Progress

_BUFFER_BYTES: Final = 256 * 1024
"""Small enough that what was read is still in the processor's cache when it is hashed."""

_WAITING_BYTES: Final = 1024 * 1024
"""Where a network is waited for, fewer and larger reads leave the processor to others."""

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

    `companions` has the companion digest of each, where one was asked for; `further` has those of
    each further algorithm; `stated` has the checksums that the source states, by number.
    """

    digests: bytes
    failures: tuple[tuple[int, DataError], ...] = ()
    companions: bytes = b""
    further: tuple[bytes, ...] = ()
    stated: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileHasher:
    """Hashes batches of files, and tells how it gets on; picklable where `progress` is."""

    progress: Progress | None = None
    further: tuple[FurtherDigest, ...] = ()

    def __call__(self, batch: FileBatch) -> HashedBatch:
        """Return the digests; a file that cannot be read never hides the others."""
        found: list[PartDigests] = []
        failures: list[tuple[int, DataError]] = []
        size = _WAITING_BYTES if batch.source.waits else _BUFFER_BYTES
        reader = _Reader(self.progress, self.further, batch.companion, size)
        missing = PartHashes(self.further, batch.companion).digests().blanked()
        for index, (path, size) in enumerate(zip(batch.paths, batch.sizes, strict=True)):
            try:
                found.append(reader.digest(batch.source, path, size))
            except DataError as error:
                found.append(missing)
                failures.append((index, error))
        return HashedBatch(
            b"".join(each.sha256 for each in found),
            tuple(failures),
            b"".join(each.companion for each in found),
            tuple(map(b"".join, zip(*(each.further for each in found), strict=True))),
            {index: each.stated for index, each in enumerate(found) if each.stated},
        )


class _Reader:
    """Reads files one after another into one buffer."""

    def __init__(
        self,
        progress: Progress | None,
        further: tuple[FurtherDigest, ...],
        companion: Companion | None,
        buffer_bytes: int,
    ) -> None:
        self._progress = progress
        self._further = further
        self._companion = companion
        self._buffer = memoryview(bytearray(buffer_bytes))
        self._cancellation: Cancellation = current_cancellation()

    def digest(self, source: Source, path: str, size: int) -> PartDigests:
        """Return the digests of a file that is, and stays, as it was planned.

        Raises:
            FileChangedError: it is gone, of another size, or changed while it was read.
            UnreadableError: the source failed.
        """
        file = source.open(path, size)
        try:
            return self._digest(file, path, size)
        finally:
            file.close()

    def _digest(self, file: OpenPart, path: str, size: int) -> PartDigests:
        hashes = PartHashes(self._further, self._companion)
        position, count = 0, len(self._buffer)
        # Less than was asked for, and all that was planned: that is the end.
        while count == len(self._buffer) or position < size:
            self._cancellation.check()
            count = file.readinto(self._buffer)
            position += count
            if position > size:
                raise changed(path, f"grew beyond its {size} bytes")
            if count == 0:
                break
            hashes.update(self._buffer[:count])
            if self._progress is not None:
                self._progress.advance(bytes=count)
        if position < size:
            raise changed(path, f"ended after {position} of {size} bytes")
        file.check_unchanged()
        return hashes.digests()._replace(stated=file.stated)
