"""Clients of S3 against a real server, and against what is none."""

import socket
import subprocess
import sys

import pytest

from auditkit.errors import (
    ConfigError,
    MissingDependencyError,
    ObjectNotFoundError,
    StoreError,
    StoreUnavailableError,
)
from auditkit.stores.s3_client import S3Settings, connect
from auditkit.stores.s3_errors import s3_errors

QUICK = {"timeout": 1, "attempts": 1}


pytestmark = pytest.mark.usefixtures("s3")


def refusal(settings, bucket="absent-bucket", key="k"):
    """Return the error of a request, which names neither credentials nor another's words."""
    client = connect(settings)
    with pytest.raises(StoreError) as caught, s3_errors("s3://somewhere"):
        client.get_object(Bucket=bucket, Key=key)
    assert caught.value.hint
    assert caught.value.path == "s3://somewhere"
    return caught.value


def test_the_environment_of_aws_is_enough(s3):
    bucket = s3.make_bucket()
    client = connect(S3Settings())
    client.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert s3.client().get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_settings_beat_the_environment(s3, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "elsewhere-1")
    client = connect(S3Settings(endpoint=s3.endpoint, region="here-1"))
    assert client.list_buckets()["Buckets"] is not None
    assert client.meta.region_name == "here-1"


def test_a_profile(s3, tmp_path, monkeypatch):
    (tmp_path / "credentials").write_text(
        f"[auditor]\naws_access_key_id = {s3.access_key}\naws_secret_access_key = {s3.secret_key}\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "wrong")
    assert connect(S3Settings(profile="auditor")).list_buckets()["Buckets"] is not None
    with pytest.raises(StoreError, match="no such profile") as caught:
        connect(S3Settings(profile="absent"))
    assert "profile" in caught.value.hint


def test_an_absent_object_is_told_from_an_absent_bucket(s3):
    missing = refusal(S3Settings(), s3.make_bucket())
    assert isinstance(missing, ObjectNotFoundError)
    error = refusal(S3Settings())
    assert not isinstance(error, ObjectNotFoundError | StoreUnavailableError)
    assert "NoSuchBucket" in error.message


def test_wrong_credentials_are_refused_and_not_repeated(s3, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-secret-12345")
    error = refusal(S3Settings())
    assert "SignatureDoesNotMatch" in error.message
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAWRONGWRONG")
    other = refusal(S3Settings())
    for text in (str(error), str(other), error.hint, other.hint):
        assert s3.access_key not in text
        assert "wrong-secret" not in text
        assert "AKIAWRONG" not in text


def test_no_credentials(monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    error = refusal(S3Settings())
    assert "NoCredentialsError" in error.message
    assert "AWS_ACCESS_KEY_ID" in error.hint


def test_nobody_listens():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{held.getsockname()[1]}"
        assert isinstance(refusal(S3Settings(endpoint, **QUICK)), StoreUnavailableError)


def test_nobody_answers():
    with socket.create_server(("127.0.0.1", 0)) as held:
        endpoint = f"http://127.0.0.1:{held.getsockname()[1]}"
        error = refusal(S3Settings(endpoint, timeout=0.05, attempts=1))
    assert isinstance(error, StoreUnavailableError)


def test_https_where_there_is_none(s3):
    endpoint = s3.endpoint.replace("http:", "https:")
    error = refusal(S3Settings(endpoint, **QUICK))
    assert isinstance(error, StoreUnavailableError)
    assert "certificate" in error.message


@pytest.mark.parametrize(
    "endpoint",
    [
        "nonsense",
        "ftp://host",
        "https://",
        "http://[",
        "https://h:99999",
        "https://u:secret@h/",
        "https://h/?token=secret",
        "https://h:0",
    ],
)
@pytest.mark.parametrize("given", ["settings", "environment"])
def test_endpoints_that_are_none(monkeypatch, endpoint, given):
    settings = S3Settings(endpoint=endpoint) if given == "settings" else S3Settings()
    if given == "environment":
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    with pytest.raises(ConfigError) as caught:
        connect(settings)
    assert "secret" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("pays", [True, False])
def test_the_requester_pays_where_asked_to(s3, pays):
    sent = []
    client = connect(S3Settings(requester_pays=pays))
    client.meta.events.register(
        "before-send.s3", lambda request, **_: sent.append("x-amz-request-payer" in request.headers)
    )
    bucket = s3.make_bucket()
    client.put_object(Bucket=bucket, Key="k", Body=b"x")
    client.get_object(Bucket=bucket, Key="k")
    client.list_buckets()
    assert sent == [pays, pays, False]


def test_boto3_is_named_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(MissingDependencyError, match="'aws'") as caught:
        connect(S3Settings())
    assert "auditkit-manifest[aws]" in caught.value.hint


def test_boto3_is_imported_only_to_connect():
    script = (
        "import sys, auditkit.stores.s3_client, auditkit.config\n"
        "sys.exit('botocore' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
