"""Whether Parquet statistics tell the truth.

Readers skip row groups by the smallest and largest values and the number of nulls that a footer
gives. Wrong ones change what a query finds without changing a value.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from auditkit.datasets.base import Part
from auditkit.datasets.content.plain import plain
from auditkit.datasets.content.types import Array, is_any_list, plain_type
from auditkit.datasets.content.variable import is_bytes
from auditkit.datasets.held_bytes import HeldBytes
from auditkit.datasets.parquet_windows import leaves_of
from auditkit.datasets.part_table import parsing
from auditkit.datasets.reading import PartReader, open_part

_T = pa.types


def find_misleading(part: Part) -> str | None:
    """Return the first column and row group of a file with wrong statistics, in words.

    Page indexes and Bloom filters are not looked at. Raises TableFormatError, FileChangedError
    and UnreadableError.
    """
    with (
        open_part(part, None) as reader,
        parsing(part),
        pq.ParquetFile(pa.PythonFile(_Peeking(reader), mode="r")) as file,
    ):
        for group in range(file.metadata.num_row_groups):
            for name, leaf in _leaves(file.metadata):
                if not _holds(file, group, leaf):
                    return f"column {name!r}, row group {group}"
    return None


class _Peeking(HeldBytes):
    """A part as a file that is read from anywhere."""

    def __init__(self, reader: PartReader) -> None:
        super().__init__(reader.size, {})
        self._reader = reader

    def read(self, size: int = -1) -> Any:
        data = self._reader.peek(self._position, size if size >= 0 else self._reader.size)
        self._position += len(data)
        return data


def _leaves(metadata: pq.FileMetaData) -> Iterator[tuple[str, int]]:
    names = metadata.schema.to_arrow_schema().names
    for name, leaves in zip(names, leaves_of(metadata), strict=True):
        for leaf in leaves:
            yield name, leaf


def _holds(file: pq.ParquetFile, group: int, leaf: int) -> bool:
    stored = file.metadata.row_group(group).column(leaf)
    statistics: Any = stored.statistics if stored.is_stats_set else None
    if statistics is None or not (statistics.has_min_max or statistics.has_null_count):
        return True
    table = file.reader.read_row_groups([group], column_indices=[leaf], use_threads=False)
    array = pa.chunked_array([_values(chunk) for chunk in table.column(0).chunks])
    flat = plain_type(table.column(0).type) == plain_type(array.type)
    if flat and statistics.has_null_count and statistics.null_count != array.null_count:
        return False
    return not statistics.has_min_max or _bounds(array, statistics)


def _values(array: Array) -> Array:
    """Return the values of the one leaf that was read, out of the types around it."""
    array = plain(array)
    while True:
        if is_any_list(array.type) or _T.is_map(array.type):
            array = plain(array.flatten() if is_any_list(array.type) else array.values)
        elif _T.is_struct(array.type):
            array = plain(array.flatten()[0])
        else:
            return array


def _bounds(array: Array, statistics: Any) -> bool:
    """Tell whether all values lie between the bounds; those of text may be cut short."""
    type_ = array.type
    least: Any
    most: Any
    if _T.is_temporal(type_):
        if not isinstance(statistics.min_raw, int):  # 96 bits, whose bounds no reader trusts
            return True
        array = pa.chunked_array([_ticks(chunk) for chunk in array.chunks], pa.int64())
        least, most = statistics.min_raw, statistics.max_raw
    elif _T.is_float16(type_):
        array = array.cast(pa.float32())
        least, most = (struct.unpack("<e", raw)[0] for raw in _raw(statistics))
    elif is_bytes(type_) or _T.is_fixed_size_binary(type_):
        array = array.cast(pa.large_binary())
        least, most = _raw(statistics)
    else:
        least, most = statistics.min, statistics.max
    if _T.is_floating(array.type):
        array = array.filter(pc.invert(pc.is_nan(array)))
    found: Any = pc.min_max(array).as_py()
    return found["min"] is None or (least <= found["min"] and found["max"] <= most)


def _raw(statistics: Any) -> tuple[bytes, bytes]:
    return statistics.min_raw, statistics.max_raw


def _ticks(array: Array) -> Array:
    width = array.type.bit_width
    return array.view(pa.int32() if width == 32 else pa.int64()).cast(pa.int64())
