"""The index over a registry in a bucket of a real server."""

from __future__ import annotations

from pathlib import Path

from keypool import key_signer
from registry.logs import fill, new_registry
from s3server import S3Server

from auditkit.api.open_index import open_registry_index, project_runs
from auditkit.registry.logkey import LogSigner
from auditkit.registry.registry import Registry
from auditkit.stores.s3 import S3Store
from auditkit.verification.log_view import LogTrust


def test_only_what_came_since_is_read_from_a_bucket(s3: S3Server, tmp_path: Path) -> None:
    store = S3Store.open(*s3.place())
    key = LogSigner(key_signer("ed25519"))
    registry = new_registry(store, key)
    fill(registry, key, 5)
    assert listed(registry, tmp_path) == [0, 1, 2, 3, 4]
    fill(registry, key, 1, first=5)
    before = int(store.requests)
    assert listed(registry, tmp_path) == [0, 1, 2, 3, 4, 5]
    assert int(store.requests) - before <= 8
    before = int(store.requests)
    listed(registry, tmp_path)
    assert int(store.requests) - before <= 2


def listed(registry: Registry, cache: Path) -> list[int | None]:
    with open_registry_index(registry, LogTrust(()), cache=cache) as found:
        return [each.entry for each in project_runs(found.index, "churn")]
