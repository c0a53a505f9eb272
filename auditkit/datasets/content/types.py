"""Type tokens: which Arrow types are the same type to a content digest.

Storage variants share a token: large, view, dictionary and run-end encoded forms are the plain
type, an extension is its storage, every list is one list, `date64` is `date32`.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias, cast

import msgspec
import pyarrow as pa

from auditkit.errors import TableFormatError

Array: TypeAlias = Any
"""A pyarrow array of any layout: its stubs have a class a layout, we dispatch on `type`."""

MAX_DEPTH: Final = 64
"""Types nested deeper than this are refused: readers and writers of the format recurse."""

WIDE_PRECISION: Final = 38
"""Decimals of a higher precision take 32 bytes instead of 16."""

_T = pa.types

_NAMES: Final = {
    pa.null(): "null",
    pa.bool_(): "bool",
    pa.int8(): "int8",
    pa.int16(): "int16",
    pa.int32(): "int32",
    pa.int64(): "int64",
    pa.uint8(): "uint8",
    pa.uint16(): "uint16",
    pa.uint32(): "uint32",
    pa.uint64(): "uint64",
    pa.float16(): "float16",
    pa.float32(): "float32",
    pa.float64(): "float64",
    pa.string(): "string",
    pa.large_string(): "string",
    pa.string_view(): "string",
    pa.binary(): "binary",
    pa.large_binary(): "binary",
    pa.binary_view(): "binary",
    pa.date32(): "date",
    pa.date64(): "date",
    pa.month_day_nano_interval(): "interval[month_day_nano]",
}

_LISTS: Final = (
    _T.is_list,
    _T.is_large_list,
    _T.is_fixed_size_list,
    _T.is_list_view,
    _T.is_large_list_view,
)


class LogicalColumn(msgspec.Struct, frozen=True, array_like=True):
    """A column as content digests see it: its name and its type token."""

    name: str
    type: str


def is_any_list(type_: pa.DataType) -> bool:
    """Tell whether `type_` is one of Arrow's list layouts (a map is not)."""
    return any(test(type_) for test in _LISTS)


def plain_type(type_: Any) -> pa.DataType:
    """Return the type of the values that an extension, dictionary or run-end type stands for."""
    while True:
        if isinstance(type_, pa.BaseExtensionType):
            type_ = type_.storage_type
        elif _T.is_dictionary(type_) or _T.is_run_end_encoded(type_):
            type_ = type_.value_type
        else:
            return cast("pa.DataType", type_)


def logical_columns(schema: pa.Schema) -> tuple[LogicalColumn, ...]:
    """Return the schema's columns in order; raises TableFormatError as `type_token` does."""
    return tuple(LogicalColumn(field.name, type_token(field.type)) for field in schema)


def type_token(type_: pa.DataType) -> str:
    """Return the token of `type_`, as the specification's table of types has it.

    Raises TableFormatError for unions, for types the specification does not name, and for types
    nested more than 64 deep.
    """
    return _token(type_, MAX_DEPTH)


def _token(type_: pa.DataType, depth: int) -> str:
    if depth == 0:
        raise TableFormatError(
            f"a type is nested more than {MAX_DEPTH} deep",
            hint="Flatten the column, or record the data set with `--content none`.",
        )
    type_ = plain_type(type_)
    return _NAMES.get(type_) or _parametric(type_) or _nested(type_, depth - 1)


def _parametric(type_: pa.DataType) -> str | None:
    if _T.is_timestamp(type_):
        return f"timestamp[{type_.unit},{'local' if type_.tz is None else 'instant'}]"
    if _T.is_time(type_):
        return f"time[{type_.unit}]"
    if _T.is_duration(type_):
        return f"duration[{type_.unit}]"
    if _T.is_decimal(type_):
        return f"decimal({type_.precision},{type_.scale})"
    if _T.is_fixed_size_binary(type_):
        return f"fixed_binary({type_.byte_width})"
    return None


def _nested(type_: Any, depth: int) -> str:
    if is_any_list(type_):
        return f"list<{_token(type_.value_type, depth)}>"
    if _T.is_map(type_):
        return f"map<{_token(type_.key_type, depth)},{_token(type_.item_type, depth)}>"
    if _T.is_struct(type_):
        return (
            f"struct<{','.join(_member(type_.field(i), depth) for i in range(type_.num_fields))}>"
        )
    raise TableFormatError(
        f"a content digest is not defined for columns of type {str(type_)[:100]}",
        hint="Leave the column out of the table, or record the data set with `--content none`.",
    )


def _member(field: pa.Field[Any], depth: int) -> str:
    return f"{len(field.name.encode())}:{field.name}:{_token(field.type, depth)}"
