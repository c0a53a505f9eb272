"""Servers and networks that fail while data is read: in bounded time, and never as `passed`."""

from __future__ import annotations

import hashlib
import itertools
import os

import pytest
import s3proxy
from buckets.places import Place, capture, inventory_of

from auditkit.datasets.s3 import connection as connections
from auditkit.datasets.s3 import stream as streams
from auditkit.datasets.s3.address import ObjectAddress
from auditkit.datasets.s3.source import S3Source
from auditkit.errors import AuditkitError, FileChangedError, UnreadableError
from auditkit.stores.s3_client import S3Settings

LARGE = os.urandom(3_000_000)


@pytest.fixture
def proxy(s3):
    with s3proxy.serve(s3) as running:
        yield running


def through(proxy, *, attempts=3, timeout=5.0) -> S3Settings:
    return S3Settings(endpoint=proxy.endpoint, attempts=attempts, timeout=timeout)


def opened(place: Place, settings: S3Settings, content: bytes = LARGE, **pin: str):
    """Return a written object, opened."""
    version = place.put("o.bin", content)
    pin = pin or {"version": version}
    address = ObjectAddress(place.bucket, f"{place.prefix}/o.bin", **pin)
    return S3Source.of(settings).open(str(address), len(content))


def test_a_server_that_dies_in_the_middle_of_a_verification(place, project, proxy):
    for number in range(60):
        place.put(f"train/{number:02}.bin", b"x" * 1000)
    capture(project, train=place.uri("train"))
    proxy.plan("GET", *[s3proxy.work] * 7, *[s3proxy.lose_request] * 500, key=".bin")
    outcome = project.verify(s3=through(proxy, attempts=2))
    assert outcome.verdict.status == "indeterminate"
    found = outcome.dataset("train")
    assert found.condition == "unreadable"
    assert (found.coverage.files, found.coverage.files_total) == (7, 60)
    assert (found.coverage.bytes, found.coverage.bytes_total) == (7000, 60_000)
    unread = [each for each in outcome.findings if each.check == "dataset.bytes"]
    assert {each.status for each in unread} == {"indeterminate"}
    assert len(unread) == 53


def test_nobody_asks_for_ever(place, project, proxy, monkeypatch):
    monkeypatch.setattr(connections, "_FAILURES", 3)
    for number in range(40):
        place.put(f"train/{number:02}.bin", b"x")
    capture(project, train=place.uri("train"))
    proxy.plan("GET", *[s3proxy.lose_request] * 500, key=".bin")
    outcome = project.verify(s3=through(proxy, attempts=1))
    assert outcome.verdict.status == "indeterminate"
    assert any("stopped answering" in each.detail for each in outcome.findings)
    assert sum(path.split("?")[0].endswith(".bin") for _, path in proxy.seen) < 25


def test_a_server_that_is_not_there(place, project):
    place.put("train/a.bin")
    capture(project, train=place.uri("train"))
    nowhere = S3Settings(endpoint="http://127.0.0.1:9", attempts=1, timeout=2)
    outcome = project.verify(s3=nowhere)
    assert outcome.dataset("train").condition == "unreadable"
    assert outcome.verdict.status == "indeterminate"
    assert outcome.dataset("train").coverage.files == 0


@pytest.mark.parametrize("fault", [s3proxy.cut_body, s3proxy.stall_body])
def test_a_stream_goes_on_where_it_broke_off(place, proxy, fault):
    stream = opened(place, through(proxy, timeout=1))
    proxy.plan("GET", fault)
    digest = hashlib.sha256()
    while piece := stream.read(70_000):
        digest.update(piece)
    assert digest.digest() == hashlib.sha256(LARGE).digest()
    ranged = [path for method, path in proxy.seen if method == "GET"]
    assert len(ranged) == 2


def test_a_stream_that_breaks_again_and_again(place, proxy):
    stream = opened(place, through(proxy, attempts=2))
    proxy.plan("GET", *[s3proxy.cut_body] * 10)
    with pytest.raises(UnreadableError, match="no complete answer"):
        while stream.read(100_000):
            pass
    assert len(proxy.seen) == 2


