"""Runs and data as lineage sees them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

DataKind = Literal["file", "folder", "sequence", "bag"]

Order = tuple[int, str]
"""When a run was recorded, as a number that sorts, then its manifest digest, hex."""


class DataKey(msgspec.Struct, frozen=True, array_like=True):
    """Data by content: a file or folder by its root, or the rows of a table in or out of order.

    `value` is 64 hex digits; `algorithm` is in-toto's name for how they came about.
    """

    kind: DataKind
    algorithm: str
    value: str

    @property
    def id(self) -> str:
        """The key as text: `sha256:…`, `dirHash:…`, `sequence:…` or `bag:…`."""
        name = self.kind if self.kind in {"sequence", "bag"} else self.algorithm
        return f"{name}:{self.value}"

    @classmethod
    def of_root(cls, algorithm: str, value: str) -> DataKey:
        """Return the key of a file or folder by the root in its inventory."""
        return cls("folder" if algorithm == "dirHash" else "file", algorithm, value)


class CitedData(msgspec.Struct, frozen=True, array_like=True):
    """The record in another run's manifest on whose word a use stands."""

    run: str
    manifest: str
    name: str


class DataUse(msgspec.Struct, frozen=True, array_like=True):
    """One data set or output of a run: what it is, and what the run calls it.

    `content` is the digest over its rows, None where it has none. With `cites` the run did not
    read it to record it.
    """

    name: str
    role: str
    key: DataKey
    content: DataKey | None
    location: str
    files: int
    bytes: int
    rows: int | None
    cites: CitedData | None = None

    @property
    def keys(self) -> Iterator[DataKey]:
        """Everything that the same data can be found by."""
        yield self.key
        if self.content is not None:
            yield self.content


class ParentLink(msgspec.Struct, frozen=True, array_like=True):
    """An earlier run that a run declares to build on."""

    run: str
    manifest: str


class RunRecord(msgspec.Struct, frozen=True, array_like=True):
    """What one manifest says about where its run stands. `manifest` is its digest, hex.

    `recorded_at` is RFC 3339, by the recording machine's own clock.
    """

    manifest: str
    run: str
    project: str
    name: str | None
    status: str
    recorded_at: str
    inputs: tuple[DataUse, ...]
    outputs: tuple[DataUse, ...]
    parents: tuple[ParentLink, ...]

    @property
    def id(self) -> str:
        """The run's node in a graph."""
        return f"run:{self.manifest}"

    @property
    def order(self) -> Order:
        """Where the run stands among others, by declared time."""
        return sortable(self.recorded_at), self.manifest


def sortable(instant: str) -> int:
    """Return an RFC 3339 time in UTC as the number that its digits make, to 100 microseconds.

    What is no day of the calendar has a place among the others, too.
    """
    seconds, _, fraction = instant.rstrip("Z").partition(".")
    digits = seconds.replace("-", "").replace("T", "").replace(":", "")
    return int(digits + fraction[:4].ljust(4, "0"))
