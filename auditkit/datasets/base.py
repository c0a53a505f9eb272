"""What an adapter turns a reference into: a plan of files, then one scan over their bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from auditkit.errors import AuditkitError
from auditkit.manifest.model import Schema, Table

DatasetFormat = Literal["files", "table"]
ScanMode = Literal["full", "metadata"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A parsed REF: `[FORMAT:]LOCATION`. `format` is None where it is to be guessed."""

    location: str
    format: DatasetFormat | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a data set: POSIX path relative to the data set, where it is, size in bytes.

    For a data set of kind `file`, `path` is the file's own name.
    """

    path: str
    absolute: Path
    size: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A path that could not be listed or read, and why."""

    path: str
    error: AuditkitError


@dataclass(frozen=True, slots=True)
class Plan:
    """The files of a data set before anything is read: from names and sizes only.

    `parts` are sorted by the UTF-8 bytes of their paths. `problems` is empty unless the plan was
    made with `collect=True`.
    """

    location: Path
    kind: Literal["file", "folder"]
    format: DatasetFormat
    parts: tuple[Part, ...]
    excluded: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def bytes(self) -> int:
        """Total size in bytes at planning time."""
        return sum(part.size for part in self.parts)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file as read: `sha256` is None in metadata mode, `rows` None where not counted."""

    path: str
    size: int
    sha256: str | None
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over a data set's bytes found.

    In `full` mode `root` is `{"sha256": hex}` for a file and `{"dirHash": hex}` for a folder;
    it is empty in `metadata` mode and where `problems` kept a file from being read. `problems`
    has those of the plan first. `rows`, `schema` and `table` are None for format `files`, and
    where no part could be read; `rows` also where any data file could not be counted.
    """

    plan: Plan
    mode: ScanMode
    entries: tuple[FileEntry, ...]
    root: dict[Literal["sha256", "dirHash"], str] = field(default_factory=dict)
    rows: int | None = None
    schema: Schema | None = None
    table: Table | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def bytes(self) -> int:
        """Bytes of the files that were read (or, in metadata mode, listed)."""
        return sum(entry.size for entry in self.entries)

    def iter_digests(self) -> Iterator[tuple[str, str]]:
        """Yield (path, SHA-256 hex) of the files that were read in full."""
        for entry in self.entries:
            if entry.sha256 is not None:
                yield entry.path, entry.sha256
