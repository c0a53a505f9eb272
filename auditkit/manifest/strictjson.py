"""Reading JSON from strangers: one meaning per document, bounded depth, finite numbers.

RFC 8259 leaves duplicate names, depth and number range to the implementation; a signature over
a document with two meanings is worth nothing, so all of these are refused here.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from auditkit.schemes import MAX_JSON_DEPTH

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)


def loads(data: bytes, *, max_depth: int = MAX_JSON_DEPTH) -> Any:
    """Return the value of a UTF-8 JSON document.

    Raises:
        ValueError: invalid UTF-8 or JSON, a duplicate name, nesting deeper than `max_depth`,
            NaN, an infinity, a number too large for a double, or a lone surrogate.
    """
    _check_depth(data, max_depth)
    text = data.decode("utf-8")
    value = json.loads(
        text,
        object_pairs_hook=_unique,
        parse_float=_finite,
        parse_int=_integer,
        parse_constant=_constant,
    )
    if "\\u" in text:
        _check_surrogates(value)
    return value


def _check_depth(data: bytes, max_depth: int) -> None:
    if data.count(b"[") + data.count(b"{") <= max_depth:  # a bundle is one long string
        return
    depth = 0
    for match in _TOKEN.finditer(data):
        token = match.group()
        if token in b"[{":
            depth += 1
            if depth > max_depth:
                raise ValueError(f"nested deeper than {max_depth} levels")
        elif token in b"]}":
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise ValueError(f"duplicate name {name[:80]!r}")
            seen.add(name)
    return result


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"number out of range: {text[:40]}")
    return value


def _integer(text: str) -> int:
    if len(text) > 40:
        raise ValueError(f"number out of range: {text[:40]}…")
    return int(text)


def _constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _check_surrogates(value: Any) -> None:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            if any("\ud800" <= character <= "\udfff" for character in item):
                raise ValueError("lone surrogate in a string")
        elif isinstance(item, dict):
            stack.extend(item.keys())
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
