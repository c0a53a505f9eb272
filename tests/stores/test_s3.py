"""What only a bucket has: versions, delete markers, locks, strangers' objects."""

from datetime import UTC, datetime, timedelta

import pytest

from auditkit.errors import (
    ConfigError,
    ObjectNotFoundError,
    StoreError,
)
from auditkit.stores.retention import Retention
from auditkit.stores.s3 import S3Store


@pytest.fixture
def versions(s3):
    """A store in a bucket that keeps versions, and what writes to it behind its back."""
    store = S3Store.open(*s3.place(versions=True))
    return store, Stranger(s3.client(), store)


class Stranger:
    """Somebody with rights in the bucket and a client of their own."""

    def __init__(self, client, store):
        self._client = client
        self._store = store

    def _where(self, key):
        return {"Bucket": self._store.bucket, "Key": f"{self._store.prefix}/{key}"}

    def overwrite(self, key, content):
        return self._client.put_object(Body=content, **self._where(key))["VersionId"]

    def delete(self, key, version=None):
        which = {"VersionId": version} if version else {}
        self._client.delete_object(**self._where(key), **which)

    def newest(self, key):
        return self._client.head_object(**self._where(key))


def test_its_location_is_its_address(s3):
    bucket = s3.make_bucket()
    assert S3Store.open(bucket, "a/b").location == f"s3://{bucket}/a/b"
    assert S3Store.open(bucket, "").location == f"s3://{bucket}"


def test_prefixes_do_not_see_each_other(s3):
    bucket = s3.make_bucket()
    stores = [S3Store.open(bucket, prefix) for prefix in ("", "a", "a/b")]
    for number, store in enumerate(stores):
        assert store.put_new("blobs/x", b"%d" % number)
    for number, store in enumerate(stores):
        assert store.get("blobs/x", limit=1) == b"%d" % number
        assert list(store.list("blobs/")) == ["blobs/x"]


def test_an_overwritten_object_is_known(versions):
    store, stranger = versions
    store.put_new("blobs/a", b"first")
    assert store.alteration("blobs/a") is None
    first = stranger.newest("blobs/a")["VersionId"]
    second = stranger.overwrite("blobs/a", b"other")
    assert store.get("blobs/a", limit=10) == b"other"
    assert f"overwritten; what was stored first is version {first}." in store.alteration("blobs/a")
    assert not store.put_new("blobs/a", b"first")
    stranger.delete("blobs/a", second)
    assert store.alteration("blobs/a") is None


def test_a_deleted_object_is_known(versions):
    store, stranger = versions
    store.put_new("blobs/a", b"first")
    first = stranger.newest("blobs/a")["VersionId"]
    stranger.delete("blobs/a")
    with pytest.raises(ObjectNotFoundError):
        store.get("blobs/a", limit=10)
    assert f"deleted; what was stored is version {first}, " in store.alteration("blobs/a")
    assert list(store.list("blobs/")) == []


def test_an_object_that_was_never_there_was_not_deleted(versions):
    store, stranger = versions
    stranger.delete("blobs/a")  # leaves a delete marker all the same
    assert store.alteration("blobs/a") is None


def test_what_is_removed_and_comes_again_is_not_altered_until_it_is(versions):
    store, stranger = versions
    store.put_new("pending/a", b"1")
    store.remove("pending/a")
    store.put_new("pending/a", b"2")
    assert store.alteration("pending/a") is None
    stranger.overwrite("pending/a", b"3")
    assert "overwritten" in store.alteration("pending/a")


def test_neighbours_are_not_taken_for_versions(versions):
    store, _ = versions
    for key in ("tile/0/067", "tile/0/067.p/1", "tile/0/067.p/2", "tile/0/0670"):
        store.put_new(key, b"x")
    assert store.alteration("tile/0/067") is None


def test_a_bucket_without_versions_knows_nothing(s3):
    store = S3Store.open(*s3.place())
    store.put_new("a", b"1")
    s3.client().put_object(Bucket=store.bucket, Key=store.full_key("a"), Body=b"2")
    assert store.alteration("a") is None
    store.remove("a")
    assert store.alteration("a") is None


