"""Canonical rows for the `bag` digest: the cells of a row one after the other, and their hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditkit.datasets.content.fixed import Values, fixed_values, is_fixed
from auditkit.datasets.content.masks import Mask, unpack, validity
from auditkit.datasets.content.plain import plain
from auditkit.datasets.content.types import Array, is_any_list, type_token
from auditkit.datasets.content.variable import byte_values, is_bytes, list_children

ROW_DIGEST: Final = np.dtype("S32")
"""32 bytes that numpy sorts as bytes; never take single items, which lose trailing zeros."""

_T = pa.types
_MAX_ROWS: Final = 16_384
_MAX_BYTES: Final = 16 * 1024 * 1024


def hash_rows(batch: pa.RecordBatch) -> npt.NDArray[np.bytes_]:
    """Return the SHA-256 of each canonical row of `batch`, as an array of `ROW_DIGEST`.

    Holds the interpreter lock for most of its time: run it in processes. Raises
    TableFormatError for types and values that have no encoding.
    """
    digests = bytearray()
    for piece in _pieces(batch):
        rows = encode_rows(piece.columns, piece.num_rows)
        digests += b"".join(
            [hashlib.sha256(row).digest() for row in rows.to_numpy(zero_copy_only=False)]
        )
    return np.frombuffer(digests, ROW_DIGEST)


def encode_rows(columns: Sequence[Array], rows: int) -> Array:
    """Return `rows` canonical rows over `columns`, as a large_binary array."""
    cells = _Cells(rows)
    for column in columns:
        cells.add(column)
    return cells.joined()


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Cut a batch so that a piece's rows, encoded, stay small beside a batch's own memory."""
    rows = min(_MAX_ROWS, max(1, batch.num_rows * _MAX_BYTES // max(1, batch.nbytes)))
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)


class _Cells:
    """Cells of a number of rows: runs of fixed width are laid out as records, then all joined."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._fixed: list[Values] = []
        self._segments: list[Array] = []

    def add(self, array: Array, parent: Mask | None = None) -> None:
        array = plain(array)
        type_ = array.type
        if _T.is_null(type_):
            self._fixed.append(np.zeros(self._rows, np.uint8))
            return
        valid = validity(array, parent)
        self._fixed.append(np.ones(self._rows, np.uint8) if valid is None else valid)
        if is_fixed(type_):
            self._fixed.append(fixed_values(array, valid))
        elif _T.is_boolean(type_):
            bits = unpack(array.buffers()[1], array.offset, self._rows)
            self._fixed.append(bits if valid is None else bits & valid)
        elif _T.is_struct(type_):
            for index in range(type_.num_fields):
                self.add(array.field(index), valid)
        elif is_bytes(type_):
            lengths, values = byte_values(array, valid)
            self._add_variable(lengths, _ends(lengths), values)
        elif is_any_list(type_) or _T.is_map(type_):
            lengths, children = list_children(array, valid)
            self._add_elements(lengths, children)
        else:
            raise AssertionError(f"{type_token(type_)} has no encoding")

    def _add_elements(self, lengths: npt.NDArray[Any], children: Sequence[Array]) -> None:
        encoded = [encode_rows([child], len(child)) for child in children]
        values, ends = [], [np.zeros(1, np.int64)]
        for elements in encoded:
            offsets, data = _binary(elements)
            values.append(data)
            ends.append(offsets[1:] - offsets[0] + ends[-1][-1])
        self._add_variable(lengths, np.concatenate(ends)[_ends(lengths)], values)

    def _add_variable(
        self, lengths: npt.NDArray[Any], ends: npt.NDArray[np.int64], values: Sequence[memoryview]
    ) -> None:
        self._fixed.append(lengths)
        self._flush()
        data = values[0] if len(values) == 1 else b"".join(values)
        self._segments.append(_large_binary(self._rows, ends, data))

    def _flush(self) -> None:
        """Lay out the fixed cells so far as one record a row."""
        if not self._fixed:
            return
        layout = np.dtype([(f"f{i}", v.dtype, v.shape[1:]) for i, v in enumerate(self._fixed)])
        records = np.empty(self._rows, layout)
        for index, values in enumerate(self._fixed):
            records[f"f{index}"] = values
        ends = np.arange(0, (self._rows + 1) * layout.itemsize, max(1, layout.itemsize))
        self._segments.append(_large_binary(self._rows, ends[: self._rows + 1], records))
        self._fixed.clear()

    def joined(self) -> Array:
        self._flush()
        if not self._segments:
            return _large_binary(self._rows, np.zeros(self._rows + 1, np.int64), b"")
        if len(self._segments) == 1:
            return self._segments[0]
        separator = pa.scalar(b"", pa.large_binary())
        return pc.binary_join_element_wise(*self._segments, separator)


def _ends(lengths: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    ends = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=ends[1:])
    return ends


def _large_binary(rows: int, ends: npt.NDArray[np.int64], data: Any) -> Array:
    buffers = [None, pa.py_buffer(ends.data), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_binary(), rows, buffers)


def _binary(array: Array) -> tuple[npt.NDArray[np.int64], memoryview]:
    offsets = np.frombuffer(array.buffers()[1], np.int64, len(array) + 1, array.offset * 8)
    data = memoryview(array.buffers()[2] or b"")
    return offsets, data[offsets[0] : offsets[-1]]
