"""Type tokens: every Arrow type in a spelling that is ours and stays.

    null bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64
    string large_string string_view binary large_binary binary_view fixed_binary(BYTES)
    decimal32(P,S) decimal64(P,S) decimal128(P,S) decimal256(P,S)
    date32 date64 time32(UNIT) time64(UNIT) duration(UNIT) interval(month_day_nano)
    timestamp(UNIT) timestamp(UNIT,ZONE)              UNIT is s, ms, us or ns
    list large_list list_view large_list_view fixed_list(SIZE)      one child
    struct                                            its members
    map map(sorted)                                   two children: key, value
    dictionary(INDEX) dictionary(INDEX,ordered)       one child: the values
    run_end(INDEX)                                    one child: the values
    sparse_union dense_union                          its members, with codes 0, 1, 2 ...
    sparse_union(CODE,...) dense_union(CODE,...)      the same with other type codes

Source of the types: Apache Arrow columnar format, `Schema.fbs`. An extension type is its storage
type; `arrow_schema` keeps its name in the field's metadata.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import pyarrow as pa

DataType: TypeAlias = Any
"""A pyarrow type: its stubs have a class a kind, and we dispatch on what it says of itself."""

MAX_TOKEN: Final = 256

_T = pa.types
_TOKEN = re.compile(r"([a-z0-9_]+)(?:\((.*)\))?", re.DOTALL)

_PLAIN: Final[dict[str, DataType]] = {
    "null": pa.null(),
    "bool": pa.bool_(),
    "int8": pa.int8(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "uint8": pa.uint8(),
    "uint16": pa.uint16(),
    "uint32": pa.uint32(),
    "uint64": pa.uint64(),
    "float16": pa.float16(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "string": pa.string(),
    "large_string": pa.large_string(),
    "string_view": pa.string_view(),
    "binary": pa.binary(),
    "large_binary": pa.large_binary(),
    "binary_view": pa.binary_view(),
    "date32": pa.date32(),
    "date64": pa.date64(),
    "interval(month_day_nano)": pa.month_day_nano_interval(),
    **{f"time32({unit})": pa.time32(unit) for unit in ("s", "ms")},
    **{f"time64({unit})": pa.time64(unit) for unit in ("us", "ns")},
    **{f"duration({unit})": pa.duration(unit) for unit in ("s", "ms", "us", "ns")},
    **{f"timestamp({unit})": pa.timestamp(unit) for unit in ("s", "ms", "us", "ns")},
}
_TOKEN_OF: Final = {type_: token for token, type_ in _PLAIN.items()}

_LISTS: Final[dict[str, tuple[Callable[[DataType], bool], Callable[[Any], DataType]]]] = {
    "list": (_T.is_list, pa.list_),
    "large_list": (_T.is_large_list, pa.large_list),
    "list_view": (_T.is_list_view, pa.list_view),
    "large_list_view": (_T.is_large_list_view, pa.large_list_view),
}
_DECIMALS: Final[dict[str, tuple[Callable[[DataType], bool], Callable[[int, int], DataType]]]] = {
    "decimal32": (_T.is_decimal32, pa.decimal32),
    "decimal64": (_T.is_decimal64, pa.decimal64),
    "decimal128": (_T.is_decimal128, pa.decimal128),
    "decimal256": (_T.is_decimal256, pa.decimal256),
}


def describe_type(type_: DataType) -> tuple[str, Sequence[pa.Field[Any]]]:
    """Return the token of a storage type, and its children as fields.

    Raises ValueError for a type that has no token, or a token of more than 256 characters.
    """
    token, children = _describe(type_)
    if len(token) > MAX_TOKEN:
        raise ValueError("a type takes too many characters to write down")
    return token, children


def build_type(token: str, children: Sequence[pa.Field[Any]]) -> DataType:
    """Return the type that `describe_type` gave this token and these children for.

    Raises ValueError or pyarrow.ArrowException for what is no token, or has other children.
    """
    if token in _PLAIN:
        return _PLAIN[token]
    match = _TOKEN.fullmatch(token)
    if match is None or len(token) > MAX_TOKEN:
        raise ValueError(f"not a type: {token[:80]!r}")
    name, arguments = match[1], (match[2] or "").split(",") if match[2] else []
    try:
        return _build(name, arguments, children)
    except (IndexError, KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"not a type: {token[:80]!r}") from error


def _describe(type_: DataType) -> tuple[str, Sequence[pa.Field[Any]]]:
    if type_ in _TOKEN_OF:
        return _TOKEN_OF[type_], ()
    if _T.is_timestamp(type_):
        return f"timestamp({type_.unit},{type_.tz})", ()
    if _T.is_fixed_size_binary(type_):
        return f"fixed_binary({type_.byte_width})", ()
    for name, (matches, _) in _DECIMALS.items():
        if matches(type_):
            return f"{name}({type_.precision},{type_.scale})", ()
    for name, (matches, _) in _LISTS.items():
        if matches(type_):
            return name, (type_.value_field,)
    if _T.is_fixed_size_list(type_):
        return f"fixed_list({type_.list_size})", (type_.value_field,)
    if _T.is_map(type_):
        return "map(sorted)" if type_.keys_sorted else "map", (type_.key_field, type_.item_field)
    return _describe_composite(type_)


def _describe_composite(type_: DataType) -> tuple[str, Sequence[pa.Field[Any]]]:
    if _T.is_struct(type_):
        return "struct", [type_.field(i) for i in range(type_.num_fields)]
    if _T.is_dictionary(type_):
        ordered = ",ordered" if type_.ordered else ""
        index = _TOKEN_OF[type_.index_type]
        return f"dictionary({index}{ordered})", (pa.field("values", type_.value_type),)
    if _T.is_run_end_encoded(type_):
        index = _TOKEN_OF[type_.run_end_type]
        return f"run_end({index})", (pa.field("values", type_.value_type),)
    if _T.is_union(type_):
        codes = list(type_.type_codes)
        usual = codes == list(range(len(codes)))
        suffix = "" if usual else f"({','.join(map(str, codes))})"
        return (
            f"{type_.mode}_union{suffix}",
            [type_.field(i) for i in range(type_.num_fields)],
        )
    raise ValueError(f"columns of type {str(type_)[:80]} are not supported")


def _build(name: str, arguments: list[str], children: Sequence[pa.Field[Any]]) -> DataType:
    if name in _LISTS:
        return _LISTS[name][1](children[0])
    if name in _DECIMALS:
        return _DECIMALS[name][1](int(arguments[0]), int(arguments[1]))
    if name == "timestamp":
        return pa.timestamp(_unit(arguments[0]), tz=",".join(arguments[1:]))
    if name == "fixed_binary":
        return pa.binary(int(arguments[0]))
    if name == "fixed_list":
        return pa.list_(children[0], int(arguments[0]))
    if name == "map":
        make_map: Any = pa.map_  # its stub knows types as children, and fields carry more
        return make_map(children[0], children[1], keys_sorted=arguments == ["sorted"])
    if name == "struct":
        return pa.struct(list(children))
    if name == "dictionary":
        ordered = arguments[1:] == ["ordered"]
        return pa.dictionary(_PLAIN[arguments[0]], children[0].type, ordered=ordered)
    if name == "run_end":
        return pa.run_end_encoded(_PLAIN[arguments[0]], children[0].type)
    union = {"sparse_union": pa.sparse_union, "dense_union": pa.dense_union}[name]
    return union(list(children), [int(code) for code in arguments] or None)


def _unit(text: str) -> Any:
    if text not in {"s", "ms", "us", "ns"}:
        raise KeyError(text)
    return text
