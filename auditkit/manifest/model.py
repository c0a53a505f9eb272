"""The in-toto Statement v1 with auditkit's training-run predicate, as frozen types.

`schemas/manifest.v1.json` is generated from here. Sources: in-toto attestation framework v1
(Statement, ResourceDescriptor, DigestSet); `docs/formats/manifest.md` for the predicate.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from auditkit.digests import FurtherDigest
from auditkit.manifest.delta import DeltaVersion
from auditkit.manifest.dvc import DvcOrigin, DvcPlaces, DvcRevision, DvcVersion
from auditkit.manifest.provenance import (
    Code,
    CommitSignature,
    Container,
    Cpu,
    Environment,
    Gpu,
    LockFile,
    OperatingSystem,
    Packages,
    Patch,
    Python,
    Untracked,
)
from auditkit.manifest.run import CiJob, Run, RunError
from auditkit.manifest.types import (
    Basis,
    BasisMap,
    Count,
    DigestHex,
    JsonMap,
    Name,
    Record,
    RunId,
    Sha256,
    SidecarRef,
    Text,
    Timestamp,
)
from auditkit.schemes import OUTPUT_ROLE

__all__ = [
    "Basis",
    "BasisMap",
    "Capture",
    "CiJob",
    "Citation",
    "Code",
    "CommitSignature",
    "Container",
    "Content",
    "ContentKind",
    "Cpu",
    "CsvDialect",
    "Dataset",
    "Declarations",
    "Declared",
    "DeltaVersion",
    "DvcOrigin",
    "DvcPlaces",
    "DvcRevision",
    "DvcVersion",
    "Environment",
    "Field",
    "Gpu",
    "Inventory",
    "KeptVersions",
    "Lineage",
    "LockFile",
    "OperatingSystem",
    "Packages",
    "Parent",
    "Patch",
    "Python",
    "Run",
    "RunError",
    "S3Objects",
    "Schema",
    "SidecarRef",
    "Split",
    "SplitMember",
    "Statement",
    "Subject",
    "Table",
    "Tool",
    "TrainingRun",
    "Untracked",
    "Watch",
]

ContentKind = Literal["sequence", "bag"]
"""Content digests of tables: rows in their order, or in any order."""

KeptVersions = Literal["kept", "partly", "none", "unknown"]
"""Of how many objects of a data set a bucket keeps versions."""

Role = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]*\Z", max_length=64)]


class Inventory(Record, frozen=True, kw_only=True):
    """The files of a data set: their root and where the full list is.

    `root` is `sha256` for a single file and `dirHash` for a folder; `digests` are those that the
    list has of every file beside SHA-256; `excluded` are the globs that were left out on request.
    """

    kind: Literal["file", "folder"]
    root: dict[Literal["sha256", "dirHash"], Sha256]
    files: Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
    bytes: Count
    list: SidecarRef
    digests: tuple[FurtherDigest, ...] = ()
    excluded: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if tuple(self.root) != ("sha256" if self.kind == "file" else "dirHash",):
            raise ValueError("root is sha256 for a file and dirHash for a folder")
        if self.kind == "file" and self.files != 1:
            raise ValueError("a single file counts as one")
        if len(set(self.digests)) != len(self.digests):
            raise ValueError("a digest is named twice")


class Field(Record, frozen=True, kw_only=True):
    """One column, or one child of a nested column.

    `type` is a type token of `docs/formats/manifest.md`; `fields` are the children of nested types.
    """

    name: Text
    type: Annotated[str, msgspec.Meta(max_length=256)]
    nullable: bool = True
    fields: tuple[Field, ...] = ()
    metadata: dict[str, Text] = {}


class Schema(Record, frozen=True, kw_only=True):
    """Ordered columns and the fingerprint over them."""

    fingerprint: Sha256
    fields: tuple[Field, ...]


class CsvDialect(Record, frozen=True, kw_only=True):
    """Everything needed to read the same rows from the same CSV bytes again."""

    delimiter: Annotated[str, msgspec.Meta(min_length=1, max_length=1)]
    quote: Annotated[str, msgspec.Meta(max_length=1)] = '"'
    double_quote: bool = True
    escape: Annotated[str, msgspec.Meta(max_length=1)] = ""
    header: bool = True
    encoding: str = "utf-8"
    newlines_in_values: bool = True
    null_values: tuple[str, ...] = ()
    strings_can_be_null: bool = False


class Table(Record, frozen=True, kw_only=True):
    """Format details of a table that matter for reading it again.

    `metadata` has, for each key of the parts' own metadata that readers go by, the distinct
    SHA-256 of its values; that of no bytes stands for parts without the key.
    """

    kind: Literal["parquet", "arrow", "csv", "jsonl"]
    parts: Count
    compression: tuple[str, ...] = ()
    row_groups: Count | None = None
    written_by: tuple[Text, ...] = ()
    csv: CsvDialect | None = None
    partitioning: tuple[Field, ...] = ()
    metadata: dict[str, tuple[Sha256, ...]] = {}

    def __post_init__(self) -> None:
        if (self.csv is None) == (self.kind == "csv"):
            raise ValueError("csv describes tables of kind csv, and those only")


class Content(Record, frozen=True, kw_only=True):
    """A digest over the rows of a table, however its files are laid out.

    `blocks` is the sidecar that says which rows changed; it goes with `sequence` only.
    `row_digests`, which may go with `bag`, is the one that says which rows were added.
    """

    kind: ContentKind
    digest: Sha256
    blocks: SidecarRef | None = None
    row_digests: SidecarRef | None = None

    def __post_init__(self) -> None:
        if (self.blocks is None) == (self.kind == "sequence"):
            raise ValueError("blocks go with content of kind sequence, and that only")
        if self.row_digests is not None and self.kind != "bag":
            raise ValueError("row digests go with content of kind bag only")


class S3Objects(Record, frozen=True, kw_only=True):
    """What a bucket says of a data set's objects, beside their bytes.

    `versions` tells whether it keeps versions of all of them, of some, or of none, or does not let
    them be seen. The inventory has the version of each.
    """

    versions: KeptVersions


class Declared(Record, frozen=True, kw_only=True):
    """What the team states about a data set; auditkit cannot observe it."""

    source: Text | None = None
    licence: Text | None = None
    purpose: Text | None = None
    personal_data: bool | None = None
    contact: Text | None = None
    notes: Text | None = None


class Watch(Record, frozen=True, kw_only=True):
    """Whether a data set changed while the wrapped command ran, and how that was found out."""

    method: Literal["stat-then-rehash"]
    changed: tuple[Text, ...] = ()
    changed_count: Count = 0


class Citation(Record, frozen=True, kw_only=True):
    """A data set in another run's manifest, on whose word a record stands."""

    run: RunId
    manifest: Sha256
    dataset: Name


