"""Data sets in buckets of a real server, captured and verified as on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from buckets.places import Place
from projects import Project

from auditkit.signing.keys import generate_private_key
from auditkit.signing.signer import signer_for


@pytest.fixture(params=[True], ids=["versions"])
def versions(request) -> bool:
    return request.param


@pytest.fixture
def place(s3, versions) -> Place:
    """A prefix that nobody else has, in a bucket that keeps versions unless the test says so."""
    return Place(s3, *s3.place(versions=versions))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project with a key."""
    return Project(tmp_path, signer_for(generate_private_key("ed25519")))
