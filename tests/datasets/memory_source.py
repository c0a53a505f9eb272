"""A place that is neither disk nor bucket, for tests of what must not care."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from auditkit.datasets.faults import changed
from auditkit.datasets.source import OpenPart


@dataclass(frozen=True)
class MemorySource:
    """Parts by address; whoever changes `contents` writes to the place."""

    contents: dict[str, bytes] = field(default_factory=dict)

    waits: bool = False

    def open(self, real: str, size: int) -> OpenPart:
        if len(self.contents.get(real, b"")) != size:
            raise changed(real, "was written to")
        return _Opened(self, real)

    def stamp(self, real: str) -> str | None:
        data = self.contents.get(real)
        return None if data is None else hashlib.sha256(data).hexdigest()


class _Opened:
    stated = ""

    def __init__(self, source: MemorySource, real: str) -> None:
        self._source, self._real = source, real
        self._data = source.contents[real]
        self._position = 0

    def read(self, count: int) -> bytes:
        data = self.peek(self._position, count)
        self._position += len(data)
        return data

    def readinto(self, buffer: memoryview) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, position: int) -> None:
        assert position >= self._position
        self._position = position

    def peek(self, position: int, count: int) -> bytes:
        return self._data[position : position + count]

    def check_unchanged(self) -> None:
        if self._source.contents.get(self._real) is not self._data:
            raise changed(self._real, "was written to")

    def close(self) -> None:
        pass
