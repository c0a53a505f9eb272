"""Runs of a file's bytes as a file: what decoders may see is what was read and hashed."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


class HeldBytes(io.RawIOBase):
    """A file of `size` bytes of which only some runs, by their first byte, can be read."""

    def __init__(self, size: int, runs: Mapping[int, bytes | pa.Buffer]) -> None:
        self._size = size
        self._runs = {first: memoryview(data) for first, data in runs.items()}
        self._moving: tuple[int, memoryview] | None = None
        self._position = 0

    def move(self, first: int, data: bytes) -> None:
        """Hold one more run, in place of the one that was given in this way before."""
        self._moving = first, memoryview(data)

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return where the next byte is read."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position, which may be one that is not held."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = base + offset
        return self._position

    def read(self, size: int = -1) -> memoryview:
        """Return `size` bytes; raises ValueError unless all of them are held together."""
        at = self._position
        for first, data in (
            (self._moving, *self._runs.items()) if self._moving else self._runs.items()
        ):
            if first <= at and 0 <= size <= first + len(data) - at:
                self._position += size
                return data[at - first : at - first + size]
        raise ValueError("reading beyond what its footer lists")
