"""Bytes of unfinished blocks on disk, for columns whose blocks are larger than memory should be.

A block of 65,536 images is gigabytes, and the encoding puts all lengths before the first byte, so
its pieces have to wait somewhere until the last has come.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes that wait in a file of their own."""

    path: Path

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes, a megabyte at a time; raises OSError."""
        with self.path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def discard(self) -> None:
        """Remove the file."""
        self.path.unlink()


class Spool:
    """A temporary folder that is made when it is first needed."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def store(self, data: bytes | memoryview) -> Stored:
        """Write `data` to a file of its own; raises OSError."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="auditkit-")
        handle, name = tempfile.mkstemp(dir=self._folder.name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        return Stored(Path(name))

    def close(self) -> None:
        """Remove the folder with everything in it."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
