"""Schemas that differ in how columns are stored, and not in what readers of the columns get."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from auditkit.datasets.arrow_schema import to_arrow
from auditkit.datasets.content.types import logical_columns
from auditkit.errors import TableFormatError
from auditkit.manifest.model import Field, Schema

_UNIT = re.compile(r"\b(time|timestamp|duration)\[(?:s|ms|us|ns)\b")
_EXTENSION = "ARROW:extension:"


def same_but_for_storage(old: Schema, new: Schema) -> bool:
    """Tell whether two schemas have the same columns to a reader of values.

    That leaves out what writers change when they write the same table again: widths of offsets,
    dictionaries, names of list elements, nullability, field numbers, and units of time. Time
    zones, the order of categories, extension types, and names and types of columns count.
    """
    try:
        return _columns(old) == _columns(new) and list(_marks(old.fields)) == list(
            _marks(new.fields)
        )
    except TableFormatError:
        return False


def _columns(schema: Schema) -> list[tuple[str, str]]:
    columns = logical_columns(to_arrow(schema))
    return [(column.name, _UNIT.sub(r"\1[", column.type)) for column in columns]


def _marks(fields: Sequence[Field]) -> Iterator[tuple[str, str]]:
    """Yield what a type says beyond its values, in the order of the leaves."""
    for field in fields:
        name, _, arguments = field.type.partition("(")
        if name == "timestamp" and "," in arguments:
            yield "zone", arguments.split(",", 1)[1]
        if name in {"dictionary", "map"} and ("ordered" in arguments or "sorted" in arguments):
            yield "order", name
        for key, value in sorted(field.metadata.items()):
            if key.startswith(_EXTENSION):
                yield key, value
        yield from _marks(field.fields)
