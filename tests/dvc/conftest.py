"""One real project for all tests of DVC; each works on a copy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from commands import Shell
from dvcproject import Dvc, copy_project, make_project, only_one
from dvctrial import Trial


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


@pytest.fixture
def trial(project: Path, dvc: Dvc, tmp_path: Path) -> Trial:
    """The project's copy, set up for auditkit."""
    own = {"PATH": os.environ["PATH"], "XDG_CONFIG_HOME": str(tmp_path / "config")}
    shell = Shell(project, {**dvc.environ, **own})
    assert shell("init", "--project", "sample").code == 0
    return Trial(shell, project)
