"""Hive partitions: columns that a folder table keeps in its paths (`year=2024/month=1/...`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote_to_bytes

from auditkit.datasets.names import printable
from auditkit.errors import TableFormatError
from auditkit.manifest.model import Field

NULL_PARTITION: Final = "__HIVE_DEFAULT_PARTITION__"

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_INT64: Final = range(-(2**63), 2**63)


def partition_fields(paths: Sequence[str]) -> tuple[Field, ...]:
    """Return the columns in the folders of these files, in the order of the folders.

    Names and values are percent-decoded. A column is int64 if every value is an integer in
    canonical form, else string; null partitions count for neither.

    Raises:
        TableFormatError: files with different columns, a column named twice in a path, or a name
            or value that is not UTF-8.
    """
    if not paths:
        return ()
    first = _keys_and_values(paths[0])
    values: list[list[str]] = [[] for _ in first]
    for path in paths:
        pairs = _keys_and_values(path)
        if [key for key, _ in pairs] != [key for key, _ in first]:
            raise TableFormatError(
                f"{paths[0]} and {path} have different partition columns",
                hint="Give all folders the same levels, or record the data set as files:PATH.",
            )
        for column, (_, value) in zip(values, pairs, strict=True):
            if value != NULL_PARTITION:
                column.append(value)
    return tuple(
        Field(name=key, type=_type(column)) for (key, _), column in zip(first, values, strict=True)
    )


def partition_values(path: str, fields: Sequence[Field]) -> tuple[int | str | None, ...]:
    """Return what the folders of `path` say for the columns `fields`, in their order.

    Raises:
        TableFormatError: a folder's value is not of its column's type, or there is none.
    """
    found = dict(_keys_and_values(path))
    return tuple(_value(path, field, found.get(field.name)) for field in fields)


def _value(path: str, field: Field, text: str | None) -> int | str | None:
    if text == NULL_PARTITION:
        return None
    if text is None or (field.type == "int64" and _type([text]) != "int64"):
        raise TableFormatError(
            f"{path} has no {field.type} for the partition column {printable(field.name)!r}"
        )
    return int(text) if field.type == "int64" else text


def _keys_and_values(path: str) -> list[tuple[str, str]]:
    pairs = [
        (_decode(key, path), _decode(value, path))
        for key, equals, value in (s.partition("=") for s in path.split("/")[:-1])
        if equals and key
    ]
    if len({key for key, _ in pairs}) != len(pairs):
        raise TableFormatError(f"{path} has a partition column twice")
    return pairs


def _decode(text: str, path: str) -> str:
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError as error:
        raise TableFormatError(f"{printable(path)} has a partition that is not UTF-8") from error


def _type(values: Sequence[str]) -> str:
    integers = all(_INTEGER.fullmatch(value) and int(value) in _INT64 for value in values)
    return "int64" if integers and values else "string"
