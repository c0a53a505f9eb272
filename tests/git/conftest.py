"""What the tests of git share: a repository, and no configuration of whoever runs them."""

import pytest
from gitrepos import make


@pytest.fixture(autouse=True)
def _no_user_configuration(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path_factory.getbasetemp()))


@pytest.fixture
def repo(tmp_path):
    return make(tmp_path / "project")


@pytest.fixture(params=["sha1", "sha256"])
def any_repo(request, tmp_path):
    return make(tmp_path / "project", f"--object-format={request.param}")
