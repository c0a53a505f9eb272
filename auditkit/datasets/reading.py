"""Reading a part: every byte is hashed as it is read, and a file that changes is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Lock
from typing import Final

from auditkit.datasets.base import Part
from auditkit.datasets.faults import changed
from auditkit.datasets.hashing import Advance
from auditkit.datasets.part_hashes import PartHashes
from auditkit.datasets.source import OpenPart
from auditkit.execution.cancellation import current_cancellation

BUFFER_BYTES: Final = 1024 * 1024
_FEW_BYTES: Final = 64 * 1024


def _ignore(_: int) -> None:
    pass


@contextmanager
def open_part(
    part: Part, hashes: PartHashes | None, *, advance: Advance = _ignore, counted: int = 0
) -> Iterator[PartReader]:
    """Open `part` for one pass from its first byte to its last, which `hashes` take in.

    The first `counted` bytes are not reported to `advance`: they were read before. Without
    `hashes`, what is skipped is not read.

    Raises:
        FileChangedError: it is gone, no regular file any more, or of another size than planned.
        UnreadableError: its source refuses.
    """
    file = part.source.open(part.real, part.size)
    reader = PartReader(file, part, hashes, advance=advance, counted=counted)
    with closing(reader):
        yield reader


class PartReader:
    """An opened part. Arrow calls `read` from threads of its own, so reading is locked."""

    def __init__(
        self,
        file: OpenPart,
        part: Part,
        hashes: PartHashes | None,
        *,
        advance: Advance,
        counted: int,
    ) -> None:
        self.part = part
        self.size = part.size
        self.position = 0
        self._file = file
        self._closed = False
        self._hashes = hashes
        self._advance = advance
        self._counted = counted
        self._lock = Lock()
        # Arrow reads on threads of its own, which know nothing of ours.
        self._cancellation = current_cancellation()

    @property
    def stated(self) -> str:
        """The checksum that the part's place states, once all was read; empty without one."""
        return self._file.stated

    def close(self) -> None:
        """Close the file; an abandoned stream that still reads gets nothing."""
        with self._lock:
            self._closed = True
            self._file.close()

    def read(self, count: int) -> bytes:
        """Return the next `count` bytes, fewer only at the end.

        Raises FileChangedError if the file grew and UnreadableError if reading fails.
        """
        with self._lock:
            self._cancellation.check()
            if self._closed:
                return b""
            data = self._few(count) if self._asks(count) else self._file.read(count)
            self._account(data)
            return data

    def _asks(self, count: int) -> bool:
        """Tell whether to ask for some bytes alone: a stream has more on its way over a network."""
        return self._hashes is None and 0 < count <= _FEW_BYTES and self.part.source.waits

    def _few(self, count: int) -> bytes:
        data = self._file.peek(self.position, count)
        self._file.seek(self.position + len(data))
        return data

    def fill(self, buffer: memoryview) -> int:
        """Fill `buffer` with the next bytes; return how many, fewer than asked for at the end.

        Raises as `read` does.
        """
        filled = 0
        while filled < len(buffer):
            count = self._read_into(buffer[filled:])
            if count == 0:
                break
            filled += count
        return filled

    def peek_tail(self, count: int) -> bytes:
        """Return the last `count` bytes (at most the whole file), neither hashed nor counted."""
        count = min(count, self.size)
        return self.peek(self.size - count, count)

    def peek(self, position: int, count: int) -> bytes:
        """Return up to `count` bytes from `position` on, neither hashed nor counted."""
        return self._file.peek(position, count)

    def expect(self, data: bytes) -> None:
        """Read `data` once more, as part of the pass; raises FileChangedError if it differs."""
        if self.read(len(data)) != data:
            raise changed(self.part.real, "was written to")

    def skip_to(self, position: int) -> None:
        """Move forward to `position`, hashing what lies between; beyond the end is the end."""
        position = min(position, self.size)
        if self._hashes is None:
            self.position = max(position, self.position)
            self._counted = max(self._counted, self.position)
            self._file.seek(self.position)
            return
        buffer = memoryview(bytearray(min(BUFFER_BYTES, max(position - self.position, 0))))
        while self.position < position:
            if not self._read_into(buffer[: position - self.position]):
                return

    def finish(self) -> None:
        """Read to the end, so that all is hashed, and see that the file stayed as it was planned.

        Raises:
            FileChangedError: it changed, shrank, grew, was replaced or removed meanwhile.
        """
        if self._hashes is not None:
            self.skip_to(self.size)
            self._read_into(memoryview(bytearray(1)))
            if self.position < self.size:
                raise changed(self.part.real, f"ended after {self.position} of {self.size} bytes")
        self._file.check_unchanged()

    def _read_into(self, buffer: memoryview) -> int:
        with self._lock:
            self._cancellation.check()
            count = self._file.readinto(buffer)
            self._account(buffer[:count])
            return count

    def _account(self, data: bytes | memoryview) -> None:
        self.position += len(data)
        if self.position > self.size:
            raise changed(self.part.real, f"grew beyond its {self.size} bytes")
        if self._hashes is not None:
            self._hashes.update(data)
        if self.position > self._counted:
            self._advance(self.position - self._counted)
            self._counted = self.position
