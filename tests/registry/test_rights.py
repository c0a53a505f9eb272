"""The rights that the guide gives to recorders, integrators and auditors are enough, and no more."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from registry.logs import fill, new_registry, record
from s3server import S3Server

from auditkit.errors import StoreError
from auditkit.registry.integration import Integrator
from auditkit.registry.layout import CHECKPOINT_KEY
from auditkit.registry.logkey import LogSigner
from auditkit.registry.registry import Registry
from auditkit.stores.probe import probe
from auditkit.stores.retention import Retention
from auditkit.stores.s3 import S3Store

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "registry-storage.md"
BLOCKS = re.findall(r"```json\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
RECORDER, INTEGRATOR, AUDITOR, BUCKET = BLOCKS

Opener = Callable[[str], S3Store]


@pytest.fixture
def opened(s3: S3Server, key: LogSigner, monkeypatch: pytest.MonkeyPatch) -> Opener:
    """A registry with three entries, one of them waiting, and what opens it with some rights."""
    bucket = s3.make_bucket(lock=True)
    own = S3Store.open(bucket, "team/registry", None, Retention("governance", 1))
    fill(new_registry(own, key), key, 2)
    record(Registry(own), 2)
    for name, value in s3.visitor().environ.items():
        monkeypatch.setenv(name, value)

    def open_with(rights: str) -> S3Store:
        policy = json.loads(rights.replace("BUCKET", bucket))
        for statement in policy["Statement"]:
            statement["Principal"] = "*"
        s3.client().put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
        return S3Store.open(bucket, "team/registry", None, Retention("governance", 1))

    return open_with


def test_a_recorder_records_and_cannot_integrate(opened: Opener, key: LogSigner) -> None:
    store = opened(RECORDER)
    registry = Registry(store)
    entry = record(registry, 3)
    record(registry, 3)
    assert entry.id in list(registry.pending())
    assert registry.receipt(entry.id) is None
    assert registry.log().checkpoint.size == 2
    with pytest.raises(StoreError, match="AccessDenied"):
        Integrator(registry, key).integrate()
    with pytest.raises(StoreError, match="AccessDenied"):
        store.swap_head(CHECKPOINT_KEY, b"", store.read_head(CHECKPOINT_KEY))
    with pytest.raises(StoreError, match="AccessDenied"):
        store.remove(f"pending/{entry.id}")
    assert registry.log().checkpoint.size == 2


def test_an_integrator_integrates_and_probes(opened: Opener, key: LogSigner) -> None:
    store = opened(INTEGRATOR)
    registry = Registry(store)
    assert len(Integrator(registry, key).integrate().entries) == 1
    assert list(registry.pending()) == []
    seen = probe(store)
    assert seen.many_writers
    assert seen.bucket is not None
    assert seen.bucket.lock == "stated"


def test_an_auditor_reads_everything_and_changes_nothing(opened: Opener) -> None:
    store = opened(AUDITOR)
    registry = Registry(store)
    entries = list(registry.log().entries())
    assert len(entries) == 2
    for entry in entries:
        registry.blob(entry.record.blob)
        assert (
            store.alteration(f"blobs/sha256/{entry.record.blob[:2]}/{entry.record.blob[2:]}")
            is None
        )
    for act in (
        lambda: store.put_new("pending/x", b""),
        lambda: store.put_new("blobs/x", b""),
        lambda: store.remove(CHECKPOINT_KEY),
    ):
        with pytest.raises(StoreError, match="AccessDenied"):
            act()


def test_the_bucket_policy_is_one_and_covers_what_is_created_once() -> None:
    first, second = json.loads(BUCKET)["Statement"]
    covered = {arn.split("/")[3] for arn in first["Resource"]}
    assert covered == {"blobs", "tile", "receipts", "pending", "staging"}
    assert second["Resource"].endswith("/checkpoint")
