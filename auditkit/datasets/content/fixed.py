"""Values of fixed width in their canonical bytes, and the weak sum over them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from auditkit.datasets.content.masks import Mask
from auditkit.datasets.content.types import WIDE_PRECISION, Array
from auditkit.errors import TableFormatError

Values = npt.NDArray[Any]
"""Unsigned little-endian words, a slot each; a second axis where a value has several words.

A value of 1, 2, 4 or 8 bytes is one word, one of a multiple of 8 bytes several of 8, any other
is its single bytes.
"""

_T = pa.types
_WORDS: Final = {width: np.dtype(f"<u{width}") for width in (1, 2, 4, 8)}
_QUIET_NAN: Final = {2: 0x7E00, 4: 0x7FC00000, 8: 0x7FF8000000000000}
_MILLISECONDS_A_DAY: Final = 86_400_000


def is_fixed(type_: pa.DataType) -> bool:
    """Tell whether a plain type has values of a whole, fixed number of bytes."""
    return (
        _T.is_primitive(type_) or _T.is_decimal(type_) or _T.is_fixed_size_binary(type_)
    ) and not _T.is_boolean(type_)


def fixed_values(array: Array, valid: Mask | None) -> Values:
    """Return the canonical words of a plain array, zero where `valid` is 0; zero-copy if it can.

    Little endian as Arrow has them, with one quiet NaN a width, decimals as 16 or 32 bytes of
    two's complement, and dates as days. Raises TableFormatError for a `date64` within a day and
    for a decimal beyond its precision's 16 bytes.
    """
    type_ = array.type
    if _T.is_floating(type_):
        values = _canonical_nan(_words(array, type_.bit_width // 8), type_.bit_width // 8)
    elif _T.is_decimal(type_):
        values = _decimal(array, valid)
    elif _T.is_date64(type_):
        values = _days(array, valid)
    else:
        values = _words(array, _byte_width(type_))
    if valid is None:
        return values
    return values * (valid if values.ndim == 1 else valid[:, None])


def weak_words(values: Values) -> npt.NDArray[np.uint64]:
    """Return one u64 a slot: the sum of its canonical words, mod 2^64."""
    if values.ndim == 1:
        return values.astype(np.uint64)
    words: npt.NDArray[np.uint64] = values.sum(axis=1, dtype=np.uint64)
    return words


def weak_sum(values: Values) -> int:
    """Return the sum of all canonical words, mod 2^64."""
    return int(values.sum(dtype=np.uint64))


def _byte_width(type_: pa.DataType) -> int:
    return type_.byte_width if _T.is_fixed_size_binary(type_) else type_.bit_width // 8


def _words(array: Array, width: int) -> Values:
    word = _WORDS.get(width)
    shape: tuple[int, ...] = (len(array),)
    if word is None:
        word = _WORDS[8 if width % 8 == 0 else 1]
        shape = (len(array), width // word.itemsize)
    data = array.buffers()[1]
    if data is None or len(array) == 0 or width == 0:
        return np.zeros(shape, word)
    count = len(array) * width // word.itemsize
    return np.frombuffer(data, word, count, array.offset * width).reshape(shape)


def _canonical_nan(words: Values, width: int) -> Values:
    nan = np.isnan(words.view(np.dtype(f"<f{width}")))
    if not nan.any():
        return words
    words = words.copy()
    words[nan] = _QUIET_NAN[width]
    return words


def _days(array: Array, valid: Mask | None) -> Values:
    days, rest = np.divmod(_words(array, 8).view("<i8"), _MILLISECONDS_A_DAY)
    narrow = days.astype("<i4")
    wrong = (rest != 0) | (narrow != days)
    if (wrong if valid is None else wrong & valid.astype(bool)).any():
        raise TableFormatError(
            "a date64 value is not a whole day that date32 can hold",
            hint="Write the column as a timestamp, or round it to days.",
        )
    return narrow.view(_WORDS[4])


def _decimal(array: Array, valid: Mask | None) -> Values:
    stored = array.type.bit_width // 8
    if array.type.precision > WIDE_PRECISION or stored == 16:
        return _words(array, stored)
    if stored < 16:
        low = _words(array, stored).view(f"<i{stored}").astype("<i8")
        return np.stack([low, low >> 63], axis=1).view(_WORDS[8])
    wide = _words(array, stored).view("<i8")
    wrong = (wide[:, 2:] != (wide[:, 1] >> 63)[:, None]).any(axis=1)
    if (wrong if valid is None else wrong & valid.astype(bool)).any():
        raise TableFormatError(f"a value does not fit its type {array.type}")
    return np.ascontiguousarray(wide[:, :2]).view(_WORDS[8])
