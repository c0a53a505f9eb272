"""What an adapter turns a reference into: a plan of files, then one scan over their bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from auditkit.datasets.files import Entries, FileEntry, Part, Parts
from auditkit.errors import AuditkitError
from auditkit.manifest.model import ContentKind, DeltaVersion, Schema, Table

if TYPE_CHECKING:
    from auditkit.datasets.assembly import Assembly
    from auditkit.datasets.content.row_difference import RowDifference
    from auditkit.datasets.content.row_digests import RecordedRows
    from auditkit.datasets.content.sequence import SequenceResult
    from auditkit.datasets.content.sidecar import Extent
    from auditkit.datasets.dvc.version import TrackedVersion
    from auditkit.datasets.s3.state import BucketState

__all__ = [
    "ContentRequest",
    "DatasetFormat",
    "Entries",
    "FileEntry",
    "Part",
    "Parts",
    "Plan",
    "Problem",
    "Reading",
    "Reference",
    "Scan",
    "ScanMode",
    "ScannedContent",
]

DatasetFormat = Literal["files", "table", "delta", "dvc"]
Reading = Literal["files", "table"]
ScanMode = Literal["full", "metadata"]


@dataclass(frozen=True, slots=True)
class StageEntry:
    """A stage in a `dvc.lock`, whose path is relative to the DVC project."""

    lock: str
    stage: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A parsed REF: `[FORMAT:]LOCATION[@VERSION]`. `format` is None where it is to be guessed.

    `entry` is the stage that says which version a path of format `dvc` has, where the path alone
    does not tell.
    """

    location: str
    format: DatasetFormat | None = None
    version: str | None = None
    entry: StageEntry | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A path that could not be listed or read, and why."""

    path: str
    error: AuditkitError


@dataclass(frozen=True, slots=True)
class Plan:
    """The files of a data set before anything is read: from names and sizes only.

    `location` is an absolute path, or a URL. `format` says what listed the files, `reading` how
    they are read. `parts` are sorted by the UTF-8 bytes of their paths. `problems` is empty unless
    the plan was made with `collect=True`. `version` is the one that the files are of, where there
    are several; `assembly` says how they become rows, where they do not say so themselves. `dvc` is
    what DVC says of the files, `s3` what a bucket says. `note` tells people where the files are
    read from, if the location does not.
    """

    location: str
    kind: Literal["file", "folder"]
    format: DatasetFormat
    reading: Reading
    parts: Parts
    excluded: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    version: str | None = None
    assembly: Assembly | None = None
    delta: DeltaVersion | None = None
    dvc: TrackedVersion | None = None
    s3: BucketState | None = None
    note: str | None = None

    @property
    def bytes(self) -> int:
        """Total size in bytes at planning time."""
        return self.parts.bytes

    @property
    def is_ordered(self) -> bool:
        """Whether the rows of a table are in an order: not where a log puts files together."""
        return self.assembly is None

    @property
    def is_code(self) -> bool:
        """Whether the files may be code: what a stage of DVC depends on."""
        return self.dvc is not None and self.dvc.resolved.is_dependency

    @property
    def path(self) -> Path | None:
        """The location as a path of this machine, None for a URL."""
        return Path(self.location) if self.location.startswith("/") else None


@dataclass(frozen=True, slots=True)
class ContentRequest:
    """Which digest over its rows a table is to get.

    For `bag`, `row_digests` asks for the sidecar of row digests, and `recorded` are those of an
    earlier record, which the rows are compared with if their digest is another.
    """

    kind: ContentKind
    row_digests: bool = False
    recorded: RecordedRows | None = None


@dataclass(frozen=True, slots=True)
class ScannedContent:
    """A table's content digest in hex, over all of its rows, which lie as `extents` say in order.

    For `sequence`, `blocks` has the digests of the blocks. For `bag`, `row_digests` is the sidecar
    if it was asked for and is not too large, `difference` how rows differ from recorded ones.
    """

    kind: ContentKind
    digest: str
    extents: tuple[Extent, ...] = ()
    blocks: SequenceResult | None = None
    row_digests: bytes | None = None
    difference: RowDifference | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over a data set's bytes found.

    In `full` mode `root` is `{"sha256": hex}` for a file and `{"dirHash": hex}` for a folder;
    it is empty in `metadata` mode and where `problems` kept a file from being read. `problems`
    has those of the plan first. `rows`, `schema` and `table` are None for format `files`, and
    where no part could be read; `rows` also where any data file could not be counted. `content`
    is None where it was not asked for, or could not be computed over all rows of all columns.
    """

    plan: Plan
    mode: ScanMode
    entries: Entries
    root: dict[Literal["sha256", "dirHash"], str] = field(default_factory=dict)
    rows: int | None = None
    schema: Schema | None = None
    table: Table | None = None
    content: ScannedContent | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def bytes(self) -> int:
        """Bytes of the files that were read (or, in metadata mode, listed)."""
        return self.entries.bytes

    def iter_digests(self) -> Iterator[tuple[str, str]]:
        """Yield (path, SHA-256 hex) of the files that were read in full."""
        return self.entries.iter_digests()
