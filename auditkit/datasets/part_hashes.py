"""All digests of one part, from one reading of its bytes.

Worker processes import this: keep its imports few.
"""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

from auditkit.datasets.companion import Companion, start_companion
from auditkit.digests import FurtherDigest, start_digest


class PartDigests(NamedTuple):
    """SHA-256, the further digests in the order asked for, the companion or nothing, as bytes.

    `stated` is the checksum that the part's place states, empty where it states none.
    """

    sha256: bytes
    further: tuple[bytes, ...]
    companion: bytes
    stated: str = ""

    def blanked(self) -> PartDigests:
        """Return zeros in place of every digest: what stands for a part that could not be read."""
        further = tuple(bytes(len(digest)) for digest in self.further)
        return PartDigests(bytes(len(self.sha256)), further, bytes(len(self.companion)))


class PartHashes:
    """Digests in the making."""

    __slots__ = ("_all", "_companion", "_further", "_sha256")

    def __init__(self, further: tuple[FurtherDigest, ...], companion: Companion | None) -> None:
        """Raises MissingDependencyError for BLAKE3 without its package."""
        self._sha256 = hashlib.sha256()
        self._further = [start_digest(name) for name in further]
        self._companion = start_companion(companion) if companion is not None else None
        self._all: list[Any] = [self._sha256, *self._further]
        if self._companion is not None:
            self._all.append(self._companion)

    def update(self, data: bytes | memoryview) -> None:
        """Take in the next bytes."""
        for each in self._all:
            each.update(data)

    def digests(self) -> PartDigests:
        """Return the digests of all bytes; nothing is taken in any more."""
        return PartDigests(
            self._sha256.digest(),
            tuple([each.digest() for each in self._further]),
            self._companion.digest() if self._companion is not None else b"",
        )
