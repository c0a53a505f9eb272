"""The bytes of one state of one object: a stream that goes on where it broke off, and any range.

What is read is one version, or the object as long as it has the entity tag that it had at first: so
the pieces before and after a break belong together.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any, Final

from auditkit.datasets.faults import changed
from auditkit.datasets.s3.address import ObjectAddress
from auditkit.datasets.s3.connection import Connection, reading, unreadable
from auditkit.errors import StoreUnavailableError

_SLOWEST_BYTES_PER_SECOND: Final = 64 * 1024
_WORTH_READING: Final = 256 * 1024
"""To skip so many bytes, reading them is faster than another request."""

_CHECKSUMS: Final = ("SHA256", "SHA1", "CRC64NVME", "CRC32C", "CRC32")


class ObjectStream:
    """An opened object; see `OpenPart`. The first request is sent when something is read.

    With `end` it is only the bytes before that position. `stated` is known once it was asked for.
    """

    def __init__(
        self, connection: Connection, address: ObjectAddress, size: int, end: int | None = None
    ) -> None:
        self._connection = connection
        self._address = address
        self._path = str(address)
        self._size = size
        self._end = size if end is None else end
        self.stated = ""
        self._position = 0
        self._body: Any = None
        self._etag: str | None = None
        self._broken = 0
        self._waited = 0.0

    def read(self, count: int) -> bytes:
        """Return the next `count` bytes, fewer only at the end."""
        pieces = []
        while count and (piece := self._piece(count)):
            pieces.append(piece)
            count -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def readinto(self, buffer: memoryview) -> int:
        """Fill the beginning of `buffer` with the next bytes; return how many, 0 at the end."""
        piece = self._piece(len(buffer))
        buffer.cast("B")[: len(piece)] = piece  # Arrow's buffers have signed bytes
        return len(piece)

    def seek(self, position: int) -> None:
        """Go on from `position`; a long way is not read, but asked for anew."""
        if position - self._position > _WORTH_READING:
            self.close()
        if self._body is None:
            self._position = position
        while self._position < position and self._piece(position - self._position):
            pass

    def peek(self, position: int, count: int) -> bytes:
        """Return up to `count` bytes from `position` on, by a request of its own."""
        end = min(position + count, self._size)
        stream = ObjectStream(self._connection, self._address, self._size, end)
        stream.seek(position)
        with closing(stream):
            return stream.read(end - position) if end > position else b""

    def check_unchanged(self) -> None:
        """Do nothing: the state that was planned is the one that is read."""

    def close(self) -> None:
        """End the request that is under way."""
        if self._body is not None:
            self._body.close()
            self._body = None

    def _piece(self, count: int) -> bytes:
        """Return some of the next `count` bytes, none at the end.

        Even an empty object is asked for once: it may have become another one.
        """
        while self._position < self._end or not (self._position or self._etag):
            started = time.monotonic()
            try:
                return self._next(count)
            except StoreUnavailableError as error:
                self.close()
                self._broken += 1
                attempts = self._connection.settings.attempts
                if self._broken >= attempts or self._position == self._end:
                    raise unreadable(error, self._path) from error
            finally:
                self._waited += time.monotonic() - started
        return b""

    def _next(self, count: int) -> bytes:
        with reading(self._connection, self._path) as client:
            if self._body is None:
                self._body = self._begin(client)
            piece: bytes = self._body.read(min(count, self._end - self._position))
            self._position += len(piece)
            if self._position == self._end:
                self._body.read(1)  # now the checksum that the server stated is looked at
                self.close()
        self._check_speed()
        return piece

    def _begin(self, client: Any) -> Any:
        request = self._address.request()
        if (self._position, self._end) != (0, self._size):
            request["Range"] = f"bytes={self._position}-{self._end - 1}"
        if self._etag is not None:
            request["IfMatch"] = self._etag
        answer = client.get_object(**request)
        self._etag = answer["ETag"]
        self.stated = self.stated or stated_checksum(answer)
        if answer["ContentLength"] != self._end - self._position:
            answer["Body"].close()
            raise changed(self._path, "became one of another size")
        return answer["Body"]

    def _check_speed(self) -> None:
        """A connection that is kept alive drop by drop is given up too."""
        settings = self._connection.settings
        most = settings.timeout * settings.attempts + self._size / _SLOWEST_BYTES_PER_SECOND
        if self._waited > most:
            self.close()
            error = StoreUnavailableError(
                "the answer comes too slowly",
                hint="Check the network; a longer timeout is set in [s3].",
            )
            raise unreadable(error, self._path)


def stated_checksum(answer: Mapping[str, Any]) -> str:
    """Return what an answer of S3 states, as `ALGORITHM:TYPE:VALUE`; empty where it is nothing.

    The value is base64; a composite one has a dash and the number of parts behind it.
    """
    for algorithm in _CHECKSUMS:
        value = answer.get(f"Checksum{algorithm}")
        if value:
            kind = "COMPOSITE" if "-" in value else "FULL_OBJECT"
            return f"{algorithm}:{answer.get('ChecksumType') or kind}:{value}"
    return ""
