"""Just enough of Thrift to look at the column chunks in a Parquet footer before pyarrow does.

pyarrow shows all this too, but ends the process over what it does not expect there. Sources:
Apache Thrift, `thrift-compact-protocol.md`; Apache Parquet, `parquet.thrift`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

_CODECS: Final = ("uncompressed", "snappy", "gzip", "lzo", "brotli", "lz4", "zstd", "lz4_raw")
# Field numbers in FileMetaData, RowGroup, ColumnChunk, ColumnMetaData and SizeStatistics.
_ROW_GROUPS, _COLUMNS, _META_DATA, _CRYPTO, _CODEC, _SIZES = 4, 1, 3, 8, 4, 16
_UNENCODED_BYTES, _REPETITIONS, _DEFINITIONS = 1, 2, 3
_BOOLEANS, _BYTE, _INTEGERS, _DOUBLE, _BINARY = (1, 2), 3, (4, 5, 6), 7, 8
_LISTS, _MAP, _STRUCT = (9, 10), 11, 12
_MAX_DEPTH: Final = 32


class Sizes(NamedTuple):
    """The shape of a chunk's size statistics: what there is, and how long the histograms are."""

    column: int
    unencoded_bytes: bool = False
    repetitions: int = 0
    definitions: int = 0


class ColumnChunks(NamedTuple):
    """What the column chunks of a footer have: names of codecs, and size statistics."""

    codecs: frozenset[str]
    sizes: frozenset[Sizes]


def column_chunks(footer: bytes) -> ColumnChunks:
    """Return what the column chunks of a footer have in them.

    Raises ValueError if it is not a Parquet footer, names an unknown codec or has an encrypted
    column.
    """
    cursor = _Cursor(footer)
    codecs: set[int] = set()
    sizes: set[Sizes] = set()
    try:
        for _ in cursor.find_each(_ROW_GROUPS):
            for column, _ in enumerate(cursor.find_each(_COLUMNS)):
                _look_at(cursor, column, codecs, sizes)
        return ColumnChunks(frozenset(_CODECS[codec] for codec in codecs), frozenset(sizes))
    except IndexError as error:
        raise ValueError("its footer is cut off or has an unknown codec") from error


def _look_at(cursor: _Cursor, column: int, codecs: set[int], sizes: set[Sizes]) -> None:
    for field, kind in cursor.fields():
        if field == _CRYPTO:
            raise ValueError("it has an encrypted column")
        if field != _META_DATA or kind != _STRUCT:
            cursor.skip(kind)
            continue
        for inner, type_ in cursor.fields():
            if inner == _CODEC:
                codecs.add(cursor.integer())
            elif inner == _SIZES and type_ == _STRUCT:
                sizes.add(_sizes(cursor, column))
            else:
                cursor.skip(type_)


def _sizes(cursor: _Cursor, column: int) -> Sizes:
    found = Sizes(column)
    for field, kind in cursor.fields():
        if field == _REPETITIONS and kind in _LISTS:
            found = found._replace(repetitions=cursor.skip_list())
        elif field == _DEFINITIONS and kind in _LISTS:
            found = found._replace(definitions=cursor.skip_list())
        else:
            found = found._replace(
                unencoded_bytes=found.unencoded_bytes or field == _UNENCODED_BYTES
            )
            cursor.skip(kind)
    return found


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

    def skip_list(self, depth: int = _MAX_DEPTH) -> int:
        """Move over a list; return how many elements it has."""
        count, element = self._list()
        for _ in range(count):
            self._skip_element(element, depth)
        return count

    def _skip_nested(self, kind: int, depth: int) -> None:
        if depth == 0:
            raise ValueError("its footer is nested too deep")
        if kind == _STRUCT:
            for _, inner in self.fields():
                self.skip(inner, depth)
        elif kind in _LISTS:
            self.skip_list(depth)
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
