"""The canonical block encoding E of `docs/formats/content-digest.md`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from auditkit.datasets.content.fixed import fixed_values, is_fixed
from auditkit.datasets.content.masks import Mask, unpack, validity
from auditkit.datasets.content.plain import plain
from auditkit.datasets.content.sections import (
    Booleans,
    Buffer,
    Raw,
    Section,
    Validity,
    emit,
    join,
)
from auditkit.datasets.content.types import Array, is_any_list, type_token
from auditkit.datasets.content.variable import byte_values, is_bytes, list_children

_T = pa.types


def encode(arrays: Sequence[Array]) -> Iterator[Buffer]:
    """Yield the buffers of E over the values of `arrays`, one after the other.

    The arrays, of one logical type and at least one, must be valid in Arrow's sense (what a
    Parquet reader makes, or `Array.validate(full=True)` accepts). Buffers are zero-copy where
    the stored bytes are canonical, and one-dimensional. Raises TableFormatError for types and
    values that have no encoding.
    """
    return emit(join([sections(array) for array in arrays]))


def sections(array: Array, parent: Mask | None = None) -> list[Section]:
    """Return the sections of an array; `parent` tells which slots a struct around it holds."""
    array = plain(array)
    type_ = array.type
    if _T.is_null(type_):
        return []
    valid = validity(array, parent)
    head = Validity(len(array), valid)
    if is_fixed(type_):
        return [head, Raw((fixed_values(array, valid).reshape(-1).data,))]
    if _T.is_boolean(type_):
        bits = unpack(array.buffers()[1], array.offset, len(array))
        return [head, Booleans(bits if valid is None else bits & valid)]
    if is_bytes(type_):
        lengths, values = byte_values(array, valid)
        return [head, Raw((lengths.data,)), Raw(tuple(values))]
    if _T.is_struct(type_):
        fields = (sections(array.field(i), valid) for i in range(type_.num_fields))
        return [head, *(section for field in fields for section in field)]
    if is_any_list(type_) or _T.is_map(type_):
        lengths, children = list_children(array, valid)
        return [head, Raw((lengths.data,)), *join([sections(child) for child in children])]
    raise AssertionError(f"{type_token(type_)} has no encoding")
