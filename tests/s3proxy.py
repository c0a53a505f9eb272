"""What stands between a client and an S3 server, and does what networks and servers do at times.

Requests are passed on as they came, so the server itself checks their signatures; only where
headers are taken away are they signed again.
"""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from s3server import REGION, S3Server

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "expect", "content-length"}


@dataclass(frozen=True)
class Answer:
    """What the server answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Exchange(BaseHTTPRequestHandler):
    """One request, before it is known what becomes of it."""

    protocol_version = "HTTP/1.1"
    proxy: Proxy

    def handle_one(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.content = self.rfile.read(length)
        self.proxy.seen.append((self.command, self.path))
        self.proxy.next_fault(self.command, self.path)(self)

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = handle_one  # noqa: N815

    def forward(self) -> Answer:
        """Ask the server."""
        headers = {
            name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP
        }
        if self.proxy.ignored & {name.lower() for name in headers}:
            headers = self.proxy.sign(self.command, self.path, headers, self.content)
        address = urlsplit(self.proxy.server.endpoint)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(self.command, self.path, self.content, headers)
            answer = connection.getresponse()
            kept = [pair for pair in answer.getheaders() if pair[0].lower() not in _HOP_BY_HOP]
            return Answer(answer.status, kept, answer.read())

    def answer(self, answer: Answer, *, of: int | None = None) -> None:
        """Pass an answer on; `of` how many bytes are promised, if that is not what there is."""
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body) if of is None else of))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
            self.wfile.flush()

    def hang_up(self) -> None:
        """End the connection."""
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


Fault = Callable[[Exchange], None]


def work(exchange: Exchange) -> None:
    """No fault: ask the server, and pass its answer on."""
    exchange.answer(exchange.forward())


def refuse(status: int, code: str) -> Fault:
    """Answer with an error instead of asking the server."""

    def act(exchange: Exchange) -> None:
        body = f"<Error><Code>{code}</Code><Message>by the proxy</Message></Error>".encode()
        exchange.answer(Answer(status, [("Content-Type", "application/xml")], body))

    return act


def lose_request(exchange: Exchange) -> None:
    """Hang up before the server has heard of it."""
    exchange.hang_up()


def lose_answer(exchange: Exchange) -> None:
    """Let the server do it, and hang up before its answer."""
    exchange.forward()
    exchange.hang_up()


def replace_answer(status: int, code: str) -> Fault:
    """Let the server do it, and claim that it failed."""

    def act(exchange: Exchange) -> None:
        exchange.forward()
        refuse(status, code)(exchange)

    return act


def never_answer(exchange: Exchange) -> None:
    """Let the client wait until the test ends."""
    exchange.proxy.ended.wait()
    exchange.hang_up()


def cut_body(exchange: Exchange) -> None:
    """Hang up in the middle of the answer."""
    answer = exchange.forward()
    half = Answer(answer.status, answer.headers, answer.body[: len(answer.body) // 2])
    exchange.answer(half, of=len(answer.body))
    exchange.hang_up()


def stall_body(exchange: Exchange) -> None:
    """Stop in the middle of the answer, and keep the connection."""
    answer = exchange.forward()
    half = Answer(answer.status, answer.headers, answer.body[: len(answer.body) // 2])
    exchange.answer(half, of=len(answer.body))
    never_answer(exchange)


def garble_body(exchange: Exchange) -> None:
    """Change a byte of the answer."""
    answer = exchange.forward()
    changed = bytes([answer.body[0] ^ 1]) + answer.body[1:]
    exchange.answer(Answer(answer.status, answer.headers, changed))


@dataclass
class Proxy:
    """A running proxy. `ignored` names headers, in small letters, that the server never sees."""

    server: S3Server
    endpoint: str = ""
    ignored: frozenset[str] = frozenset()
    seen: list[tuple[str, str]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    _faults: dict[tuple[str, str], deque[Fault]] = field(default_factory=dict)

    def plan(self, method: str, *faults: Fault, key: str = "") -> None:
        """Say what becomes of the next requests with this method, whose path ends in `key`."""
        self._faults[method, key] = deque(faults)

    def next_fault(self, method: str, path: str) -> Fault:
        """Return what becomes of this request; without a plan it works."""
        for (planned, key), faults in self._faults.items():
            if planned == method and faults and urlsplit(path).path.endswith(key):
                return faults.popleft()
        return work

    def sign(
        self, method: str, path: str, headers: dict[str, str], content: bytes
    ) -> dict[str, str]:
        """Return headers without the ignored ones, signed again."""
        from botocore.auth import S3SigV4Auth  # noqa: PLC0415 - half a second
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415
        from botocore.credentials import Credentials  # noqa: PLC0415

        gone = {*self.ignored, "authorization", "x-amz-date", "x-amz-content-sha256"}
        kept = {name: value for name, value in headers.items() if name.lower() not in gone}
        request = AWSRequest(method, self.endpoint + path, headers=kept, data=content)
        credentials = Credentials(self.server.access_key, self.server.secret_key)
        S3SigV4Auth(credentials, "s3", REGION).add_auth(request)
        return dict(request.headers.items())


@contextlib.contextmanager
def serve(server: S3Server, *, ignore: frozenset[str] = frozenset()) -> Iterator[Proxy]:
    """Run a proxy in front of `server` until the block ends."""
    proxy = Proxy(server, ignored=ignore)
    handler = type("Handler", (Exchange,), {"proxy": proxy})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listener:
        proxy.endpoint = f"http://127.0.0.1:{listener.server_port}"
        threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield proxy
        finally:
            proxy.ended.set()
            listener.shutdown()
