"""Lengths, bytes and children of strings, binaries, lists and maps, without what nulls hide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from auditkit.datasets.content.masks import Mask
from auditkit.datasets.content.types import Array
from auditkit.errors import TableFormatError

Lengths = npt.NDArray[np.uint32]
_Integers: TypeAlias = npt.NDArray[Any]
_Run: TypeAlias = tuple[int, int]

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
    lengths, runs = _by_offsets(array, valid)
    data = memoryview(array.buffers()[2] or b"")
    return _u32(lengths), [data[first:end] for first, end in runs]


def list_children(array: Array, valid: Mask | None) -> tuple[Lengths, list[Array]]:
    """Return each slot's number of elements (0 for null), and those elements in order.

    The elements are in one or several arrays, at least one. For a map they are its entries.
    Raises TableFormatError for a list of 2^32 or more elements.
    """
    type_ = array.type
    if _T.is_fixed_size_list(type_):
        lengths, runs = _by_size(array, valid)
    elif _T.is_list_view(type_) or _T.is_large_list_view(type_):
        lengths, runs = _by_view(array, valid)
    else:
        lengths, runs = _by_offsets(array, valid)
    return _u32(lengths), _select(array.values, runs)


def _by_offsets(array: Array, valid: Mask | None) -> tuple[_Integers, list[_Run]]:
    if len(array) == 0:
        return np.zeros(0, np.int64), []
    type_ = array.type
    large = _T.is_large_string(type_) or _T.is_large_binary(type_) or _T.is_large_list(type_)
    offsets = _integers(array, 1, 8 if large else 4, len(array) + 1)
    lengths = _visible(offsets[1:] - offsets[:-1], valid)
    first, end = int(offsets[0]), int(offsets[-1])
    if lengths.sum(dtype=np.int64) == end - first:  # nothing lies under a null
        return lengths, [(first, end)]
    return lengths, _runs(offsets[:-1], lengths)


def _by_size(array: Array, valid: Mask | None) -> tuple[_Integers, list[_Run]]:
    size = array.type.list_size
    starts = np.arange(array.offset, array.offset + len(array), dtype=np.int64) * size
    lengths = _visible(np.full(len(array), size, np.int64), valid)
    return lengths, _runs(starts, lengths)


def _by_view(array: Array, valid: Mask | None) -> tuple[_Integers, list[_Run]]:
    width = 8 if _T.is_large_list_view(array.type) else 4
    starts = _integers(array, 1, width, len(array)).astype(np.int64)
    lengths = _visible(_integers(array, 2, width, len(array)), valid)
    return lengths, _runs(starts, lengths)


def _integers(array: Array, buffer: int, width: int, count: int) -> _Integers:
    stored = array.buffers()[buffer]
    if count == 0 or stored is None:
        return np.zeros(count, np.int64)
    return np.frombuffer(stored, f"<i{width}", count, array.offset * width)


def _visible(lengths: _Integers, valid: Mask | None) -> _Integers:
    return lengths if valid is None else lengths * valid


def _u32(lengths: _Integers) -> Lengths:
    if len(lengths) and not 0 <= lengths.min() <= lengths.max() <= _MAX_LENGTH:
        raise TableFormatError(
            "a value of 4 GiB or more has no content digest",
            hint="Store such values as files, or record the data set with `--content none`.",
        )
    return lengths.astype("<u4", copy=False)


def _runs(starts: _Integers, lengths: _Integers) -> list[_Run]:
    """Return first and end of the fewest ranges that hold all values in order."""
    filled = np.flatnonzero(lengths)
    if len(filled) == 0:
        return []
    starts = starts[filled]
    ends = starts + lengths[filled]
    breaks = np.flatnonzero(starts[1:] != ends[:-1])
    firsts = np.concatenate([starts[:1], starts[breaks + 1]])
    lasts = np.concatenate([ends[breaks], ends[-1:]])
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _select(values: Array, runs: Sequence[_Run]) -> list[Array]:
    slices = [values.slice(first, end - first) for first, end in runs]
    if len(slices) <= _FEW_RUNS:
        return slices or [values.slice(0, 0)]
    try:
        return [pa.concat_arrays(slices)]
    except pa.ArrowException as error:
        raise TableFormatError(f"lists of {str(values.type)[:100]} cannot be expanded") from error
