"""One schema for many blocks or files: by rule, never silently the first one's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from auditkit.datasets.names import printable
from auditkit.errors import TableFormatError
from auditkit.manifest.model import Field

CSV_ORDER: Final = (
    "null",
    "int64",
    "bool",
    "date32",
    "time32(s)",
    "timestamp(s)",
    "timestamp(ns)",
    "timestamp(s,UTC)",
    "timestamp(ns,UTC)",
    "float64",
    "string",
)
"""The types pyarrow tries for a CSV column, in its order (Arrow C++, csv/inference_internal.h)."""


def join_csv(types: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """Return, column by column, the first type in pyarrow's order that may hold both."""
    return tuple(max(pair, key=CSV_ORDER.index) for pair in zip(types, others, strict=True))


def holds_all(wide: str, narrow: str) -> bool:
    """Tell whether every CSV value that is a `narrow` is a `wide` as well.

    A date of the year 1 is no `timestamp(ns)`, `7` no `bool` and `0x7` no `float64`, although
    those come later in pyarrow's order; such values must be read again.
    """
    return narrow in {wide, "null"} or wide == "string"


def join_json(fields: Sequence[Field], others: Sequence[Field]) -> tuple[Field, ...]:
    """Return the columns of two blocks of JSON records as pyarrow infers them for one block.

    A column of one block only stays; null gives way to anything, int64 to float64, and a
    timestamp to string. Columns keep the order of their first appearance.

    Raises:
        TableFormatError: two types that have no common one.
    """
    found = {field.name: field for field in others}
    known = {field.name for field in fields}
    joined = [_join(field, found[field.name]) if field.name in found else field for field in fields]
    return (*joined, *(field for field in others if field.name not in known))


def _join(field: Field, other: Field) -> Field:
    if field == other or other.type == "null":
        return field
    if field.type == "null":
        return other
    types = {field.type, other.type}
    if types == {"int64", "float64"}:
        return msgspec.structs.replace(field, type="float64")
    if types == {"timestamp(s)", "string"}:
        return msgspec.structs.replace(field, type="string")
    if types == {"struct"}:
        return msgspec.structs.replace(field, fields=join_json(field.fields, other.fields))
    if types == {"list"}:
        return msgspec.structs.replace(field, fields=(_join(field.fields[0], other.fields[0]),))
    raise TableFormatError(
        f"column {printable(field.name)!r} is {field.type} in some records and {other.type} "
        "in others"
    )


def join_files(
    fields: Sequence[Field], path: str, others: Sequence[Field], other_path: str
) -> tuple[Field, ...]:
    """Return the columns of two Parquet or Arrow files of one table.

    They must have the same names in the same order and the same types; only a column of type
    null gives way to the other file's type. A column is nullable if it is in either file, and
    keeps the metadata that both agree on.

    Raises:
        TableFormatError: naming both files and the column that differs.
    """
    names, other_names = [f.name for f in fields], [f.name for f in others]
    if names != other_names:
        differing = sorted({*names} ^ {*other_names}) or ["their order"]
        raise _mismatch(f"the columns differ: {printable(differing[0])}", path, other_path)
    return tuple(
        _merge(field, other, path, other_path) for field, other in zip(fields, others, strict=True)
    )


def _merge(field: Field, other: Field, path: str, other_path: str) -> Field:
    if field == other:
        return field
    if "null" in {field.type, other.type}:
        typed = other if field.type == "null" else field
        return msgspec.structs.replace(typed, nullable=True)
    children = [child.name for child in field.fields]
    if field.type != other.type or children != [child.name for child in other.fields]:
        raise _mismatch(
            f"column {printable(field.name)!r} is {field.type} in one, {other.type} in the other",
            path,
            other_path,
        )
    return msgspec.structs.replace(
        field,
        nullable=field.nullable or other.nullable,
        fields=tuple(
            _merge(child, twin, path, other_path)
            for child, twin in zip(field.fields, other.fields, strict=True)
        ),
        metadata={k: v for k, v in field.metadata.items() if other.metadata.get(k) == v},
    )


def _mismatch(what: str, path: str, other_path: str) -> TableFormatError:
    return TableFormatError(
        f"{path} and {other_path} are not one table: {what}",
        hint="Write both with one schema, or record the data set as files:PATH.",
    )
