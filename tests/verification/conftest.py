"""Fixtures that several parts of the suite share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from projects import Project, capture_sample
from row_tables import TABLE, capture_tables, write_parts

from auditkit.signing.keys import generate_private_key
from auditkit.signing.signer import Signer, signer_for


@pytest.fixture(scope="session")
def signer() -> Signer:
    return signer_for(generate_private_key("ed25519"))


@pytest.fixture(scope="session")
def stranger() -> Signer:
    return signer_for(generate_private_key("ed25519"))


@pytest.fixture(scope="session")
def captured(tmp_path_factory: pytest.TempPathFactory, signer: Signer) -> Path:
    root = tmp_path_factory.mktemp("captured") / "project"
    capture_sample(root, signer)
    return root


@pytest.fixture
def project(captured: Path, signer: Signer, tmp_path: Path) -> Project:
    """One captured run in a folder of its own, copied for every test that damages it."""
    root = tmp_path / "project"
    shutil.copytree(captured, root)
    return Project(root, signer)


@pytest.fixture
def train(tmp_path: Path, signer: Signer) -> Project:
    """A captured table of five blocks in three files."""
    write_parts(TABLE, tmp_path / "data/train")
    return capture_tables(tmp_path, signer)
