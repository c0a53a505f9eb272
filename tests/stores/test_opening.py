import pytest

from auditkit.errors import UsageError
from auditkit.stores.directory import DirectoryStore
from auditkit.stores.opening import StoreSettings, open_store
from auditkit.stores.retention import Retention
from auditkit.stores.s3_client import S3Settings


@pytest.mark.parametrize("where", ["registry", "./registry", "C:registry", "s3:x"])
def test_a_path_is_a_folder(tmp_path, monkeypatch, where):
    monkeypatch.chdir(tmp_path)
    assert open_store(where, StoreSettings()) == DirectoryStore(tmp_path / where)
    assert not list(tmp_path.iterdir())


def test_a_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert open_store("~/registry", StoreSettings()).location == f"{tmp_path}/registry"


@pytest.mark.parametrize(
    ("uri", "bucket", "prefix"),
    [
        ("s3://my-bucket", "my-bucket", ""),
        ("s3://my-bucket/", "my-bucket", ""),
        ("s3://my.bucket/team/registry/", "my.bucket", "team/registry"),
    ],
)
@pytest.mark.usefixtures("s3")
def test_an_address_is_a_bucket(uri, bucket, prefix):
    retention = Retention("compliance", 7)
    settings = StoreSettings(S3Settings(timeout=3), retention, single_writer=True)
    store = open_store(uri, settings)
    assert (store.bucket, store.prefix) == (bucket, prefix)
    assert (store.retention, store.conditional, store.timeout) == (retention, False, 3)
    assert int(store.requests) == 0


@pytest.mark.parametrize(
    "uri",
    [
        "s3://",
        "s3:///x",
        "s3://UPPER/x",
        "s3://u:secret@bucket/x",
        "s3://bucket/a//b",
        "s3://bucket/../x",
        "s3://bucket/a b",
        "s3://bucket/x?versionId=1",
        "https://host/x",
        "gs://bucket/x",
        "file:///x",
        "S3://bucket",
    ],
)
def test_other_addresses_are_refused(uri):
    with pytest.raises(UsageError) as caught:
        open_store(uri, StoreSettings())
    assert "s3://BUCKET" in caught.value.hint
    assert "secret" not in str(caught.value)


def test_a_folder_retains_nothing(tmp_path):
    with pytest.raises(UsageError, match="cannot keep anybody from deleting"):
        open_store(str(tmp_path), StoreSettings(retention=Retention("governance", 1)))
