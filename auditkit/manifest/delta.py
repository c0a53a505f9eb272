"""What a manifest says of one version of a Delta table, beside its files, rows and columns."""

from __future__ import annotations

from auditkit.manifest.types import Count, JsonMap, Record, Sha256, Text, Timestamp


class DeltaProtocol(Record, frozen=True, kw_only=True):
    """What the table asks of those who read and write it."""

    min_reader_version: Count
    min_writer_version: Count
    reader_features: tuple[Text, ...] = ()
    writer_features: tuple[Text, ...] = ()


class DeltaOperation(Record, frozen=True, kw_only=True):
    """A commit as its writer describes it, with the writer's own names."""

    version: Count
    timestamp: Timestamp | None = None
    operation: Text | None = None
    engine: Text | None = None
    parameters: JsonMap = {}
    metrics: JsonMap = {}
    metadata: JsonMap = {}


class DeltaSchemaChange(Record, frozen=True, kw_only=True):
    """The columns that a commit gave the table, and how they differ from those before."""

    version: Count
    fingerprint: Sha256
    changes: tuple[Text, ...] = ()


class DeltaVector(Record, frozen=True, kw_only=True):
    """Which rows of one data file are not in the table, by the log's own name for them."""

    file: Text
    id: Text
    rows: Count


class DeltaVersion(Record, frozen=True, kw_only=True):
    """The version that was read, and the part of the table's history that its log still had.

    `requested` is what was asked for, `version` what that was resolved to, once.
    """

    version: Count
    table_id: Text
    protocol: DeltaProtocol
    requested: Text | None = None
    committed_at: Timestamp | None = None
    name: Text | None = None
    configuration: dict[str, Text] = {}
    data_files: Count
    log_files: Count
    deletion_vectors: Count = 0
    deleted_rows: Count = 0
    vectors: tuple[DeltaVector, ...] = ()
    history: tuple[DeltaOperation, ...] = ()
    schema_history: tuple[DeltaSchemaChange, ...] = ()
