"""Where manifests come from: what an index asks of a source, and what a source hands over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Item:
    """A manifest, or what was found when it was checked, not authenticated.

    `key` tells it from others in the source and `digest` is over the bytes it was read from, so
    that a change shows. `place` says to people where it is. `position` is its number in a log,
    None where there is no log. `payload` is None where there was nothing to be understood;
    `statement` is its SHA-256 in hex.
    """

    key: str
    digest: str
    place: str
    payload: bytes | None
    statement: str
    signed: bool
    position: int | None = None


class Sink(Protocol):
    """Takes what a source has."""

    def has(self, key: str, digest: str) -> bool:
        """Return whether this is known already; then it need not be handed over again."""

    def put(self, item: Item) -> None:
        """Take an item in, in place of what had its key; no key twice in one feed."""

    def clear(self) -> None:
        """Forget everything that was taken in before."""

    def retain(self) -> None:
        """Forget what was neither asked for by `has` nor `put` since the source began."""


class Source(Protocol):
    """Manifests that can be read more than once."""

    @property
    def identity(self) -> str:
        """What this source is, whatever state it is in."""

    def feed(self, sink: Sink, state: str | None) -> str:
        """Hand over what is not in `sink` yet; return the state that it is in then.

        `state` is what the last call returned, None if there was none.
        """

    def statement(self, key: str, digest: str) -> bytes:
        """Return the bytes of the item with this key, which have this SHA-256.

        Raises:
            AuditkitError: they are missing, or others.
        """

    def sidecar(self, place: str, name: str, digest: str, limit: int) -> bytes:
        """Return a sidecar of the manifest at `place`, of at most `limit` bytes.

        Raises:
            AuditkitError: it is missing, too large, or has not this SHA-256.
        """
