"""Values that JSON numbers cannot carry, as typed objects.

NaN, infinities and integers beyond 2^53 differ between JSON readers (RFC 8259, section 6), so a
parameter or metric with such a value is written `{"$number": "NaN"}`. To keep that unambiguous, a
map key that starts with `$` gets one more `$` in front.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from auditkit.schemes import MAX_JSON_DEPTH

_NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_SAFE = 2**53
_MAX_DEPTH = MAX_JSON_DEPTH - 8
"""Leaves room for the statement around the value, which readers count too."""


def to_json(value: Any, *, max_depth: int = _MAX_DEPTH) -> Any:
    """Return `value` as plain JSON data with the exceptions above.

    Numpy scalars and other numbers are converted by value; dates and times become RFC 3339 text.

    Raises:
        TypeError: something in it has no JSON form, or a map key is not text.
        ValueError: two keys of a map are the same text, a lone surrogate, or nesting deeper
            than `max_depth`.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return int(value) if -_SAFE < value < _SAFE else {"$number": str(int(value))}
    if isinstance(value, float):
        return _float(float(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if max_depth == 0:
        raise ValueError("nested too deeply for a manifest")
    if isinstance(value, Mapping):
        return _map(value, max_depth - 1)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [to_json(item, max_depth=max_depth - 1) for item in value]
    scalar = getattr(value, "item", None)
    if callable(scalar) and getattr(value, "ndim", 0) == 0:
        return to_json(scalar(), max_depth=max_depth - 1)
    raise TypeError(f"a value of type {type(value).__name__} has no JSON form")


def from_json(value: Any) -> Any:
    """Return the Python value of what `to_json` wrote; raises ValueError for a malformed one."""
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"$number"}:
        return _parse(value["$number"])
    return {
        key[1:] if key.startswith("$$") else key: from_json(item) for key, item in value.items()
    }


def display(value: Any) -> str:
    """Return `value` as a person would read it, with typed numbers shown as numbers."""
    if isinstance(value, dict) and set(value) == {"$number"}:
        return str(value["$number"])
    return value if isinstance(value, str) else str(value)


def _float(value: float) -> Any:
    if math.isfinite(value):
        return value
    return {"$number": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}


def _text(value: str) -> str:
    value.encode()  # a lone surrogate has no UTF-8 form
    return str.__str__(value)


def _map(value: Mapping[Any, Any], max_depth: int) -> dict[str, Any]:
    result = {_escape(key): to_json(item, max_depth=max_depth) for key, item in value.items()}
    if len(result) != len(value):
        raise ValueError("two keys of a map are the same text")
    return result


def _escape(key: Any) -> str:
    if isinstance(key, bool | int | float):
        return str(key)
    if not isinstance(key, str):
        raise TypeError(f"a map key of type {type(key).__name__} is not text")
    return _text("$" + key if key.startswith("$") else key)


def _parse(text: Any) -> float | int:
    if isinstance(text, str):
        if text in _NON_FINITE:
            return _NON_FINITE[text]
        digits = text.removeprefix("-")
        if digits.isascii() and digits.isdigit() and len(digits) <= 4300:
            return int(text)
    raise ValueError(f"not a typed number: {str(text)[:40]!r}")
