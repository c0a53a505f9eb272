"""Arrays without their encoding: extension, dictionary, run-end and view layouts taken off."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from auditkit.datasets.content.types import Array
from auditkit.errors import TableFormatError

_T = pa.types


def plain(array: Array) -> Array:
    """Return the same values in a plain layout; children of nested types stay as they are.

    Raises TableFormatError if the decoded values do not fit in memory's array limits or the
    array is inconsistent.
    """
    while (decoded := _decoded(array)) is not None:
        array = decoded
    return array


def _decoded(array: Array) -> Array | None:
    type_ = array.type
    if isinstance(type_, pa.BaseExtensionType):
        return array.storage
    try:
        if _T.is_dictionary(type_):
            return _gather(array.dictionary, array.indices)
        if _T.is_run_end_encoded(type_):
            return _gather(array.values, _run_indices(array))
        if _T.is_string_view(type_) or _T.is_binary_view(type_):
            return array.cast(pa.large_binary() if _T.is_binary_view(type_) else pa.large_string())
    except (pa.ArrowException, IndexError) as error:
        raise TableFormatError(f"a column of type {str(type_)[:100]} cannot be decoded") from error
    return None


def _run_indices(array: Array) -> Array:
    first, count = array.find_physical_offset(), array.find_physical_length()
    ends = array.run_ends.to_numpy(zero_copy_only=False)[first : first + count].astype(np.int64)
    ends = np.minimum(ends - array.offset, len(array))
    return pa.array(np.repeat(np.arange(first, first + count), np.diff(ends, prepend=0)))


def _gather(values: Array, indices: Array) -> Array:
    try:
        return values.take(indices)
    except pa.ArrowNotImplementedError:  # `take` knows neither views nor run-end encoded values
        null = pa.nulls(1, values.type)
        picked = (null if i is None else values.slice(i, 1) for i in indices.to_pylist())
        return pa.concat_arrays([values.slice(0, 0), *picked])
