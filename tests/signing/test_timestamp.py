"""Tokens from a real authority over HTTP, and what becomes of every kind of bad answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from timestamping import OpensslAuthority, make_root, make_stamper, make_token, served

from auditkit.errors import TimestampError, UsageError
from auditkit.schemes import MAX_TOKEN_BYTES
from auditkit.signing.timestamp import TimestampClient
from auditkit.trust.rules import Authority
from auditkit.trust.tokens import check_token

SIGNATURE = b"s" * 64
ROOT = make_root()
TRUSTED = (Authority("stamper", (ROOT.certificate,)),)
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def client(url: str, *, attempts: int = 1, timeout: float = 20.0) -> TimestampClient:
    return TimestampClient(url, timeout=timeout, attempts=attempts, pause=lambda _: None)


@pytest.fixture
def authority(tmp_path: Path) -> OpensslAuthority:
    return OpensslAuthority.make(tmp_path / "tsa", make_stamper(ROOT))


def test_a_token_of_a_real_authority_verifies(authority: OpensslAuthority) -> None:
    with served(authority.reply) as url:
        token = client(url).stamp(SIGNATURE)
    assert check_token(token, SIGNATURE, TRUSTED).authority == "stamper"


def test_every_request_has_a_nonce_of_its_own(authority: OpensslAuthority) -> None:
    queries: list[bytes] = []

    def reply(query: bytes) -> bytes:
        queries.append(query)
        return authority.reply(query)

    with served(reply) as url:
        client(url).stamp(SIGNATURE)
        client(url).stamp(SIGNATURE)
    assert queries[0] != queries[1]


def test_an_answer_to_another_request_is_refused(authority: OpensslAuthority) -> None:
    first: list[bytes] = []

    def replay(query: bytes) -> bytes:
        first.append(authority.reply(query))
        return first[0]

    with served(replay) as url:
        client(url).stamp(SIGNATURE)
        with pytest.raises(TimestampError, match="nonce differs"):
            client(url).stamp(SIGNATURE)


BAD = {
    "nothing": (b"", "not a time-stamp token"),
    "a web page": (b"<html>", "not a time-stamp token"),
    "a token over something else": (
        make_token(make_stamper(ROOT), b"other", NOW, nonce=1),
        "over something else",
    ),
    "a token over SHA-1": (
        make_token(make_stamper(ROOT), SIGNATURE, NOW, hash_name="sha1"),
        "hash function",
    ),
    "a token without a nonce": (make_token(make_stamper(ROOT), SIGNATURE, NOW), "nonce differs"),
    "a refusal": (bytes.fromhex("30053003020102"), "refused"),
    "far too much": (b"0" * (MAX_TOKEN_BYTES + 100), "more than"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_is_an_error_that_names_the_authority(name: str) -> None:
    answer, words = BAD[name]
    with served(lambda _: answer) as url:
        with pytest.raises(TimestampError, match=words) as caught:
            client(url).stamp(SIGNATURE)
        assert caught.value.path == url
    assert caught.value.hint


def test_certificates_in_the_wrong_order_are_an_error_not_a_traceback(tmp_path: Path) -> None:
    stamper = make_stamper(ROOT)
    authority = OpensslAuthority.make(tmp_path / "tsa", stamper, chain=stamper.pem + ROOT.pem)
    with served(authority.reply) as url, pytest.raises(TimestampError, match="InvalidSetOrdering"):
        client(url).stamp(SIGNATURE)


@pytest.mark.parametrize(("status", "asked"), [(500, 3), (503, 3), (429, 3), (404, 1), (302, 1)])
def test_what_may_pass_is_tried_again_and_what_will_not_is_not(status: int, asked: int) -> None:
    queries: list[bytes] = []

    def reply(query: bytes) -> bytes:
        queries.append(query)
        return b""

    words = f"HTTP status {status}"
    with served(reply, status=status) as url, pytest.raises(TimestampError, match=words):
        client(url, attempts=3).stamp(SIGNATURE)
    assert len(queries) == asked


def test_the_waits_between_attempts_grow() -> None:
    waits: list[float] = []
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    with pytest.raises(TimestampError, match="no answer"):
        TimestampClient(dead, attempts=3, pause=waits.append).stamp(SIGNATURE)
    assert len(waits) == 2
    assert 1 <= waits[0] < 2 <= waits[1] < 4


@contextmanager
def dripping() -> Iterator[str]:
    """Yield the address of a server that sends an endless answer, one byte at a time."""
    stop = threading.Event()
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while not stop.wait(0.02):
                try:
                    connection.sendall(b"0")
                except OSError:
                    return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    finally:
        stop.set()
        thread.join()
        server.close()


def test_a_server_that_never_ends_is_left() -> None:
    with dripping() as url, pytest.raises(TimestampError, match="not done within"):
        client(url, timeout=0.2).stamp(SIGNATURE)


@pytest.mark.parametrize(
    "url", ["ftp://a/b", "file:///etc/passwd", "tsa", "", "http://", "http://["]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(UsageError, match="not the address"):
        client(url)


def test_secrets_in_the_address_are_used_and_not_repeated(authority: OpensslAuthority) -> None:
    with served(authority.reply) as url:
        secret = url.replace("http://", "http://user:hunter2@") + "?token=hunter2"
        client(secret).stamp(SIGNATURE)
    with pytest.raises(TimestampError) as caught:
        client(secret).stamp(SIGNATURE)
    assert "hunter2" not in f"{caught.value} {caught.value.hint} {caught.value.path}"
