"""What tests of several packages share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import s3server


@pytest.fixture(scope="session", autouse=True)
def no_job_summary() -> Iterator[None]:
    """Where a CI system runs the tests, they write nothing into its job's summary."""
    with pytest.MonkeyPatch.context() as environ:
        environ.delenv("GITHUB_STEP_SUMMARY", raising=False)
        yield


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3server.S3Server]:
    """A real S3 server, one for each worker; use buckets of your own."""
    with s3server.serve(tmp_path_factory.mktemp("s3") / "data") as running:
        yield running


@pytest.fixture
def s3(s3_server: s3server.S3Server, monkeypatch: pytest.MonkeyPatch) -> s3server.S3Server:
    """The S3 server as what this test's environment names, with credentials for it."""
    for name, value in s3_server.environ.items():
        monkeypatch.setenv(name, value)
    return s3_server
