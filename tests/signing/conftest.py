"""Where keys can be, besides files: a key service and a token."""

from __future__ import annotations

from collections.abc import Iterator

import aws
import hsm
import pytest


@pytest.fixture(scope="session")
def server() -> Iterator[aws.Aws]:
    with aws.serve() as running:
        yield running


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hsm.Hsm]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SOFTHSM2_CONF", "")  # so that it is as before afterwards
        yield hsm.start(tmp_path_factory.mktemp("hsm"))
