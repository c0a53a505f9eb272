"""The Python interface inside training code."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from commands import Shell
from deltalake import CommitProperties, write_deltalake

import auditkit
from auditkit.errors import (
    AuditkitError,
    DataNotFoundError,
    TargetNotFoundError,
    UsageError,
)
from auditkit.manifest.bundle import decode_bundle


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that `auditkit init` has set up, as the working directory."""
    folder = tmp_path / "folder"
    folder.mkdir()
    environ = {"PATH": os.environ["PATH"], "XDG_CONFIG_HOME": str(tmp_path / "config")}
    assert Shell(folder, environ)("init", "--project", "sample").code == 0
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CONFIG_HOME", environ["XDG_CONFIG_HOME"])
    for name in ("RANK", "SLURM_PROCID", "GITHUB_ACTIONS", "CI"):
        monkeypatch.delenv(name, raising=False)
    Path("train.csv").write_text("a,b\n1,2\n")
    Path("model.bin").write_bytes(b"weights")
    return folder


def _predicates(folder: Path) -> list[dict[str, Any]]:
    bundles = sorted((folder / "evidence").glob("*/manifest.sigstore.json"))
    payloads = [decode_bundle(path.read_bytes()).payload for path in bundles]
    return [json.loads(payload)["predicate"] for payload in payloads]


def test_the_digest_over_rows_is_the_callers_choice(inside: Path) -> None:
    with auditkit.capture() as run:
        run.dataset("train", "train.csv", content="bag")
        run.dataset("known", "train.csv", content="bag", row_digests=True)
        run.output("again", "train.csv", content="none")
        run.output("once-more", "train.csv")
    datasets = _predicates(inside)[0]["datasets"]
    kinds = [each.get("content", {}).get("kind") for each in datasets]
    assert kinds == ["bag", "bag", None, "sequence"]
    kept = [each["name"] for each in datasets if "rowDigests" in each.get("content", {})]
    assert kept == ["known"]


@pytest.mark.usefixtures("inside")
def test_row_digests_go_with_a_bag() -> None:
    with auditkit.capture() as run, pytest.raises(UsageError, match="row digests"):
        run.dataset("train", "train.csv", row_digests=True)


def test_further_digests_are_the_callers_choice(inside: Path) -> None:
    with auditkit.capture() as run:
        run.dataset("train", "train.csv", digests=["blake3", "sha512"])
        run.output("model", "model.bin", digests=["sha512"])
        with pytest.raises(UsageError, match="md5") as caught:
            run.dataset("other", "train.csv", digests=["md5"])
    assert caught.value.hint
    datasets = _predicates(inside)[0]["datasets"]
    assert [each["inventory"]["digests"] for each in datasets] == [["sha512", "blake3"], ["sha512"]]


def test_a_run_is_recorded_and_verifies(inside: Path) -> None:
    with auditkit.capture(params={"lr": 0.1}) as run:
        run.dataset("train", "train.csv", role="training", schema_version="2")
        run.param("layers", [8, 4])
        run.metrics({"auc": 0.9, "loss": float("inf")})
        run.split("main", rule="everything", members={"train": "train"}, seed=7)
        run.output("model", Path("model.bin"))
        Path("model.bin").write_bytes(b"trained")
    assert run.result is not None
    evidence = auditkit.verify(run.result.path)
    assert evidence.verdict.status == "passed"
    (predicate,) = _predicates(inside)
    assert predicate["run"]["id"] == run.run_id
    assert predicate["run"]["status"] == "completed"
    assert predicate["parameters"] == {"lr": 0.1, "layers": [8, 4]}
    assert predicate["metrics"] == {"auc": 0.9, "loss": {"$number": "Infinity"}}
    assert [each["name"] for each in predicate["datasets"]] == ["train", "model"]
    assert predicate["datasets"][1]["inventory"]["bytes"] == len(b"trained")
    assert auditkit.render(evidence, "report.html").stat().st_size > 0


def test_the_trainings_own_exception_goes_on_and_is_signed(inside: Path) -> None:
    with pytest.raises(ZeroDivisionError), auditkit.capture() as run:
        run.dataset("train", "train.csv")
        run.output("model", "nosuch.bin")
        1 / 0  # noqa: B018
    (predicate,) = _predicates(inside)
    assert predicate["run"]["status"] == "failed"
    assert predicate["run"]["error"] == {
        "type": "ZeroDivisionError",
        "message": "division by zero",
    }
    assert auditkit.verify().verdict.status == "passed"


