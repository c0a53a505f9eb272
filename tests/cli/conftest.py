"""A shell in an empty folder, and one in a project that `auditkit init` has set up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from commands import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    folder = tmp_path / "folder"
    folder.mkdir()
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home")}
    environ["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    return Shell(folder, environ)


@pytest.fixture
def sample(shell: Shell) -> Shell:
    """A project with a small table, a folder and a model; nothing captured."""
    (shell.cwd / "data").mkdir()
    (shell.cwd / "data/train.csv").write_text("id,label\n1,a\n2,b\n")
    (shell.cwd / "data/images").mkdir()
    (shell.cwd / "data/images/one.bin").write_bytes(b"one")
    (shell.cwd / "model.bin").write_bytes(b"weights")
    assert shell("init", "--project", "sample").code == 0
    return shell