def test_a_deleted_head_is_not_an_empty_registry(versions):
    store, stranger = versions
    store.swap_head("checkpoint", b"1", None)
    store.swap_head("checkpoint", b"2", store.read_head("checkpoint"))
    stranger.delete("checkpoint")
    with pytest.raises(StoreError, match="was deleted") as caught:
        store.read_head("checkpoint")
    assert "behind a delete marker" in caught.value.hint
    assert not isinstance(caught.value, ObjectNotFoundError)


def test_heads_too_large_are_not_read(versions):
    store, stranger = versions
    stranger.overwrite("checkpoint", bytes(1024 * 1024 + 1))
    with pytest.raises(StoreError, match="more than 1048576 bytes"):
        store.read_head("checkpoint")


def test_strangers_keys_are_not_listed(versions):
    store, stranger = versions
    for key in ("p/a b", "p/\u00e4", "p/.tmp", "p/" + "x" * 300):
        stranger.overwrite(key, b"")
    store.put_new("p/object", b"")
    assert list(store.list("p/")) == ["p/object"]


def test_more_objects_than_one_page(s3):
    store = S3Store.open(*s3.place())
    keys = [f"pending/{number:064x}" for number in range(1100)]
    for key in keys:
        store.put_new(key, b"")
    before = int(store.requests)
    assert list(store.list("pending/")) == keys
    assert int(store.requests) - before == 2


def test_requests_are_counted(versions):
    store, _ = versions

    def cost(act):
        before = int(store.requests)
        act()
        return int(store.requests) - before

    assert cost(lambda: store.put_new("a", b"x")) == 1
    assert cost(lambda: store.put_new("a", b"x")) == 1
    assert cost(lambda: store.get("a", limit=1)) == 1
    assert cost(lambda: store.alteration("a")) == 1
    assert cost(lambda: store.swap_head("head", b"1", None)) == 1
    assert cost(lambda: store.swap_head("head", b"1", None)) == 1
    assert cost(lambda: store.read_head("head")) == 1


@pytest.mark.parametrize("mode", ["governance", "compliance"])
def test_what_is_to_be_retained_is_locked(s3, mode):
    store = S3Store.open(*s3.place(lock=True), None, Retention(mode, 7))
    store.put_new("blobs/kept", b"x", retain=True)
    store.put_new("blobs/free", b"x")
    stranger = Stranger(s3.client(), store)
    kept, free = stranger.newest("blobs/kept"), stranger.newest("blobs/free")
    assert kept["ObjectLockMode"] == mode.upper()
    years = (kept["ObjectLockRetainUntilDate"] - datetime.now(UTC)) / timedelta(days=365.25)
    assert 7 <= years < 7.1
    assert "ObjectLockMode" not in free
    stranger.delete("blobs/free", free["VersionId"])
    with pytest.raises(Exception, match="AccessDenied"):
        stranger.delete("blobs/kept", kept["VersionId"])
    assert store.get("blobs/kept", limit=1) == b"x"


def test_retention_that_a_bucket_does_not_have_is_an_error(s3):
    store = S3Store.open(*s3.place(), None, Retention("governance", 1))
    with pytest.raises(StoreError, match="InvalidRequest"):
        store.put_new("a", b"x", retain=True)
    assert store.put_new("a", b"x")


def test_a_bucket_that_is_not_there(s3):
    assert s3.endpoint
    store = S3Store.open("absent-bucket-of-auditkit", "registry")
    for act in (
        lambda: store.put_new("a", b""),
        lambda: store.get("a", limit=1),
        lambda: list(store.list("a/")),
        lambda: store.read_head("a"),
        lambda: store.swap_head("a", b"", None),
    ):
        with pytest.raises(StoreError, match="NoSuchBucket") as caught:
            act()
        assert not isinstance(caught.value, ObjectNotFoundError)


def test_retention_as_it_is_written():
    assert Retention.parse("compliance:7") == Retention("compliance", 7)
    assert str(Retention.parse("governance:100")) == "governance:100"
    leap = datetime(2028, 2, 29, tzinfo=UTC)
    assert Retention("governance", 1).until(leap) >= datetime(2029, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "compliance", "compliance:0", "compliance:101", "COMPLIANCE:1", "legal:1", "x:1 "]
)
def test_what_is_no_retention(text):
    with pytest.raises(ConfigError, match="is no retention") as caught:
        Retention.parse(text)
    assert "YEARS" in caught.value.hint
