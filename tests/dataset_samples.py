"""Data sets as manifests describe them, with every optional field set."""

from __future__ import annotations

import hashlib

from auditkit.manifest import delta, model
from auditkit.schemes import (
    PARQUET_MEDIA_TYPE,
)

RUN_ID = "0192f7a4-6b3c-7d21-9a4e-5f60718293a4"
PARENT_RUN_ID = "0192f7a0-11aa-7b00-8c0d-0123456789ab"


def digest(text: str) -> str:
    """Return a plausible SHA-256 that depends on `text` only."""
    return hashlib.sha256(text.encode()).hexdigest()


def sidecar(name: str, media_type: str = PARQUET_MEDIA_TYPE) -> model.SidecarRef:
    return model.SidecarRef(name=name, media_type=media_type, sha256=digest(name), size=4096)


def train_sample() -> model.Dataset:
    """Return an input: a partitioned Parquet folder with everything recorded about it."""
    return model.Dataset(
        basis="observed",
        name="train",
        role="input",
        format="table",
        location="data/train",
        inventory=model.Inventory(
            kind="folder",
            root={"dirHash": digest("train")},
            files=12,
            bytes=7_340_032,
            list=sidecar("train.inventory.parquet"),
            digests=("sha512", "blake3"),
            excluded=("*.crc",),
        ),
        exceptions={"/schemaVersion": "declared"},
        read_at="2026-03-02T09:29:58Z",
        rows=252_582,
        schema=model.Schema(
            fingerprint=digest("schema"),
            fields=(
                model.Field(
                    name="dep_delay", type="double", metadata={"unit": "minutes"}, nullable=False
                ),
                model.Field(
                    name="stops",
                    type="list",
                    fields=(model.Field(name="item", type="string"),),
                ),
            ),
        ),
        schema_version="3.1",
        table=model.Table(
            kind="parquet",
            parts=12,
            compression=("SNAPPY",),
            row_groups=12,
            written_by=("parquet-cpp-arrow version 20.0.0",),
            partitioning=(model.Field(name="month", type="int32"),),
            metadata={"pandas": (digest("index"),)},
        ),
        content=model.Content(
            kind="sequence", digest=digest("rows"), blocks=sidecar("train.blocks.parquet")
        ),
        declared=model.Declared(
            source="https://data.example.com/flights",
            licence="CC0-1.0",
            purpose="training",
            personal_data=False,
            contact="data-office@example.com",
            notes="cancelled flights removed",
        ),
        watch=model.Watch(method="stat-then-rehash", changed=("month=3/part-0",), changed_count=1),
    )


def cited_sample() -> model.Dataset:
    """Return an input that another run read and this one did not."""
    return model.Dataset(
        basis="derived",
        name="airports",
        role="reference",
        format="files",
        location="data/airports.bin",
        inventory=model.Inventory(
            kind="file",
            root={"sha256": digest("airports")},
            files=1,
            bytes=4_096,
            list=sidecar("airports.inventory.parquet"),
        ),
        exceptions={"/name": "declared", "/role": "declared"},
        read_at="2026-03-01T08:00:00Z",
        cites=model.Citation(run=PARENT_RUN_ID, manifest=digest("parent"), dataset="lookup"),
    )


def csv_sample() -> model.Dataset:
    """Return an input: a single CSV file."""
    return model.Dataset(
        basis="observed",
        name="labels",
        role="test",
        format="table",
        location="data/labels.csv",
        inventory=model.Inventory(
            kind="file",
            root={"sha256": digest("labels")},
            files=1,
            bytes=912_384,
            list=sidecar("labels.inventory.parquet"),
        ),
        read_at="2026-03-02T09:29:59Z",
        rows=84_194,
        schema=model.Schema(
            fingerprint=digest("labels schema"), fields=(model.Field(name="label", type="string"),)
        ),
        content=model.Content(
            kind="bag", digest=digest("labels rows"), row_digests=sidecar("labels.rows.parquet")
        ),
        table=model.Table(
            kind="csv",
            parts=1,
            csv=model.CsvDialect(
                delimiter=";",
                quote="'",
                double_quote=False,
                escape="\\",
                header=False,
                encoding="latin-1",
                newlines_in_values=False,
                null_values=("NA",),
                strings_can_be_null=True,
            ),
        ),
    )


