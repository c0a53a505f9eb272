"""A server that answers only listings, of as many versions as one likes: to measure who asks."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

_PAGE = 1000
_ENTRY = (
    "<Version><Key>d/{0:09}.bin</Key><VersionId>{0:032x}</VersionId><IsLatest>true</IsLatest>"
    "<LastModified>2026-01-01T00:00:00Z</LastModified><ETag>&quot;{0:032x}&quot;</ETag>"
    "<Size>1</Size><StorageClass>STANDARD</StorageClass></Version>"
)
_MORE = "<NextKeyMarker>{0}</NextKeyMarker><NextVersionIdMarker>x</NextVersionIdMarker>"


@contextlib.contextmanager
def serve_listing(count: int) -> Iterator[str]:
    """Serve a bucket that has `count` objects under `d/` until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            first = int(parse_qs(urlsplit(self.path).query).get("key-marker", ["0"])[0])
            body = _page(first, count).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def _page(first: int, count: int) -> str:
    end = min(first + _PAGE, count)
    entries = "".join(_ENTRY.format(number) for number in range(first, end))
    more = _MORE.format(end) if end < count else ""
    state = "true" if more else "false"
    head = f"<IsTruncated>{state}</IsTruncated>"
    return f"<ListVersionsResult>{head}{more}{entries}</ListVersionsResult>"