def test_a_failure_of_auditkit_never_masks_the_trainings_own(inside: Path) -> None:
    with pytest.raises(ZeroDivisionError) as caught, auditkit.capture() as run:
        run.dataset("train", "train.csv")
        (inside / "evidence").write_text("in the way")
        1 / 0  # noqa: B018
    assert any("auditkit could not record" in note for note in caught.value.__notes__)


@pytest.mark.parametrize("on_error", ["raise", "warn"])
def test_incomplete_evidence_raises_only_when_asked(inside: Path, on_error: Any) -> None:
    def train() -> None:
        with auditkit.capture(on_error=on_error) as run:
            run.dataset("train", "train.csv")
            run.metric("confusion", object())
            run.output("model", "nosuch.bin")

    if on_error == "raise":
        with pytest.raises(AuditkitError):
            train()
    else:
        train()
    (predicate,) = _predicates(inside)
    assert len([w for w in predicate["capture"]["warnings"] if "not recorded" in w]) == 2
    assert predicate["metrics"] == {} if "metrics" in predicate else True


def test_data_that_is_missing_is_told_at_once(inside: Path) -> None:
    reached = []
    with pytest.raises(DataNotFoundError), auditkit.capture() as run:
        run.dataset("train", "nosuch.csv")
        reached.append(True)
    assert reached == []
    assert _predicates(inside)[0]["run"]["status"] == "failed"


def test_names_are_claimed_once(inside: Path) -> None:
    with pytest.raises(UsageError, match="twice"), auditkit.capture() as run:
        run.dataset("train", "train.csv")
        run.output("train", "model.bin")
    with pytest.raises(UsageError, match="role"), auditkit.capture() as run:
        run.dataset("train", "train.csv", role="output")
    assert inside.is_dir()


@pytest.mark.parametrize("variable", ["RANK", "SLURM_PROCID"])
def test_other_ranks_do_nothing(
    inside: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "1")
    with auditkit.capture(key="nosuch.pem") as run:
        run.dataset("train", "nosuch.csv")
        run.param("a", 1)
        run.output("model", "nosuch.bin")
    assert run.result is None
    assert run.run_id is None
    assert not (inside / "evidence").exists()


def test_the_secret_in_an_exception_is_not_recorded(inside: Path) -> None:
    with pytest.raises(RuntimeError), auditkit.capture() as run:
        run.dataset("train", "train.csv")
        raise RuntimeError("cannot reach https://me:hunter2hunter2@example.org/")
    assert "hunter2" not in json.dumps(_predicates(inside))


def test_parents_are_bound_by_digest(inside: Path) -> None:
    with auditkit.capture() as first:
        first.dataset("train", "train.csv")
    with auditkit.capture(parents=["sample/latest"]) as second:
        second.dataset("train", "train.csv")
    assert first.result is not None
    assert second.result is not None
    last = next(p for p in _predicates(inside) if p["run"]["id"] == second.result.run_id)
    assert last["lineage"]["parents"] == [
        {"run": first.result.run_id, "manifest": first.result.manifest, "basis": "declared"}
    ]


def test_a_project_needs_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(UsageError, match="project"):
        auditkit.capture()


def test_commits_of_tables_can_name_the_run(inside: Path) -> None:
    with auditkit.capture() as run:
        run.dataset("train", "train.csv")
    expected = {
        "auditkit.manifest": f"sha256:{run.result.manifest}",
        "auditkit.run": run.run_id,
    }
    for target in ("sample/latest", run.run_id, run.result.path):
        assert auditkit.commit_metadata(target) == expected
    with pytest.raises(TargetNotFoundError):
        auditkit.commit_metadata("nothing/latest")
    table = inside / "scores"
    properties = CommitProperties(custom_metadata=expected)
    write_deltalake(table, pa.table({"score": [1.0]}), commit_properties=properties)
    with auditkit.capture() as later:
        later.output("scores", table)
    history = _predicates(inside)[-1]["datasets"][0]["delta"]["history"]
    assert history[0]["metadata"] == expected