def test_what_arrives_garbled_is_never_taken_for_altered_data(place, project, proxy):
    place.put("train/a.bin", b"abc", ChecksumAlgorithm="SHA256")
    capture(project, train=place.uri("train"))
    proxy.plan("GET", *[s3proxy.garble_body] * 9, key=".bin")
    outcome = project.verify(s3=through(proxy))
    assert outcome.dataset("train").condition == "unreadable"
    assert outcome.failed() == []


def test_drop_by_drop_is_given_up(place, monkeypatch):
    stream = opened(place, S3Settings(timeout=1, attempts=2))
    clock = itertools.count(step=1)
    monkeypatch.setattr(streams.time, "monotonic", lambda: float(next(clock)))
    with pytest.raises(UnreadableError, match="too slowly"):
        while stream.read(1):
            pass


@pytest.mark.parametrize("versions", [False])
def test_pieces_of_two_objects_are_never_put_together(place, proxy):
    stream = opened(place, through(proxy), etag="as listed")
    proxy.plan("GET", s3proxy.cut_body)
    stream.read(10)
    place.put("o.bin", b"y" * len(LARGE))
    with pytest.raises(FileChangedError, match="written to"):
        stream.read(len(LARGE))


def test_a_version_that_goes_while_it_is_read(place):
    version = place.put("o.bin", LARGE)
    address = ObjectAddress(place.bucket, f"{place.prefix}/o.bin", version)
    stream = S3Source.of(S3Settings()).open(str(address), len(LARGE))
    place.delete("o.bin", version)
    with pytest.raises(FileChangedError, match="disappeared"):
        stream.read(10)


def test_another_size_than_listed(place):
    version = place.put("o.bin", b"abc")
    address = ObjectAddress(place.bucket, f"{place.prefix}/o.bin", version)
    for size in (2, 4, 0):
        stream = S3Source.of(S3Settings()).open(str(address), size)
        with pytest.raises((FileChangedError, UnreadableError)):
            stream.read(10)


def test_any_range_of_an_object(place):
    stream = opened(place, S3Settings())
    assert stream.peek(2_999_990, 100) == LARGE[-10:]
    assert stream.peek(0, 4) == LARGE[:4]
    assert stream.peek(len(LARGE), 4) == b""
    assert stream.read(10) == LARGE[:10]
    stream.seek(20)
    assert stream.read(10) == LARGE[20:30]
    stream.seek(2_000_000)
    buffer = bytearray(2_000_000)
    assert stream.readinto(memoryview(buffer)) > 0
    assert buffer[:100] == LARGE[2_000_000:2_000_100]
    stream.close()
    stream.close()


def test_empty_object(place, project):
    place.put("train/empty.bin", b"")
    capture(project, train=place.uri("train"))
    assert inventory_of(project, "train")[0].sha256 == hashlib.sha256(b"").hexdigest()
    assert project.verify().verdict.status == "passed"


@pytest.mark.parametrize(
    ("key", "secret"), [("AKIANOTTHERE", "wrong-secret-4711"), (None, "wrong-secret-4711")]
)
def test_secrets_are_in_no_error_and_no_manifest(place, project, monkeypatch, key, secret):
    place.put("train/a.bin")
    capture(project, train=place.uri("train"))
    written = b"".join(path.read_bytes() for path in project.folder.iterdir())
    for private in (place.server.access_key, place.server.secret_key, place.server.endpoint):
        assert private.encode() not in written
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key or place.server.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    outcome = project.verify()
    assert outcome.verdict.status == "indeterminate"
    assert secret not in repr(outcome.verdict)
    with pytest.raises(AuditkitError) as caught:
        capture(project, again=place.uri("train"))
    shown = f"{caught.value} {caught.value.hint}"
    assert "credentials" in shown
    assert secret not in shown
