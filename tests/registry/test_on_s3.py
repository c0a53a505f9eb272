"""A registry in a bucket of a real server, and what networks and strangers do to it."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest
import racing
import s3proxy
from registry.logs import bundle, fill, new_registry, record
from s3server import S3Server

from auditkit.api.auditlog import audit_log
from auditkit.digests import sha256_hex
from auditkit.errors import LogError, StoreError, StoreUnavailableError
from auditkit.registry.integration import Integrator
from auditkit.registry.layout import CHECKPOINT_KEY, blob_key
from auditkit.registry.logkey import LogSigner
from auditkit.registry.registry import Registry
from auditkit.stores.retention import Retention
from auditkit.stores.s3 import S3Store
from auditkit.stores.s3_client import S3Settings
from auditkit.verification.log_view import LogTrust


@pytest.fixture
def store(s3: S3Server) -> S3Store:
    return S3Store.open(*s3.place(lock=True), None, Retention("governance", 1))


def integrate(store: S3Store, key: LogSigner) -> None:
    integrator = Integrator(Registry(store), key)
    while integrator.integrate().more:
        pass


def logged(store: S3Store) -> Counter[str]:
    """Return how often each statement is in the log, once all of it is proven."""
    log = Registry(store).log()
    return Counter(entry.record.id for entry in log.entries())


def test_an_integration_takes_at_most_14_requests_and_the_blob(
    store: S3Store, key: LogSigner
) -> None:
    registry = new_registry(store, key)
    fill(registry, key, 3)
    record(registry, 3)
    before = int(store.requests)
    Integrator(registry, key).integrate()
    assert int(store.requests) - before <= 14 + 1
    assert sum(logged(store).values()) == 4


def test_blobs_are_locked_and_what_is_replaced_is_not(store: S3Store, key: LogSigner) -> None:
    registry = new_registry(store, key)
    fill(registry, key, 1)

    def is_locked(name: str) -> bool:
        head = store.client.head_object(Bucket=store.bucket, Key=store.full_key(name))
        return "ObjectLockMode" in head

    assert is_locked(blob_key(sha256_hex(bundle(0))))
    assert not is_locked(CHECKPOINT_KEY)
    assert not is_locked("tile/0/000.p/1")


def test_many_record_and_integrate_at_once(store: S3Store, key: LogSigner) -> None:
    registry = new_registry(store, key)

    def work(way: int) -> str:
        entry = record(registry, way)
        if way % 4 == 0:
            integrate(store, key)
        return entry.id

    acknowledged = racing.in_threads(work, 16)
    integrate(store, key)
    assert logged(store) == Counter(acknowledged)
    assert list(registry.pending()) == []


@pytest.mark.parametrize(
    "fault", [s3proxy.lose_answer, s3proxy.replace_answer(500, "InternalError")]
)
@pytest.mark.parametrize("times", [1, 2])
def test_a_swap_whose_answer_was_lost_appends_once(
    s3: S3Server, key: LogSigner, fault: s3proxy.Fault, times: int
) -> None:
    with s3proxy.serve(s3) as proxy:
        settings = S3Settings(endpoint=proxy.endpoint, attempts=2)
        store = S3Store.open(*s3.place(), settings)
        registry = new_registry(store, key)
        entry = record(registry)
        proxy.plan("PUT", *[fault] * times, key=CHECKPOINT_KEY)
        assert len(Integrator(registry, key).integrate().entries) == 1
        assert logged(store) == Counter([entry.id])


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("nth", range(3))
def test_a_server_that_fails_in_between_loses_nothing(
    s3: S3Server, key: LogSigner, method: str, nth: int
) -> None:
    broken = [s3proxy.work] * nth + [s3proxy.refuse(503, "SlowDown")] * 100
    with s3proxy.serve(s3) as proxy:
        store = S3Store.open(*s3.place(), S3Settings(endpoint=proxy.endpoint, attempts=1))
        registry = new_registry(store, key)
        entry = record(registry)
        proxy.plan(method, *broken)
        try:
            Integrator(registry, key).integrate()
        except StoreUnavailableError:
            proxy.plan(method)
            integrate(store, key)
        proxy.plan(method)
        assert logged(store) == Counter([entry.id])
        assert list(registry.pending()) == []


def test_a_swapped_blob_is_named_with_the_version_that_was_stored(
    s3: S3Server, store: S3Store, key: LogSigner
) -> None:
    registry = new_registry(store, key)
    fill(registry, key, 1)
    digest = sha256_hex(bundle(0))
    where = {"Bucket": store.bucket, "Key": store.full_key(blob_key(digest))}
    first = s3.client().head_object(**where)["VersionId"]
    s3.client().put_object(Body=b"forged", **where)
    with pytest.raises(LogError, match="differs from its digest") as caught:
        registry.blob(digest)
    assert first in (caught.value.hint or "")
    s3.client().delete_object(**where)
    with pytest.raises(LogError, match="is missing") as gone:
        registry.blob(digest)
    assert first in (gone.value.hint or "")
    audited = audit_log(
        registry, LogTrust((key.trusted(registry.log().checkpoint.origin),)), blobs=True
    )
    (failed,) = [each for each in audited.findings if each.status == "failed"]
    assert (failed.check, failed.subject) == ("log.blob", "entry 0")
    assert first in failed.detail


def test_a_registry_whose_checkpoint_was_deleted_is_not_made_anew(
    s3: S3Server, store: S3Store, key: LogSigner
) -> None:
    registry = new_registry(store, key)
    fill(registry, key, 1)
    s3.client().delete_object(Bucket=store.bucket, Key=store.full_key(CHECKPOINT_KEY))
    for act in (registry.head, partial(new_registry, store, key), partial(integrate, store, key)):
        with pytest.raises(StoreError, match="was deleted"):
            act()
