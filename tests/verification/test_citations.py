"""Data sets on another run's word: never counted as read, and held against what that run said."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from projects import Outcome, Project
from rewrite import resign
from stages import Stages

from auditkit.api.recorder import CaptureResult
from auditkit.datasets.base import Reference
from auditkit.errors import SidecarError, TargetNotFoundError, UsageError
from auditkit.manifest.bundle import decode_bundle
from auditkit.manifest.codec import decode_statement
from auditkit.manifest.model import Dataset
from auditkit.signing.signer import Signer


@pytest.fixture
def stages(tmp_path: Path, signer: Signer) -> Stages:
    stages = Stages(tmp_path / "project", signer)
    stages.write("data/base/part-0.csv", "id,delay\n1,5\n2,-3\n")
    stages.write("data/base/part-1.csv", "id,delay\n3,8\n")
    stages.write("model", "weights")
    return stages


@pytest.fixture
def base(stages: Stages) -> CaptureResult:
    return stages.record("base", {"flights": "data/base"}, {"report": "model"})


@pytest.fixture
def job(stages: Stages, base: CaptureResult) -> CaptureResult:
    return stages.record("job", {}, {"model": "model"}, cites={"x": f"run:{base.run_id}/flights"})


def records(result: CaptureResult) -> dict[str, Dataset]:
    payload = decode_bundle((result.path / "manifest.sigstore.json").read_bytes()).payload
    datasets = decode_statement(payload).statement.predicate.datasets
    return {each.name: each for each in datasets}


def check(stages: Stages, result: CaptureResult, **options: Any) -> Outcome:
    return Project(stages.root, stages.signer).verify(str(result.path), **options)


def lineage(outcome: Outcome) -> list[tuple[str, str, str]]:
    return [(each.check, each.subject, each.status) for each in outcome.findings if each.step == 7]


def test_the_record_is_repeated_and_says_whose_it_is(
    base: CaptureResult, job: CaptureResult
) -> None:
    own, cited = records(base)["flights"], records(job)["x"]
    assert cited.basis == "derived"
    assert cited.cites is not None
    assert (cited.cites.run, cited.cites.manifest, cited.cites.dataset) == (
        base.run_id,
        base.manifest,
        "flights",
    )
    assert (cited.inventory.root, cited.rows, cited.schema, cited.read_at, cited.location) == (
        own.inventory.root,
        own.rows,
        own.schema,
        own.read_at,
        own.location,
    )
    assert cited.content is not None
    assert own.content is not None
    assert cited.content.digest == own.content.digest
    assert {each.name for each in job.path.iterdir()} >= {
        "x.inventory.parquet",
        "x.blocks.parquet",
    }


def test_nothing_of_it_is_read(stages: Stages, base: CaptureResult) -> None:
    shutil.rmtree(stages.root / "data")
    job = stages.record("job", {}, {"model": "model"}, cites={"x": f"run:{base.run_id}/flights"})
    outcome = check(stages, job)
    assert outcome.verdict.exit_code == 0
    found = outcome.dataset("x")
    assert (found.condition, found.status, found.coverage.files) == ("unchecked", "skipped", 0)
    assert found.note == f"on the word of run {base.run_id}"


def test_a_run_that_only_cites_never_passes(stages: Stages, base: CaptureResult) -> None:
    job = stages.record("job", {}, {}, cites={"x": f"run:{base.run_id}/flights"})
    assert check(stages, job).verdict.exit_code == 11


def test_it_is_read_where_its_place_is_given(stages: Stages, job: CaptureResult) -> None:
    place = {"x": Reference(str(stages.root / "data/base"))}
    outcome = check(stages, job, data=place)
    assert outcome.dataset("x").condition == "intact"
    assert outcome.dataset("x").coverage.files == 2
    stages.write("data/base/part-1.csv", "id,delay\n3,9\n")
    outcome = check(stages, job, data=place)
    assert outcome.dataset("x").condition == "altered"
    assert "dataset.content" in {each[1] for each in outcome.failed()}


def test_with_parents_the_cited_run_is_held_against_it(stages: Stages, job: CaptureResult) -> None:
    outcome = check(stages, job, parents=(stages.evidence,))
    assert ("lineage.citation", "x", "passed") in lineage(outcome)
    assert outcome.verdict.exit_code == 0


def test_a_missing_cited_run_fails(stages: Stages, base: CaptureResult, job: CaptureResult) -> None:
    shutil.rmtree(base.path)
    outcome = check(stages, job, parents=(stages.evidence,))
    assert ("lineage.citation", "x", "failed") in lineage(outcome)
    assert outcome.verdict.exit_code == 10


def test_a_cited_run_of_a_stranger_fails(stages: Stages, stranger: Signer) -> None:
    base = stages.record("base", {"flights": "data/base"}, {}, signer=stranger)
    job = stages.record("job", {}, {"model": "model"}, cites={"x": f"run:{base.run_id}/flights"})
    outcome = check(stages, job, parents=(stages.evidence,))
    assert ("lineage.citation", "x", "failed") in lineage(outcome)


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record["cites"].update(dataset="report"),
        lambda record: record.update(location="elsewhere"),
        lambda record: record["inventory"].update(bytes=1),
    ],
)
def test_a_record_that_differs_from_what_it_cites_fails(
    stages: Stages, job: CaptureResult, change: Any
) -> None:
    def lie(document: dict[str, Any]) -> None:
        (record,) = (each for each in document["predicate"]["datasets"] if "cites" in each)
        change(record)

    resign(job.path / "manifest.sigstore.json", stages.signer, lie)
    outcome = check(stages, job, parents=(stages.evidence,))
    assert ("lineage.citation", "x", "failed") in lineage(outcome)


def test_what_a_run_cites_may_be_cited_again(stages: Stages, job: CaptureResult) -> None:
    again = stages.record("again", {}, {"m": "model"}, cites={"y": f"run:{job.run_id}/x"})
    cites = records(again)["y"].cites
    assert cites is not None
    assert cites.run == job.run_id
    outcome = check(stages, again, parents=(stages.evidence,))
    assert ("lineage.citation", "y", "passed") in lineage(outcome)


def test_cited_data_joins_the_run_that_wrote_it(stages: Stages) -> None:
    ingest = stages.record("ingest", {}, {"flights": "data/base"})
    job = stages.record("job", {}, {"model": "model"}, cites={"x": f"run:{ingest.run_id}/flights"})
    outcome = check(stages, job, parents=(stages.evidence,))
    assert ("lineage.input", "x", "passed") in lineage(outcome)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("run:0192f7a4-0000-7000-8000-000000000000/flights", TargetNotFoundError),
        ("run:{base}/nothing", UsageError),
    ],
)
def test_what_is_not_there_cannot_be_cited(
    stages: Stages, base: CaptureResult, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        stages.record("job", {}, {}, cites={"x": text.format(base=base.run_id)})


def test_what_is_not_signed_cannot_be_cited(stages: Stages, base: CaptureResult) -> None:
    bundle = base.path / "manifest.sigstore.json"
    payload = decode_bundle(bundle.read_bytes()).payload
    bundle.unlink()
    (base.path / "manifest.statement.json").write_bytes(payload)
    with pytest.raises(UsageError, match="not signed"):
        stages.record("job", {}, {}, cites={"x": f"run:{base.run_id}/flights"})


def test_a_damaged_sidecar_is_not_taken_over(stages: Stages, base: CaptureResult) -> None:
    sidecar = base.path / "flights.inventory.parquet"
    sidecar.write_bytes(sidecar.read_bytes()[:-1] + b"x")
    with pytest.raises(SidecarError):
        stages.record("job", {}, {}, cites={"x": f"run:{base.run_id}/flights"})
