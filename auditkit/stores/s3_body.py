"""The bytes of an answer of S3, read within bounds of size and time."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any, Final

from auditkit.errors import StoreError, StoreUnavailableError
from auditkit.stores.s3_errors import s3_errors

_CHUNK_BYTES: Final = 16 * 1024
_SLOWEST_BYTES_PER_SECOND: Final = 64 * 1024


def read_body(answer: dict[str, Any], path: str, *, limit: int, timeout: float) -> bytes:
    """Return the body of an answer to GetObject, and close it.

    It may take `timeout` seconds, and one more for each 64 KiB: a connection that is kept alive
    drop by drop is given up too.

    Raises:
        StoreUnavailableError: it broke off, is damaged, or comes too slowly.
        StoreError: it has more than `limit` bytes.
    """
    size = answer["ContentLength"]
    end = time.monotonic() + timeout + size / _SLOWEST_BYTES_PER_SECOND
    content = bytearray()
    with closing(answer["Body"]) as body:
        while size <= limit:
            with s3_errors(path):
                chunk = body.read(_CHUNK_BYTES)
            if not chunk:
                return bytes(content)
            content += chunk
            if time.monotonic() > end:
                raise StoreUnavailableError(
                    "the answer comes too slowly",
                    hint="Check the network; a longer timeout is set in [s3].",
                    path=path,
                )
    raise StoreError(f"has more than {limit} bytes", path=path)