class Dataset(Record, frozen=True, kw_only=True):
    """Something a run read or wrote. With `cites` the run did not read it to record it."""

    name: Name
    role: Role
    format: Literal["files", "table", "delta", "dvc"]
    location: Text
    inventory: Inventory
    basis: Basis
    exceptions: BasisMap = {}
    read_at: Timestamp
    rows: Count | None = None
    schema: Schema | None = None
    schema_version: Text | None = None
    table: Table | None = None
    content: Content | None = None
    delta: DeltaVersion | None = None
    dvc: DvcVersion | None = None
    s3: S3Objects | None = None
    declared: Declared | None = None
    watch: Watch | None = None
    cites: Citation | None = None

    def __post_init__(self) -> None:
        if self.format != "dvc" and (self.table is None) == (self.format != "files"):
            raise ValueError("table describes data sets of tables, and those only")
        if self.table is None and (self.rows, self.schema, self.content) != (None, None, None):
            raise ValueError("only tables have rows, a schema and content")
        for format, version in (("delta", self.delta), ("dvc", self.dvc)):
            if (version is None) == (self.format == format):
                raise ValueError(f"{format} describes data sets of format {format}, and those only")
        if self.content is not None and (self.rows is None or self.schema is None):
            raise ValueError("content needs rows and a schema to be read under")
        if (self.cites is None) == (self.basis == "derived"):
            raise ValueError("data sets that cite another are derived, and those only")
        if self.cites is not None and (self.role == OUTPUT_ROLE or self.watch is not None):
            raise ValueError("what is cited was neither written nor watched")


class SplitMember(Record, frozen=True, kw_only=True):
    """One side of a split: its name and the data set that holds it."""

    name: Name
    dataset: Name
    fraction: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None


class Split(Record, frozen=True, kw_only=True):
    """How data was divided: the rule as the team states it, and the members' data sets."""

    name: Name
    rule: Text
    members: tuple[SplitMember, ...]
    seed: Annotated[int, msgspec.Meta(ge=-(2**53 - 1), le=2**53 - 1)] | None = None
    key: Text | None = None
    basis: Basis


class Parent(Record, frozen=True, kw_only=True):
    """An earlier run that this one builds on."""

    run: RunId
    manifest: Sha256
    basis: Basis


class Lineage(Record, frozen=True, kw_only=True):
    """Where the run stands in the chain of runs."""

    parents: tuple[Parent, ...] = ()


class Declarations(Record, frozen=True, kw_only=True):
    """What the team states about the run as a whole."""

    purpose: Text | None = None
    owner: Text | None = None
    contact: Text | None = None
    notes: Text | None = None
    basis: Basis


class Tool(Record, frozen=True, kw_only=True):
    """The program that made this record."""

    name: Text
    version: Text


class Capture(Record, frozen=True, kw_only=True):
    """How this record was made, so that a reader can judge it."""

    tool: Tool
    method: Literal["command", "api", "wrapper"]
    created_at: Timestamp
    inputs_read: Literal["before-run", "during-run", "after-run"]
    signers: tuple[Sha256, ...] = ()
    options: dict[str, Text] = {}
    warnings: tuple[Text, ...] = ()


class TrainingRun(Record, frozen=True, kw_only=True):
    """The predicate `urn:auditkit:training-run:v1`."""

    version: Annotated[str, msgspec.Meta(pattern=r"^1\.(0|[1-9][0-9]{0,5})\Z")]
    run: Run
    code: Code
    environment: Environment
    capture: Capture
    datasets: tuple[Dataset, ...] = ()
    splits: tuple[Split, ...] = ()
    parameters: JsonMap = {}
    metrics: JsonMap = {}
    lineage: Lineage = msgspec.field(default_factory=Lineage)
    declarations: Declarations | None = None


class Subject(Record, frozen=True, kw_only=True):
    """An in-toto ResourceDescriptor with the two fields auditkit uses."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    digest: Annotated[dict[str, DigestHex], msgspec.Meta(min_length=1)]


class Statement(Record, frozen=True, kw_only=True):
    """in-toto Statement v1."""

    type_: Literal["https://in-toto.io/Statement/v1"] = msgspec.field(name="_type")
    subject: Annotated[tuple[Subject, ...], msgspec.Meta(min_length=1, max_length=1024)]
    predicate_type: Literal["urn:auditkit:training-run:v1"]
    predicate: TrainingRun
