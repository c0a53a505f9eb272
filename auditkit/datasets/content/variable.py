"""Lengths, bytes and children of strings, binaries, lists and maps, without what nulls hide."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from auditkit.datasets.content.masks import Mask
from auditkit.datasets.content.types import Array
from auditkit.errors import TableFormatError

Lengths = npt.NDArray[np.uint32]
_Positions = npt.NDArray[np.int64]

_T = pa.types
_MAX_LENGTH: Final = 2**32 - 1
_FEW_RUNS: Final = 16


def is_bytes(type_: pa.DataType) -> bool:
    """Tell whether a plain type is a string or a binary of any length."""
    return (
        _T.is_string(type_)
        or _T.is_binary(type_)
        or _T.is_large_string(type_)
        or _T.is_large_binary(type_)
    )


def byte_values(array: Array, valid: Mask | None) -> tuple[Lengths, list[memoryview]]:
    """Return each slot's length in bytes (0 for null), and the bytes of all values in order.

    Raises TableFormatError for a value of 4 GiB or more.
    """
    starts, lengths = _offset_ranges(array, valid)
    data = memoryview(array.buffers()[2] or b"")
    runs = zip(*_runs(starts, lengths), strict=True)
    return _u32(lengths), [data[first:end] for first, end in runs]


def list_children(array: Array, valid: Mask | None) -> tuple[Lengths, list[Array]]:
    """Return each slot's number of elements (0 for null), and those elements in order.

    The elements are in one or several arrays, at least one. For a map they are its entries.
    Raises TableFormatError for a list of 2^32 or more elements.
    """
    type_ = array.type
    if _T.is_fixed_size_list(type_):
        slots = np.arange(array.offset, array.offset + len(array), dtype=np.int64)
        starts = slots * type_.list_size
        lengths = _visible(np.full(len(array), type_.list_size, np.int64), valid)
    elif _T.is_list_view(type_) or _T.is_large_list_view(type_):
        width = 8 if _T.is_large_list_view(type_) else 4
        starts = _integers(array, 1, width, len(array))
        lengths = _visible(_integers(array, 2, width, len(array)), valid)
    else:
        starts, lengths = _offset_ranges(array, valid)
    return _u32(lengths), _select(array.values, starts, lengths)


def _offset_ranges(array: Array, valid: Mask | None) -> tuple[_Positions, _Positions]:
    if len(array) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    type_ = array.type
    large = _T.is_large_string(type_) or _T.is_large_binary(type_) or _T.is_large_list(type_)
    offsets = _integers(array, 1, 8 if large else 4, len(array) + 1)
    return offsets[:-1], _visible(np.diff(offsets), valid)


def _integers(array: Array, buffer: int, width: int, count: int) -> _Positions:
    stored = array.buffers()[buffer]
    if count == 0 or stored is None:
        return np.zeros(count, np.int64)
    values: npt.NDArray[Any] = np.frombuffer(stored, f"<i{width}", count, array.offset * width)
    return values.astype(np.int64, copy=False)


def _visible(lengths: _Positions, valid: Mask | None) -> _Positions:
    return lengths if valid is None else lengths * valid


def _u32(lengths: _Positions) -> Lengths:
    if len(lengths) and not 0 <= lengths.min() <= lengths.max() <= _MAX_LENGTH:
        raise TableFormatError(
            "a value of 4 GiB or more has no content digest",
            hint="Store such values as files, or record the data set with `--content none`.",
        )
    return lengths.astype("<u4")


def _runs(starts: _Positions, lengths: _Positions) -> tuple[list[int], list[int]]:
    """Return first and end of the fewest ranges that hold all values in order."""
    filled = np.flatnonzero(lengths)
    if len(filled) == 0:
        return [], []
    starts = starts[filled]
    ends = starts + lengths[filled]
    breaks = np.flatnonzero(starts[1:] != ends[:-1])
    firsts = np.concatenate([starts[:1], starts[breaks + 1]])
    return firsts.tolist(), np.concatenate([ends[breaks], ends[-1:]]).tolist()


def _select(values: Array, starts: _Positions, lengths: _Positions) -> list[Array]:
    slices = [
        values.slice(first, end - first) for first, end in zip(*_runs(starts, lengths), strict=True)
    ]
    if len(slices) <= _FEW_RUNS:
        return slices or [values.slice(0, 0)]
    try:
        return [pa.concat_arrays(slices)]
    except pa.ArrowException as error:
        raise TableFormatError(f"lists of {str(values.type)[:100]} cannot be expanded") from error
