"""A complete, valid manifest with every optional field set, for tests to start from."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from auditkit.manifest import delta, model
from auditkit.schemes import (
    JSON_MEDIA_TYPE,
    PARQUET_MEDIA_TYPE,
    PATCH_MEDIA_TYPE,
    PREDICATE_TYPE,
    PREDICATE_VERSION,
    STATEMENT_TYPE,
)

RUN_ID = "0192f7a4-6b3c-7d21-9a4e-5f60718293a4"
PARENT_RUN_ID = "0192f7a0-11aa-7b00-8c0d-0123456789ab"


def digest(text: str) -> str:
    """Return a plausible SHA-256 that depends on `text` only."""
    return hashlib.sha256(text.encode()).hexdigest()


def sidecar(name: str, media_type: str = PARQUET_MEDIA_TYPE) -> model.SidecarRef:
    return model.SidecarRef(name=name, media_type=media_type, sha256=digest(name), size=4096)


def statement_sample(**overrides: Any) -> model.Statement:
    """Return a statement around `predicate_sample(**overrides)`; subjects follow from it."""
    predicate = predicate_sample(**overrides)
    run = model.Subject(name=f"run:{predicate.run.id}", digest={"sha256": digest(predicate.run.id)})
    outputs = tuple(
        model.Subject(name=each.name, digest=dict(each.inventory.root))
        for each in predicate.datasets
        if each.role == "output"
    )
    return model.Statement(
        type_=STATEMENT_TYPE,
        subject=(run, *outputs),
        predicate_type=PREDICATE_TYPE,
        predicate=predicate,
    )


def predicate_sample(**overrides: Any) -> model.TrainingRun:
    """Return a predicate with every optional field set, fields named in `overrides` replaced."""
    predicate = model.TrainingRun(
        version=PREDICATE_VERSION,
        run=run_sample(),
        code=code_sample(),
        environment=environment_sample(),
        capture=model.Capture(
            tool=model.Tool(name="auditkit", version="0.1.0"),
            method="wrapper",
            created_at="2026-03-02T09:31:07.250Z",
            inputs_read="before-run",
            signers=(digest("signer"),),
            options={"workers": "2"},
            warnings=("nvidia-smi is not installed",),
        ),
        datasets=(
            train_sample(),
            csv_sample(),
            delta_sample(),
            dvc_sample(),
            cited_sample(),
            model_file_sample(),
            folder_output_sample(),
        ),
        splits=(
            model.Split(
                basis="declared",
                name="by-month",
                rule="months 1-9 train, 10-12 test",
                members=(
                    model.SplitMember(name="train", dataset="train", fraction=0.75),
                    model.SplitMember(name="test", dataset="labels", fraction=0.25),
                ),
                seed=20260302,
                key="month",
            ),
        ),
        parameters={"optimiser": {"name": "sgd", "rate": 0.01}, "limit": {"$number": "Infinity"}},
        metrics={"auc": 0.91, "loss": {"$number": "NaN"}, "rows_seen": 336_776},
        lineage=model.Lineage(
            parents=(model.Parent(basis="declared", run=PARENT_RUN_ID, manifest=digest("parent")),)
        ),
        declarations=model.Declarations(
            basis="declared",
            purpose="predict departure delays",
            owner="operations research",
            contact="data-office@example.com",
            notes="quarterly retraining",
        ),
    )
    return msgspec.structs.replace(predicate, **overrides)


def run_sample() -> model.Run:
    return model.Run(
        basis="observed",
        id=RUN_ID,
        project="flights",
        status="failed",
        name="delay-model",
        started_at="2026-03-02T09:30:00Z",
        finished_at="2026-03-02T09:31:05.125Z",
        command=("python", "train.py", "--epochs", "3"),
        exit_code=143,
        signal="SIGTERM",
        error=model.RunError(type="RuntimeError", message="stopped by the scheduler"),
        attempt=2,
        ci=model.CiJob(
            basis="declared",
            provider="github-actions",
            job="train",
            run_id="8123456789",
            attempt=2,
            url="https://ci.example.com/runs/8123456789",
            actor="octavia",
            workflow="nightly",
            ref="refs/heads/main",
        ),
        exceptions={"/name": "declared"},
    )


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
        location="lake/events",
        inventory=model.Inventory(
            kind="folder",
            root={"dirHash": digest("events")},
            files=3,
            bytes=70_144,
            list=sidecar("events.inventory.parquet"),
        ),
        read_at="2026-03-02T09:29:59Z",
        table=model.Table(kind="parquet", parts=2),
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


def code_sample() -> model.Code:
    return model.Code(
        basis="observed",
        status="recorded",
        reason="found from the working directory",
        commit=digest("commit")[:40],
        tree=digest("tree")[:40],
        branch="main",
        tags=("v1.2.0",),
        remote="https://git.example.com/team/flights.git",
        signature=model.CommitSignature(present=True, kind="ssh"),
        dirty=True,
        patch=model.Patch(
            files=("train.py",),
            diff=sidecar("code.patch", PATCH_MEDIA_TYPE),
            omitted="binary files are left out",
        ),
        untracked=model.Untracked(
            files=1,
            bytes=120,
            list=sidecar("untracked.parquet"),
            omitted="contents are left out",
        ),
    )


def environment_sample() -> model.Environment:
    return model.Environment(
        basis="observed",
        python=model.Python(version="3.11.9", implementation="CPython"),
        os=model.OperatingSystem(
            system="Linux",
            release="6.1.0",
            machine="x86_64",
            distribution="Debian GNU/Linux 12",
            libc="glibc 2.36",
        ),
        cpu=model.Cpu(model="Example CPU @ 2.50GHz", cores=8),
        memory_bytes=68_719_476_736,
        gpus=(
            model.Gpu(
                name="Example GPU", driver="550.54", memory_bytes=85_899_345_920, uuid="GPU-0"
            ),
        ),
        packages=model.Packages(count=42, list=sidecar("packages.json", JSON_MEDIA_TYPE)),
        lock_files=(model.LockFile(path="uv.lock", tool="uv", sha256=digest("uv.lock")),),
        container=model.Container(
            basis="declared",
            image="registry.example.com/train:7",
            digest=f"sha256:{digest('image')}",
            runtime="docker",
        ),
        variables={"OMP_NUM_THREADS": "8"},
    )
