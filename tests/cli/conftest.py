"""A shell in an empty folder, and one in a project that `auditkit init` has set up."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import keypool
import pytest
from commands import Shell
from pdfdesk import CAPTURE, Desk
from pdfsigners import Office


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


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Office]:
    """A project with a report that is not signed, one that is, and one that lasts."""
    folder = tmp_path_factory.mktemp("made")
    office = Office.open(folder / "office")
    office.certificate(keypool.private_key("ecdsa-p256"))
    project = folder / "project"
    (project / "data").mkdir(parents=True)
    (project / "data/train.csv").write_text("id,label\n1,a\n2,b\n")
    (project / "model.bin").write_bytes(b"weights")
    shell = Shell(project, {"PATH": os.environ["PATH"], "HOME": str(folder / "home")})
    assert shell("init", "--project", "sample").code == 0
    assert shell(*CAPTURE).code == 0
    trust = ("--trust", office.policy(project / "auditkit.pub"))
    signing = ("--sign", office.key(), "--certificate", office.folder / "signer.pem")
    with office.stamping() as url:
        lasting = ("--pades", "b-lta", "--timestamp", url, "--crl", office.folder / "tsa.crl")
        for name, more in (
            ("unsigned", ()),
            ("signed", signing),
            ("lasting", (*signing, *lasting)),
        ):
            printed = shell("report", "-o", f"{name}.pdf", *trust, *more)
            assert printed.code == 0, printed.err
    return project, office


@pytest.fixture
def desk(made: tuple[Path, Office], tmp_path: Path) -> Desk:
    project, office = made
    folder = tmp_path / "desk"
    folder.mkdir()
    shutil.copytree(project / "data", folder / "data")
    shutil.copy(project / "model.bin", folder)
    shutil.copy(project / "auditkit.pub", folder / "signer.pub")
    shutil.copy(project / "signed.pdf", folder / "report.pdf")
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home")}
    return Desk(Shell(folder, environ), office)
