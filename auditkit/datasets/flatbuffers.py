"""Just enough of FlatBuffers to read Arrow's metadata that pyarrow does not show.

Source: FlatBuffers internals (flatbuffers.dev, "FlatBuffers Internals"). Every access is
bounds-checked, and nothing is followed that was not asked for.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """One table. Fields are asked for by their index in the schema; absent ones have defaults.

    All methods raise ValueError for positions outside the data.
    """

    data: bytes
    position: int

    @classmethod
    def root(cls, data: bytes) -> Table:
        """Return the root table of a buffer."""
        return cls(data, _unpack("<I", data, 0))

    def integer(self, index: int, code: str) -> int:
        """Return a scalar field of the `struct` type `code`; 0 if absent."""
        at = self._field(index)
        return 0 if at is None else _unpack("<" + code, self.data, at)

    def table(self, index: int) -> Table | None:
        """Return a table or union field; None if absent."""
        at = self._field(index)
        return None if at is None else Table(self.data, at + _unpack("<I", self.data, at))

    def tables(self, index: int) -> list[Table]:
        """Return a vector of tables; empty if absent."""
        start, count = self._vector(index, 4)
        slots = range(start, start + 4 * count, 4)
        return [Table(self.data, at + _unpack("<I", self.data, at)) for at in slots]

    def structs(self, index: int, layout: str) -> list[tuple[int, ...]]:
        """Return a vector of structs of the `struct` layout given; empty if absent."""
        start, count = self._vector(index, struct.calcsize(layout))
        return list(
            struct.iter_unpack(layout, self.data[start : start + count * struct.calcsize(layout)])
        )

    def text(self, index: int) -> bytes:
        """Return the bytes of a string field; empty if absent."""
        start, count = self._vector(index, 1)
        return self.data[start : start + count]

    def _field(self, index: int) -> int | None:
        vtable = self.position - _unpack("<i", self.data, self.position)
        slot = 4 + 2 * index
        if slot + 2 > _unpack("<H", self.data, vtable):
            return None
        offset = _unpack("<H", self.data, vtable + slot)
        return self.position + offset if offset else None

    def _vector(self, index: int, width: int) -> tuple[int, int]:
        at = self._field(index)
        if at is None:
            return 0, 0
        start = at + _unpack("<I", self.data, at)
        count = _unpack("<I", self.data, start)
        if count * width > len(self.data) - start - 4:
            raise ValueError("a vector is longer than the data")
        return start + 4, count


def _unpack(layout: str, data: bytes, at: int) -> int:
    if not 0 <= at <= len(data) - struct.calcsize(layout):
        raise ValueError("an offset points outside the data")
    value: int = struct.unpack_from(layout, data, at)[0]
    return value
