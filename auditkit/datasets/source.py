"""Where the bytes of data sets are: one small port, whatever is there, disk or bucket.

A plan lists parts, each with the source that opens it. Sources are small, frozen and picklable, so
that any process can open any part. What they open is read front to back, once, while it is hashed.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol


class OpenPart(Protocol):
    """The bytes of one part, which are and stay what was planned."""

    @property
    def stated(self) -> str:
        """A checksum of all bytes that the place states, once they were read; empty without one.

        It is a hint, and never evidence. Sources that wait may have one.
        """

    def read(self, count: int) -> bytes:
        """Return the next `count` bytes, fewer only at the end."""

    def readinto(self, buffer: memoryview) -> int:
        """Fill the beginning of `buffer` with the next bytes; return how many, 0 at the end."""

    def seek(self, position: int) -> None:
        """Go on from `position`, which is not before the present one; what is between is left."""

    def peek(self, position: int, count: int) -> bytes:
        """Return up to `count` bytes from `position` on; what is read next stays the same."""

    def check_unchanged(self) -> None:
        """Raise FileChangedError if the part was written to, replaced or removed since opened."""

    def close(self) -> None:
        """Let go of it; may be called twice."""


class Source(Protocol):
    """A place that holds parts, by addresses of its own."""

    @property
    def waits(self) -> bool:
        """Whether reading waits for a network, so that many parts are to be read at once."""

    def open(self, real: str, size: int) -> OpenPart:
        """Open the part at the address `real`, which has `size` bytes.

        Raises:
            FileChangedError: it is not as planned any more; from what is opened, too.
            UnreadableError: the place refuses, or fails; from what is opened, too.
        """

    def stamp(self, real: str) -> Hashable | None:
        """Return what is another value once the part was written to; None if it is not there."""
