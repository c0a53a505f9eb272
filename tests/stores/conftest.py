"""The stores that have to keep the contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest

from auditkit.stores.directory import DirectoryStore
from auditkit.stores.retention import Retention
from auditkit.stores.s3 import S3Store
from auditkit.stores.store import Store

BUCKETS = {"s3": {}, "s3-lock": {"lock": True}}
"""The kinds of bucket; Object Lock brings versions with it."""


@dataclass(frozen=True)
class Place:
    """An empty store, and what opens it again in another process."""

    store: Store
    reopen: Callable[[], Store]


@pytest.fixture(params=["directory", *BUCKETS])
def place(request, tmp_path):
    if request.param == "directory":
        root = tmp_path / "registry"
        root.mkdir()
        reopen = partial(DirectoryStore, root)
    else:
        bucket, prefix = request.getfixturevalue("s3").place(**BUCKETS[request.param])
        retention = Retention("governance", 1) if request.param == "s3-lock" else None
        reopen = partial(S3Store.open, bucket, prefix, None, retention)
    return Place(reopen(), reopen)


@pytest.fixture
def store(place):
    return place.store
