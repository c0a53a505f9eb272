"""What a manifest says of a version, out of its log."""

from __future__ import annotations

from typing import Final

from auditkit.datasets.delta.history import commit_time, history_of, timestamp
from auditkit.datasets.delta.log import Log
from auditkit.datasets.delta.snapshot import Snapshot
from auditkit.manifest.delta import DeltaProtocol, DeltaVector, DeltaVersion

_MAX_VECTORS: Final = 1000


def describe(log: Log, snapshot: Snapshot, requested: str | None, *, history: bool) -> DeltaVersion:
    """Return the record of a version, with the table's history where that is asked for."""
    metadata, protocol = snapshot.metadata, snapshot.protocol
    commit = log.commits.get(snapshot.version)
    vectors = [
        DeltaVector(file=path, id=vector.id, rows=vector.cardinality)
        for path, add in sorted(snapshot.files.items())
        if (vector := add.deletion_vector) is not None
    ]
    operations, changes = history_of(log, snapshot.version) if history else ((), ())
    return DeltaVersion(
        version=snapshot.version,
        requested=requested,
        committed_at=timestamp(commit_time(commit)) if commit else None,
        table_id=metadata.id,
        name=metadata.name,
        protocol=DeltaProtocol(
            min_reader_version=protocol.min_reader_version,
            min_writer_version=protocol.min_writer_version,
            reader_features=tuple(sorted(protocol.reader_features or ())),
            writer_features=tuple(sorted(protocol.writer_features or ())),
        ),
        configuration={key: value or "" for key, value in sorted(metadata.configuration.items())},
        data_files=len(snapshot.files),
        log_files=len(snapshot.log),
        deletion_vectors=len(vectors),
        deleted_rows=sum(vector.rows for vector in vectors),
        vectors=tuple(vectors[:_MAX_VECTORS]),
        history=operations,
        schema_history=changes,
    )
