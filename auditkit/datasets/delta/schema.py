"""The columns of a table as its log has them, and under which names files store them.

Source: Delta Transaction Log Protocol, "Schema Serialization Format" and "Column Mapping".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from auditkit.datasets.arrow_schema import MAX_NESTING
from auditkit.datasets.assembly import Column
from auditkit.datasets.delta.actions import MetaData, Protocol
from auditkit.errors import TableFormatError
from auditkit.manifest.model import Field

_MAPPING: Final = "delta.columnMapping."
_TYPES: Final = {
    "string": "string",
    "long": "int64",
    "integer": "int32",
    "short": "int16",
    "byte": "int8",
    "float": "float32",
    "double": "float64",
    "boolean": "bool",
    "binary": "binary",
    "date": "date32",
    "timestamp": "timestamp(us,UTC)",
    "timestamp_ntz": "timestamp(us)",
}
_DECIMAL = re.compile(r"decimal\((\d{1,2}),\s*(\d{1,2})\)")
_READER_FEATURES: Final = {
    "columnMapping",
    "deletionVectors",
    "timestampNtz",
    "typeWidening",
    "typeWidening-preview",
    "v2Checkpoint",
    "vacuumProtocolCheck",
    # Tables are given these whether they have such columns or not; the columns are refused.
    "variantType",
    "variantType-preview",
    "variantShredding",
    "variantShredding-preview",
}


def check_protocol(protocol: Protocol) -> None:
    """Raise TableFormatError for a table that asks its readers for what is not done here."""
    unknown = sorted(set(protocol.reader_features or ()) - _READER_FEATURES)
    if protocol.min_reader_version > 3 or unknown:
        asked = ", ".join(unknown) or f"reader version {protocol.min_reader_version}"
        raise TableFormatError(
            f"the Delta table asks its readers for {asked[:200]}",
            hint="This version cannot read such a table; record an export of it.",
        )


def columns_of(metadata: MetaData, protocol: Protocol) -> tuple[Column, ...]:
    """Return the table's columns, in order.

    Metadata of columns is left out, but for what says where they are stored. Names of their own
    for stored columns count only where the protocol has them, whatever the properties say.

    Raises:
        TableFormatError: no such schema, or a type without a counterpart.
    """
    mapped = protocol.min_reader_version == 2 or "columnMapping" in (protocol.reader_features or ())
    mode = (metadata.configuration.get(f"{_MAPPING}mode") or "none").lower() if mapped else "none"
    if mode not in {"none", "name", "id"} or metadata.format.provider.lower() != "parquet":
        raise TableFormatError("its files are stored in a way that cannot be read")
    try:
        schema = json.loads(metadata.schema_string)
        return tuple(_column(field, mode, MAX_NESTING) for field in schema["fields"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise TableFormatError("its schema cannot be read") from error


def _column(field: Mapping[str, Any], mode: str, depth: int) -> Column:
    metadata = field.get("metadata") or {}
    name = str(field["name"])
    column = _typed(name, field["type"], bool(field.get("nullable", True)), mode, depth)
    if mode == "none":
        return column
    physical = metadata.get(f"{_MAPPING}physicalName", name)
    number = metadata.get(f"{_MAPPING}id") if mode == "id" else None
    return column.stored_as(str(physical), None if number is None else int(number))


def _typed(name: str, type_: Any, nullable: bool, mode: str, depth: int) -> Column:
    if depth == 0:
        raise TableFormatError(f"types are nested more than {MAX_NESTING} deep")
    if isinstance(type_, str):
        return Column(Field(name=name, type=_primitive(type_), nullable=nullable), name)
    token, children = _children(type_, mode, depth - 1)
    fields = tuple(child.field for child in children)
    field = Field(name=name, type=token, nullable=nullable, fields=fields)
    return Column(field, name, children=children)


def _children(type_: Mapping[str, Any], mode: str, depth: int) -> tuple[str, tuple[Column, ...]]:
    kind = type_["type"]
    if kind == "struct":
        return kind, tuple(_column(field, mode, depth) for field in type_["fields"])
    if kind == "array":
        nulls = bool(type_.get("containsNull", True))
        return "list", (_typed("element", type_["elementType"], nulls, mode, depth),)
    if kind == "map":
        nulls = bool(type_.get("valueContainsNull", True))
        return kind, (
            _typed("key", type_["keyType"], False, mode, depth),
            _typed("value", type_["valueType"], nulls, mode, depth),
        )
    raise TableFormatError(f"columns of type {str(kind)[:80]} are not supported")


def _primitive(name: str) -> str:
    if name in _TYPES:
        return _TYPES[name]
    if match := _DECIMAL.fullmatch(name):
        return f"decimal128({int(match[1])},{int(match[2])})"
    if name.startswith(("char(", "varchar(")):
        return "string"
    raise TableFormatError(
        f"columns of type {name[:80]} are not supported",
        hint="Record an export of the table without this column.",
    )
