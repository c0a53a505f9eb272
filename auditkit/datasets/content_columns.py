"""The columns that a content digest is over, and how the columns of a file become those."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from auditkit.datasets.chunks import nulls
from auditkit.datasets.content.encode import encode
from auditkit.datasets.content.types import Array, plain_type, type_token
from auditkit.errors import TableFormatError
from auditkit.manifest.model import Field

_T = pa.types


def match_columns(wanted: Sequence[Field], found: Sequence[Field]) -> dict[int, int] | None:
    """Return position in `found` -> position in `wanted`, or None if a wanted column is missing.

    By name; the n-th of several columns with one name is the n-th of that name.
    """
    places = {key: position for position, key in enumerate(_keys(wanted))}
    matched = {at: places[key] for at, key in enumerate(_keys(found)) if key in places}
    return matched if len(matched) == len(wanted) else None


def _keys(fields: Iterable[Field]) -> Iterator[tuple[str, int]]:
    seen: Counter[str] = Counter()
    for field in fields:
        yield field.name, seen[field.name]
        seen[field.name] += 1


def conform(array: Array, type_: pa.DataType) -> Array:
    """Return the values of `array` as a column of `type_` has them.

    An array of type null has the nulls of any type. Numbers, and times of one kind, may be stored
    in another width or unit, if that loses nothing.

    Raises:
        TableFormatError: a value that is not of the type.
    """
    if array.type == type_ or type_token(array.type) == type_token(type_):
        return array
    if _T.is_null(array.type):
        return nulls(len(array), type_)
    if not _same_kind(plain_type(array.type), plain_type(type_)):
        raise _misfit(array.type, type_)
    try:
        cast = array.cast(type_)
        back = cast.cast(array.type)
    except pa.ArrowException:
        raise _misfit(array.type, type_) from None
    if b"".join(encode([back])) != b"".join(encode([array])):
        raise _misfit(array.type, type_)
    return cast


def by_name(table: pa.Table, schema: pa.Schema, count: int) -> pa.Table:
    """Return the first `count` columns of `schema` as a block of records has them, or nulls."""
    names = schema.names[:count]
    columns = [
        table.column(name) if name in table.column_names else nulls(len(table), type_)
        for name, type_ in zip(names, schema.types[:count], strict=True)
    ]
    return pa.Table.from_arrays(columns, names=names)


def _same_kind(found: pa.DataType, wanted: pa.DataType) -> bool:
    kinds = (_is_number, _T.is_time, _T.is_duration)
    if any(kind(found) and kind(wanted) for kind in kinds):
        return True
    if _T.is_timestamp(found) and _T.is_timestamp(wanted):
        return (found.tz is None) == (wanted.tz is None)
    return False


def _is_number(type_: pa.DataType) -> bool:
    return _T.is_integer(type_) or _T.is_floating(type_)


def _misfit(found: pa.DataType, wanted: pa.DataType) -> TableFormatError:
    return TableFormatError(
        f"values of type {found} are not what {wanted} can hold"[:300],
        hint="Write all files with one schema, or record the data set with --content none.",
    )
