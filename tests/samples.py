"""A complete, valid manifest with every optional field set, for tests to start from."""

from __future__ import annotations

from typing import Any

import msgspec
from dataset_samples import (
    PARENT_RUN_ID,
    RUN_ID,
    cited_sample,
    csv_sample,
    delta_sample,
    digest,
    dvc_sample,
    folder_output_sample,
    model_file_sample,
    sidecar,
    train_sample,
)

from auditkit.manifest import model
from auditkit.schemes import (
    JSON_MEDIA_TYPE,
    PATCH_MEDIA_TYPE,
    PREDICATE_TYPE,
    PREDICATE_VERSION,
    STATEMENT_TYPE,
)


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