def dvc_sample() -> model.Dataset:
    """Return an imported folder that DVC tracks, one file of which it knows with other bytes."""
    return model.Dataset(
        basis="observed",
        exceptions={"/dvc/md5": "declared", "/dvc/origin": "declared"},
        name="images",
        role="input",
        format="dvc",
        location="data/images",
        inventory=model.Inventory(
            kind="folder",
            root={"dirHash": digest("images")},
            files=3,
            bytes=48,
            list=sidecar("images.inventory.parquet"),
        ),
        dvc=model.DvcVersion(
            pointer="data/images.dvc",
            stage="prepare",
            md5="0cc175b9c0f1b6a831c399e269772661.dir",
            hash="md5",
            revision=model.DvcRevision(requested="v1.0.0", commit="0" * 40),
            read_from=model.DvcPlaces(workspace=1, cache=1, remote=1),
            remote="store",
            agrees=False,
            differing=("one.png",),
            differing_count=1,
            origin=model.DvcOrigin(
                path="images", repository="https://example.org/images.git", revision="1" * 40
            ),
        ),
        read_at="2026-03-02T09:30:00Z",
    )


def delta_sample() -> model.Dataset:
    """Return an input: a version of a Delta table."""
    return model.Dataset(
        basis="observed",
        name="events",
        role="input",
        format="delta",
        location="s3://lake/events",
        inventory=model.Inventory(
            kind="folder",
            root={"dirHash": digest("events")},
            files=3,
            bytes=70_144,
            list=sidecar("events.inventory.parquet"),
        ),
        read_at="2026-03-02T09:29:59Z",
        table=model.Table(kind="parquet", parts=2),
        s3=model.S3Objects(versions="kept"),
        delta=delta.DeltaVersion(
            version=7,
            requested="2026-03-01T00:00:00Z",
            committed_at="2026-02-28T23:10:00.123Z",
            table_id="0d6d0e1e-6a5b-4a8f-9d3c-3c1f5c9f3a11",
            name="events",
            protocol=delta.DeltaProtocol(
                min_reader_version=3,
                min_writer_version=7,
                reader_features=("deletionVectors",),
                writer_features=("deletionVectors",),
            ),
            configuration={"delta.logRetentionDuration": "interval 30 days"},
            data_files=2,
            log_files=1,
            deletion_vectors=1,
            deleted_rows=4,
            vectors=(
                delta.DeltaVector(file="part-0.parquet", id="u^-aqEH.-t@S}K{vb[*k^@4", rows=4),
            ),
            history=(
                delta.DeltaOperation(
                    version=7,
                    timestamp="2026-02-28T23:10:00.123Z",
                    operation="DELETE",
                    engine="Apache-Spark/3.5.1",
                    parameters={"predicate": "id < 4"},
                    metrics={"numDeletedRows": "4"},
                    metadata={"userMetadata": "request 17"},
                ),
            ),
            schema_history=(
                delta.DeltaSchemaChange(
                    version=0, fingerprint=digest("schema"), changes=("column 'a' added (int64)",)
                ),
            ),
        ),
    )


def model_file_sample() -> model.Dataset:
    """Return an output: a single file."""
    return model.Dataset(
        basis="observed",
        name="model",
        role="output",
        format="files",
        location="out/model.bin",
        inventory=model.Inventory(
            kind="file",
            root={"sha256": digest("model")},
            files=1,
            bytes=65_536,
            list=sidecar("model.inventory.parquet"),
        ),
        read_at="2026-03-02T09:31:06Z",
    )


def folder_output_sample() -> model.Dataset:
    """Return an output: a folder of files."""
    return model.Dataset(
        basis="observed",
        name="plots",
        role="output",
        format="files",
        location="out/plots",
        inventory=model.Inventory(
            kind="folder",
            root={"dirHash": digest("plots")},
            files=3,
            bytes=30_720,
            list=sidecar("plots.inventory.parquet"),
        ),
        read_at="2026-03-02T09:31:06Z",
    )
