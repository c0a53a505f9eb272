"""One real project for all tests of DVC; each works on a copy."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from commands import Shell
from dvcproject import Dvc, copy_project, make_project, only_one


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of a test run share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "dvc"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def dvc(shared: Path) -> Dvc:
    """DVC itself."""
    with only_one(shared / "lock"):
        return Dvc.prepare(shared / "home")


@pytest.fixture(scope="session")
def made(dvc: Dvc, shared: Path) -> Path:
    """The project as DVC made it, which no test changes."""
    with only_one(shared / "lock"):
        project = shared / "made" / "project"
        if not project.exists():
            make_project(dvc, project, project.parent / "remote")
        return project


@pytest.fixture
def project(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dvc: Dvc) -> Path:
    """A copy of the project to work on, with its remote beside it."""
    for name, value in dvc.environ.items():
        if name != "PATH":
            monkeypatch.setenv(name, value)
    copied = copy_project(made, tmp_path / "work")
    monkeypatch.chdir(copied)
    return copied


@dataclass(frozen=True)
class Trial:
    """A project in which auditkit captures and verifies, each with its own command."""

    shell: Shell
    root: Path

    def capture(self, *arguments: str) -> Captured:
        """Record, and return the data set's record and the warnings."""
        shutil.rmtree(self.root / "evidence", ignore_errors=True)
        done = self.shell("capture", *arguments, "--json")
        assert done.code == 0, done.err
        (folder,) = (self.root / "evidence").iterdir()
        shown = self.shell("show", str(folder), "--json").document["predicate"]
        return Captured(shown, done.document["warnings"])

    def verify(self, *arguments: str) -> Verified:
        """Verify everything, and return the exit code with the first data set's verdict."""
        done = self.shell("verify", *arguments, "--key", "auditkit.pub", "--json")
        assert done.code in {0, 10, 11}, done.err
        (target,) = done.document["targets"]
        return Verified(done.code, target["datasets"][0], target["findings"])


@dataclass(frozen=True)
class Captured:
    """What was recorded."""

    predicate: dict[str, Any]
    warnings: list[str]

    @property
    def dataset(self) -> dict[str, Any]:
        """The one data set."""
        (dataset,) = self.predicate["datasets"]
        return dataset

    @property
    def dvc(self) -> dict[str, Any]:
        """What DVC says of it."""
        return self.dataset["dvc"]


@dataclass(frozen=True)
class Verified:
    """What came of the first data set."""

    code: int
    dataset: dict[str, Any]
    findings: list[dict[str, Any]]

    @property
    def condition(self) -> str:
        return self.dataset["condition"]

    @property
    def note(self) -> str:
        return self.dataset.get("note", "")

    def failed(self) -> dict[str, str]:
        """Return the detail of what failed, by file."""
        return {
            each["location"]["file"]: each["detail"]
            for each in self.findings
            if each["status"] == "failed" and "location" in each
        }


@pytest.fixture
def trial(project: Path, dvc: Dvc, tmp_path: Path) -> Trial:
    """The project's copy, set up for auditkit."""
    own = {"PATH": os.environ["PATH"], "XDG_CONFIG_HOME": str(tmp_path / "config")}
    shell = Shell(project, {**dvc.environ, **own})
    assert shell("init", "--project", "sample").code == 0
    return Trial(shell, project)
