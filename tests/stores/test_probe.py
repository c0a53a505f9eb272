"""Stores that keep their word, and servers that do not."""

import botocore.exceptions
import pytest
import s3proxy

from auditkit.errors import StoreError, StoreUnavailableError
from auditkit.stores.directory import DirectoryStore
from auditkit.stores.probe import Guarantees, probe
from auditkit.stores.retention import Retention
from auditkit.stores.s3 import S3Store
from auditkit.stores.s3_client import S3Settings
from auditkit.stores.s3_probe import BucketFacts

CONDITIONS = frozenset({"if-none-match", "if-match"})
LOCK = frozenset({"x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date"})
COMPLIANCE = Retention("compliance", 1)


def is_said(seen, *words):
    return any(all(word in sentence for word in words) for sentence in seen.sentences())


def test_a_folder(tmp_path):
    seen = probe(DirectoryStore(tmp_path))
    assert seen == Guarantees(str(tmp_path), creates_once=True, swaps_once=True, bucket=None)
    assert seen.many_writers
    assert is_said(seen, "folder", "can change and delete")
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.name != ".lock"]


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(StoreUnavailableError):
        probe(DirectoryStore(tmp_path / "absent"))


def test_a_plain_bucket(s3):
    store = S3Store.open(*s3.place())
    seen = probe(store)
    assert seen.many_writers
    assert seen.bucket == BucketFacts(versions=False, default_lock=False, lock=None)
    assert is_said(seen, "is gone", "keeps no versions")
    assert is_said(seen, "nothing is locked")
    assert list(store.list("probe/")) == []


def test_a_bucket_with_versions(s3):
    seen = probe(S3Store.open(*s3.place(versions=True)))
    assert seen.many_writers
    assert seen.bucket == BucketFacts(versions=True, default_lock=False, lock=None)
    assert is_said(seen, "stays as an older version")


@pytest.mark.parametrize("mode", ["compliance", "governance"])
def test_a_bucket_that_locks(s3, mode):
    store = S3Store.open(*s3.place(lock=True), None, Retention(mode, 1))
    seen = probe(store)
    assert seen.bucket == BucketFacts(versions=True, default_lock=False, lock="held")
    assert not seen.lock_ignored
    assert is_said(seen, "cannot be deleted before its time (tried)")


def test_a_bucket_that_locks_everything(s3):
    bucket = s3.make_bucket(lock=True)
    s3.client().put_object_lock_configuration(
        Bucket=bucket,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
        },
    )
    seen = probe(S3Store.open(bucket, "registry", None, COMPLIANCE))
    assert seen.bucket.default_lock
    assert seen.bucket.lock == "stated"
    assert is_said(seen, "locks every object by itself", "single rows")


def test_retention_in_a_bucket_without_locks(s3):
    store = S3Store.open(*s3.place(), None, COMPLIANCE)
    with pytest.raises(StoreError, match="no retention here: the server refused") as caught:
        probe(store)
    assert "Object Lock" in caught.value.hint
    assert list(store.list("probe/")) == []


@pytest.mark.parametrize("ignored", [CONDITIONS, {"if-none-match"}, {"if-match"}])
def test_a_server_that_ignores_conditions(s3, ignored):
    with s3proxy.serve(s3, ignore=frozenset(ignored)) as proxy:
        settings = S3Settings(endpoint=proxy.endpoint)
        seen = probe(S3Store.open(*s3.place(), settings))
    assert not seen.many_writers
    assert seen.creates_once is ("if-none-match" not in ignored)
    assert seen.swaps_once is False
    assert is_said(seen, "the checkpoint is replaced by several writers at once")


def test_a_server_that_ignores_locks(s3):
    with s3proxy.serve(s3, ignore=LOCK) as proxy:
        settings = S3Settings(endpoint=proxy.endpoint)
        seen = probe(S3Store.open(*s3.place(lock=True), settings, COMPLIANCE))
    assert seen.lock_ignored
    assert is_said(seen, "does not keep to it")


def test_who_may_not_delete_learns_what_the_server_says(s3):
    with s3proxy.serve(s3) as proxy:
        settings = S3Settings(endpoint=proxy.endpoint)
        store = S3Store.open(*s3.place(lock=True), settings, COMPLIANCE)
        proxy.plan("DELETE", *[s3proxy.refuse(403, "AccessDenied")] * 100)
        seen = probe(store)
    assert seen.bucket.lock == "stated"
    assert is_said(seen, "could not be tried")


def test_one_writer_gets_on_with_a_server_that_ignores_conditions(s3):
    with s3proxy.serve(s3, ignore=CONDITIONS) as proxy:
        settings = S3Settings(endpoint=proxy.endpoint)
        store = S3Store.open(*s3.place(), settings, conditional=False)
        assert store.put_new("a", b"1")
        assert not store.put_new("a", b"2")
        assert store.get("a", limit=1) == b"1"
        assert store.swap_head("head", b"1", None)
        first = store.read_head("head")
        assert not store.swap_head("head", b"x", None)
        assert store.swap_head("head", b"2", first)
        assert not store.swap_head("head", b"x", first)
        assert store.read_head("head").content == b"2"


def test_the_proxy_takes_away_what_it_is_told_to(s3):
    with s3proxy.serve(s3, ignore=CONDITIONS) as proxy:
        client, bucket = s3.client(proxy.endpoint), s3.make_bucket()
        for content in (b"1", b"2"):
            client.put_object(Bucket=bucket, Key="k", Body=content, IfNoneMatch="*")
        assert client.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2"
    with s3proxy.serve(s3) as proxy:
        client = s3.client(proxy.endpoint)
        with pytest.raises(botocore.exceptions.ClientError, match="PreconditionFailed"):
            client.put_object(Bucket=bucket, Key="k", Body=b"3", IfNoneMatch="*")
