"""Validity and booleans as arrays of one byte a slot, and their packed form."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from auditkit.datasets.content.types import Array

Mask = npt.NDArray[np.uint8]
"""One byte a slot: 1 for present or true, 0 for null or false."""


def unpack(bitmap: Any, offset: int, length: int) -> Mask:
    """Return `length` bits of an Arrow bitmap from bit `offset` on, one byte each."""
    if bitmap is None or length == 0:
        return np.zeros(length, np.uint8)
    packed = np.frombuffer(bitmap, np.uint8)[offset >> 3 : (offset + length + 7) >> 3]
    shift = offset & 7
    return np.unpackbits(packed, bitorder="little")[shift : shift + length]


def pack(mask: Mask) -> Mask:
    """Return the bitmap of `mask`: least significant bit first, padding bits zero."""
    return np.packbits(mask, bitorder="little")


def validity(array: Array, parent: Mask | None) -> Mask | None:
    """Return which slots hold a value, or None if all do.

    A slot under a null of its struct, told by `parent`, holds none.
    """
    mask = parent
    if array.null_count:
        own = unpack(array.buffers()[0], array.offset, len(array))
        mask = own if parent is None else own & parent
    return None if mask is None or mask.all() else mask
