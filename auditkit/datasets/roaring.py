"""Roaring bitmaps: sets of row numbers.

Source: RoaringFormatSpec (github.com/RoaringBitmap/RoaringFormatSpec), the format for 32 bits and
its extension for 64 bits.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

Rows: TypeAlias = npt.NDArray[np.int64]

_NO_RUNS, _RUNS = 12346, 12347
_NO_OFFSETS: Final = 4
_ARRAY_LIMIT: Final = 4096


def row_numbers(data: bytes) -> Rows:
    """Return the numbers in a serialised set of 64-bit numbers, ascending.

    Raises ValueError for what is none, and for numbers of more than 63 bits.
    """
    try:
        (count,) = struct.unpack_from("<Q", data)
    except struct.error as error:
        raise ValueError("it ends too early") from error
    return _Bitmaps(data, 8).read(count)


class _Bitmaps:
    """Reads one bitmap of 32-bit numbers after another."""

    def __init__(self, data: bytes, position: int) -> None:
        self._data = data
        self._position = position

    def read(self, count: int) -> Rows:
        found = []
        for _ in range(count):
            high = self._take("<u4", 1)[0]
            found += [(int(high) << 32) + low for low in self._bitmap()]
        rows = np.concatenate(found) if found else np.empty(0, np.int64)
        if len(rows) and (rows[0] < 0 or bool(np.any(np.diff(rows) <= 0))):
            raise ValueError("its rows are not in order")
        return rows

    def _bitmap(self) -> Iterator[Rows]:
        cookie = int(self._take("<u4", 1)[0])
        if cookie & 0xFFFF == _RUNS:
            size = (cookie >> 16) + 1
            flags = self._take("u1", (size + 7) // 8)
            runs = np.unpackbits(flags, bitorder="little")[:size].astype(bool)
        elif cookie == _NO_RUNS:
            size = int(self._take("<u4", 1)[0])
            runs = np.zeros(min(size, 1 << 16), bool)
        else:
            raise ValueError("a bitmap of no known kind")
        heads = self._take("<u2", 2 * size).reshape(-1, 2).astype(np.int64)
        if cookie == _NO_RUNS or size >= _NO_OFFSETS:
            self._take("<u4", size)  # where the containers are: they follow each other
        for (key, least), is_run in zip(heads, runs, strict=True):
            yield (key << 16) + self._container(int(least) + 1, is_run=bool(is_run))

    def _container(self, cardinality: int, *, is_run: bool) -> Rows:
        if is_run:
            count = int(self._take("<u2", 1)[0])
            pairs = self._take("<u2", 2 * count).reshape(-1, 2).astype(np.int64)
            if int((pairs[:, 1] + 1).sum()) != cardinality:  # before they take any memory
                raise ValueError("a container counts other rows than it has")
            found = [np.arange(start, start + more + 1) for start, more in pairs]
            values = np.concatenate(found) if found else np.empty(0, np.int64)
        elif cardinality > _ARRAY_LIMIT:
            bits = np.unpackbits(self._take("u1", 8192), bitorder="little")
            values = np.flatnonzero(bits).astype(np.int64)
        else:
            values = self._take("<u2", cardinality).astype(np.int64)
        if len(values) != cardinality:
            raise ValueError("a container counts other rows than it has")
        return values

    def _take(self, kind: str, count: int) -> npt.NDArray[Any]:
        size = np.dtype(kind).itemsize * count
        if self._position + size > len(self._data):
            raise ValueError("it ends too early")
        found = np.frombuffer(self._data, kind, count, self._position)
        self._position += size
        return found
