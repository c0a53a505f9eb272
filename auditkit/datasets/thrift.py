"""Just enough of Thrift to read the codecs in a Parquet footer.

pyarrow shows them too, but ends the process over a codec it does not know. Sources: Apache
Thrift, `thrift-compact-protocol.md`; Apache Parquet, `parquet.thrift`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_CODECS: Final = ("uncompressed", "snappy", "gzip", "lzo", "brotli", "lz4", "zstd", "lz4_raw")
# Field numbers in FileMetaData, RowGroup, ColumnChunk and ColumnMetaData.
_ROW_GROUPS, _COLUMNS, _META_DATA, _CODEC = 4, 1, 3, 4
_BOOLEANS, _BYTE, _INTEGERS, _DOUBLE, _BINARY = (1, 2), 3, (4, 5, 6), 7, 8
_LISTS, _MAP, _STRUCT = (9, 10), 11, 12
_MAX_DEPTH: Final = 32


def parquet_codecs(footer: bytes) -> frozenset[str]:
    """Return the names of the codecs that the column chunks of a footer use.

    Raises ValueError if it is not a Parquet footer or names an unknown codec.
    """
    cursor = _Cursor(footer)
    try:
        codecs = set(_codecs(cursor))
        return frozenset(_CODECS[codec] for codec in codecs)
    except IndexError as error:
        raise ValueError("its footer is cut off or has an unknown codec") from error


def _codecs(cursor: _Cursor) -> Iterator[int]:
    for _ in cursor.find_each(_ROW_GROUPS):
        for _ in cursor.find_each(_COLUMNS):
            for field, kind in cursor.fields():
                if field != _META_DATA or kind != _STRUCT:
                    cursor.skip(kind)
                    continue
                for inner, type_ in cursor.fields():
                    if inner == _CODEC:
                        yield cursor.integer()
                    else:
                        cursor.skip(type_)


class _Cursor:
    """A position in compact-protocol bytes. Reading past the end raises IndexError."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def fields(self) -> Iterator[tuple[int, int]]:
        """Yield number and type of each field of a struct; the caller consumes the value."""
        number = 0
        while header := self._byte():
            number = number + (header >> 4) if header >> 4 else self.integer()
            yield number, header & 15

    def find_each(self, field: int) -> Iterator[None]:
        """Yield at each struct in the list that is this field of a struct, skipping the rest."""
        for number, kind in self.fields():
            if number != field or kind not in _LISTS:
                self.skip(kind)
                continue
            count, element = self._list()
            if count and element != _STRUCT:
                raise ValueError("its footer has other types than a Parquet file")
            for _ in range(count):
                yield

    def integer(self) -> int:
        """Return a zigzag integer; a negative codec fails as an index would."""
        raw = self._varint()
        value = (raw >> 1) ^ -(raw & 1)
        if value < 0:
            raise IndexError(value)
        return value

    def skip(self, kind: int, depth: int = _MAX_DEPTH) -> None:
        """Move over a value."""
        if kind in _INTEGERS:
            self._varint()
        elif kind == _BINARY:
            self._move(self._varint())
        elif kind == _DOUBLE:
            self._move(8)
        elif kind == _BYTE:
            self._move(1)
        elif kind not in _BOOLEANS:
            self._skip_nested(kind, depth - 1)

    def _skip_nested(self, kind: int, depth: int) -> None:
        if depth == 0:
            raise ValueError("its footer is nested too deep")
        if kind == _STRUCT:
            for _, inner in self.fields():
                self.skip(inner, depth)
        elif kind in _LISTS:
            count, element = self._list()
            for _ in range(count):
                self._skip_element(element, depth)
        elif kind == _MAP and (count := self._varint()):
            kinds = self._byte()
            for _ in range(count):
                self._skip_element(kinds >> 4, depth)
                self._skip_element(kinds & 15, depth)
        elif kind != _MAP:
            raise ValueError("its footer has a value of no known type")

    def _skip_element(self, kind: int, depth: int) -> None:
        # Outside a struct a boolean takes a byte of its own.
        self.skip(_BYTE if kind in _BOOLEANS else kind, depth)

    def _list(self) -> tuple[int, int]:
        header = self._byte()
        count = header >> 4
        return (self._varint() if count == 15 else count), header & 15

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) >= 128:
            value |= (byte & 127) << shift
            shift += 7
            if shift > 63:
                raise ValueError("its footer has an overlong number")
        return value | byte << shift

    def _move(self, count: int) -> None:
        self._at += count
        if self._at > len(self._data):
            raise IndexError(count)
