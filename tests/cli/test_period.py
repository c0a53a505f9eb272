"""Reports on all runs of a project in a time, as people ask for them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from commands import Shell


@pytest.fixture
def recorded(shell: Shell) -> Shell:
    """Three runs in a registry, one of another project; their evidence is not here any more."""
    for name in "abc":
        (shell.cwd / f"{name}.txt").write_text(name)
    assert shell("init", "--project", "sample", "--registry", "registry").code == 0
    for project in ("sample", "sample", "other"):
        data = ("--dataset", "train=a.txt", "--output", "model=b.txt")
        done = shell("capture", "--project", project, *data, "--record", "-q")
        assert done.code == 0, done.err
    return shell


def reported(shell: Shell, *arguments: str) -> Any:
    done = shell("report", "--project", "sample", "-o", "report.json", "-q", *arguments)
    assert done.code in (0, 10, 11), done.err
    return json.loads((shell.cwd / "report.json").read_text())


def test_the_registry_alone_is_enough(recorded: Shell) -> None:
    shutil.move(recorded.cwd / "evidence", recorded.cwd / "elsewhere")
    report = reported(recorded)
    assert [run["status"] for run in report["runs"]] == ["passed", "passed"]
    assert report["runs"][0]["source"] == "entry 0"
    assert {run["statement"]["predicate"]["run"]["project"] for run in report["runs"]} == {"sample"}
    checks = {each["check"]: each["status"] for each in report["verdict"]["targets"][1]["findings"]}
    assert checks["log.inclusion"] == checks["sidecar"] == checks["dataset.bytes"] == "passed"
    (recorded.cwd / "a.txt").write_text("other")
    assert [run["status"] for run in reported(recorded)["runs"]] == ["failed", "failed"]


def test_without_a_registry_it_is_the_evidence_here(recorded: Shell) -> None:
    report = reported(recorded, "--no-registry")
    assert len(report["runs"]) == 2
    assert report["period"]["logged"] is False


def test_what_the_registry_lost_fails(recorded: Shell) -> None:
    shutil.move(recorded.cwd / "evidence", recorded.cwd / "elsewhere")
    assert len(reported(recorded)["runs"]) == 2
    (folder,) = (each for each in sorted((recorded.cwd / "elsewhere").iterdir())[:1])
    forget(recorded.cwd / "registry", (folder / "manifest.sigstore.json").read_bytes())
    statuses = [run["status"] for run in reported(recorded)["runs"]]
    assert statuses == ["failed", "passed"]


def forget(registry: Path, content: bytes) -> None:
    for blob in (registry / "blobs").rglob("*"):
        if blob.is_file() and blob.read_bytes() == content:
            blob.chmod(0o600)
            blob.unlink()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--project", "none"), 3),
        (("--project", "sample", "--until", "2020-01-01"), 3),
        (("--project", "sample", "--since", "soon"), 2),
        (("--since", "2020-01-01"), 2),
        (("--project", "sample", "sample/latest"), 2),
        (("--project", "sample", "--verdict", "verdict.json"), 2),
        (("--project", "sample", "--retention"), 2),
        (("--project", "../../etc"), 3),
    ],
)
def test_what_cannot_be_asked(recorded: Shell, arguments: tuple[str, ...], code: int) -> None:
    done = recorded("report", *arguments)
    assert done.code == code, done.err
    assert "hint" in done.err
    assert not (recorded.cwd / "report.html").exists()
