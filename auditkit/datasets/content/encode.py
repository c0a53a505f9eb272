"""The canonical block encoding E of `docs/formats/content-digest.md`.

An array becomes a list of *sections*, the same number of the same kinds for every array of one
type. Arrays are joined by joining their sections, so a block may come in any number of pieces,
and no Arrow array is ever concatenated to get there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from auditkit.datasets.content.fixed import fixed_values, is_fixed
from auditkit.datasets.content.masks import Mask, pack, unpack, validity
from auditkit.datasets.content.plain import plain
from auditkit.datasets.content.types import Array, is_any_list, type_token
from auditkit.datasets.content.variable import byte_values, is_bytes, list_children

Buffer: TypeAlias = bytes | memoryview

_T = pa.types


@dataclass(frozen=True, slots=True)
class Validity:
    """Which of `slots` hold a value; `mask` is None if all do."""

    slots: int
    mask: Mask | None


@dataclass(frozen=True, slots=True)
class Booleans:
    """Truth values, one byte a slot, that are written as a bitmap."""

    values: Mask


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes that are written as they are."""

    buffers: tuple[Buffer, ...]


Section: TypeAlias = Validity | Booleans | Raw


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


def join(pieces: Sequence[Sequence[Section]]) -> list[Section]:
    """Return the sections of the concatenation of arrays of one type, from theirs, in order."""
    if len(pieces) == 1:
        return list(pieces[0])
    return [_joined(same) for same in zip(*pieces, strict=True)]


def emit(parts: Iterable[Section]) -> Iterator[Buffer]:
    """Yield the bytes of sections as buffers."""
    for part in parts:
        if isinstance(part, Raw):
            yield from part.buffers
        elif isinstance(part, Booleans):
            yield pack(part.values).data
        elif part.mask is None:
            yield b"\x00"
        else:
            yield b"\x01"
            yield pack(part.mask).data


def detach(parts: Iterable[Section]) -> list[Section]:
    """Return sections that hold copies of exactly their bytes and pin no Arrow buffer."""
    return [Raw((b"".join(part.buffers),)) if isinstance(part, Raw) else part for part in parts]


def _joined(same: Sequence[Section]) -> Section:
    first = same[0]
    if isinstance(first, Validity):
        return _joined_validity([part for part in same if isinstance(part, Validity)])
    if isinstance(first, Booleans):
        return Booleans(np.concatenate([p.values for p in same if isinstance(p, Booleans)]))
    return Raw(tuple(b for part in same if isinstance(part, Raw) for b in part.buffers))


def _joined_validity(parts: Sequence[Validity]) -> Validity:
    slots = sum(part.slots for part in parts)
    if all(part.mask is None for part in parts):
        return Validity(slots, None)
    masks = [np.ones(p.slots, np.uint8) if p.mask is None else p.mask for p in parts]
    return Validity(slots, np.concatenate(masks))
