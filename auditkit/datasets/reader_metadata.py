"""What the files of a table tell particular readers beside rows and columns.

Parquet footers and Arrow schemas carry key-value pairs. pandas makes columns its index by them,
other readers give numbers a meaning. Files with equal rows and other pairs are read differently.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from auditkit.datasets.names import printable
from auditkit.digests import sha256_hex

ABSENT: Final = sha256_hex(b"")
"""Stands for a part that does not have the key."""

_PANDAS: Final = b"pandas"
# The schema is recorded as such, and the others say who wrote a file.
_LEFT_OUT: Final = {b"ARROW:schema", b"org.apache.spark.version", b"writer.model.name"}
_MOST_VALUES: Final = 64
_NUMPY_TYPE = re.compile(r"u?int\d+|float\d+|bool|object|str|(datetime|timedelta)64\[.*\]")
_USUAL: Final[tuple[list[Any], ...]] = ([[], [], ["unicode"]], [[], [], ["empty"]], [[], [], []])


def describe_metadata(metadata: Mapping[bytes, bytes] | None) -> dict[str, str]:
    """Return key -> SHA-256 in hex of the value, for the keys of one file that readers go by."""
    found = {}
    for key, value in (metadata or {}).items():
        said = _pandas(value) if key == _PANDAS else value
        if key not in _LEFT_OUT and said:
            found[printable(key.decode(errors="replace"))[:256]] = sha256_hex(said)
    return found


def join_metadata(parts: Iterable[Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return key -> the distinct digests of all parts, sorted; `ABSENT` for parts without it.

    More than 64 digests of a key become one over all of them.
    """
    values: dict[str, set[str]] = {}
    counts: dict[str, int] = {}
    total = 0
    for part in parts:
        total += 1
        for key, digest in part.items():
            values.setdefault(key, set()).add(digest)
            counts[key] = counts.get(key, 0) + 1
    for key, count in counts.items():
        if count < total:
            values[key].add(ABSENT)
    return {key: _few(sorted(digests)) for key, digests in sorted(values.items())}


def differing_metadata(
    recorded: Mapping[str, tuple[str, ...]], found: Mapping[str, tuple[str, ...]]
) -> list[str]:
    """Return the keys for which a part says what no recorded part said."""
    absent = (ABSENT,)
    return [
        key
        for key in sorted({*recorded, *found})
        if not set(found.get(key, absent)) <= set(recorded.get(key, absent))
    ]


def _few(digests: list[str]) -> tuple[str, ...]:
    if len(digests) <= _MOST_VALUES:
        return tuple(digests)
    return (sha256_hex("".join(digests).encode()),)


def _pandas(value: bytes) -> bytes:
    """Return what changes a reading: index columns, other names, and types that are pandas' own.

    Ranges of row numbers, versions, and types that follow from Arrow's are left out. What is not
    understood counts as it is.
    """
    try:
        document = json.loads(value)
        said = [
            [each for each in document["index_columns"] if not isinstance(each, dict)],
            [_of_column(each) for each in document["columns"] if _is_special(each)],
            [each["pandas_type"] for each in document["column_indexes"]],
        ]
    except (ValueError, TypeError, KeyError, RecursionError):
        return value
    return b"" if said in _USUAL else json.dumps(said).encode()


def _of_column(column: Any) -> list[Any]:
    return [column.get("field_name"), column["name"], column["numpy_type"]]


def _is_special(column: Any) -> bool:
    field, name, type_ = _of_column(column)
    return (field is not None and field != name) or not _NUMPY_TYPE.fullmatch(type_)
