"""What a registry needs of the place it lies in: a directory, or a bucket.

Objects are created once and never changed; one small object, the head, is swapped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

MAX_HEAD_BYTES: Final = 1024 * 1024
"""The largest head that is read; a checkpoint with many cosignatures has some KiB."""


@dataclass(frozen=True, slots=True)
class Head:
    """The swapped object as it was read; `version` is the store's own name for this state of it."""

    content: bytes
    version: str


class Store(Protocol):
    """Objects under keys: relative POSIX paths of plain names.

    Safe for several threads and processes at once. Every method raises StoreUnavailableError
    where the store cannot be reached within bounded time, and StoreError where it refuses.
    """

    @property
    def location(self) -> str:
        """Where the store is, for people: without credentials."""

    def put_new(self, key: str, content: bytes, *, retain: bool = False) -> bool:
        """Create an object; return False if there is one under this key, whatever it holds.

        With `retain` it is kept under the store's retention settings, if it has any.
        """

    def get(self, key: str, *, limit: int) -> bytes:
        """Return an object's bytes as they are now.

        Whoever can write to the place may have changed them: callers hold them against a digest or
        against the log, and `alteration` tells what became of those that differ.

        Raises:
            ObjectNotFoundError: there is none.
            StoreError: it has more than `limit` bytes.
        """

    def alteration(self, key: str) -> str | None:
        """Return what the place itself knows of an object that was overwritten or deleted.

        It is a sentence for people that says where the bytes first stored still are. None where
        nothing is known, as in a folder and in a bucket that keeps no versions.
        """

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the keys that start with `prefix`, which ends with `/`, sorted, page by page."""

    def remove(self, key: str) -> None:
        """Remove an object that was never evidence, such as one that waited; no error if absent."""

    def read_head(self, key: str) -> Head | None:
        """Return the head, None if there is none."""

    def swap_head(self, key: str, content: bytes, expected: Head | None) -> bool:
        """Replace the head if it is still `expected` (None: absent); return False if it is not.

        `content` is never what the head held before: a store may tell its states by content.
        After a lost answer the store is asked whether the swap took place; two callers never both
        get True for one `expected`.
        """
