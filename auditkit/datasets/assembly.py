"""How files become the rows of a table, where a log says so instead of the files themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditkit.datasets.arrow_schema import fields_of, schema_of, to_arrow
from auditkit.datasets.chunks import WholeRows, nulls
from auditkit.datasets.content.types import Array, type_token
from auditkit.datasets.roaring import Rows, row_numbers
from auditkit.manifest.model import Field

_FIELD_ID: Final = "PARQUET:field_id"
_NO_ROWS: Final[Rows] = np.empty(0, np.int64)
_T = pa.types


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, and the name under which files store it.

    With `number` files are asked by the field id instead. `children` are those of nested types.
    """

    field: Field
    stored: str
    number: int | None = None
    children: tuple[Column, ...] = ()

    def stored_as(self, name: str, number: int | None) -> Column:
        """Return the same column, stored in another way."""
        return replace(self, stored=name, number=number)

    def find(self, fields: Sequence[Field]) -> int | None:
        """Return where it is among the columns of a file, None where it is not."""
        if self.number is not None:
            number = str(self.number)
            ids = (at for at, f in enumerate(fields) if f.metadata.get(_FIELD_ID) == number)
            return next(ids, None)
        return next((at for at, f in enumerate(fields) if f.name == self.stored), None)


@dataclass(frozen=True, slots=True)
class FileRows:
    """What a data file does not say itself.

    `values` are those of columns that it does not store, by the column's place in the table.
    `vector` says which of its rows are not in the table: `gone` of them, up to row `last`. As its
    writer states it has `stated` rows, which is no evidence.
    """

    values: Mapping[int, Any] = field(default_factory=dict)
    vector: bytes | None = None
    gone: int = 0
    last: int = -1
    stated: int | None = None


@dataclass(frozen=True, slots=True)
class Assembly:
    """The columns of a table, and its data files by path.

    `partitioning` are the columns whose values are not in the files. `digests` are the SHA-256, in
    hex, of the files that were read to know all this.
    """

    columns: tuple[Column, ...]
    files: Mapping[str, FileRows]
    partitioning: tuple[Field, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The columns as a schema has them."""
        return tuple(column.field for column in self.columns)

    @property
    def schema(self) -> pa.Schema:
        """The columns as Arrow has them."""
        return to_arrow(schema_of(self.fields))

    def rows(self, path: str, stored: int) -> int:
        """Return how many of the `stored` rows of a data file are in the table."""
        return stored - self.files[path].gone

    def fit(self, path: str, fields: Sequence[Field]) -> Fit:
        """Return how the rows of a data file with the columns `fields` become the table's.

        A column that a file does not have is null in all of its rows.
        """
        file = self.files[path]
        values = dict(file.values)
        types = self.schema.types
        stored: dict[int, int] = {}
        for to, column in enumerate(self.columns):
            if to not in values:
                at = column.find(fields)
                if at is None:
                    values[to] = pa.scalar(None, types[to])
                else:
                    stored[at] = to
        gone = row_numbers(file.vector) if file.vector is not None else _NO_ROWS
        return Fit(
            stored, values, {at: (self.columns[to], types[to]) for at, to in stored.items()}, gone
        )


@dataclass(frozen=True, slots=True)
class Fit:
    """How the rows of one file become rows of the table.

    `stored` is column of the file -> column of the table, `values` has those of the other columns,
    `wanted` what those of the file should be, `gone` the numbers of deleted rows, ascending.
    """

    stored: Mapping[int, int]
    values: Mapping[int, Any]
    wanted: Mapping[int, tuple[Column, pa.DataType]]
    gone: Rows

    def chunk(self, chunk: WholeRows) -> WholeRows:
        """Return the rows of a chunk that are in the table, as its columns have them."""
        first, end = np.searchsorted(self.gone, [chunk.first_row, chunk.first_row + chunk.rows])
        return _Fitted(chunk, self.wanted, self.gone[first:end], int(first))


@dataclass(frozen=True, slots=True)
class _Fitted:
    """Whole rows without those that are `gone`; `before` are gone of the rows before."""

    chunk: WholeRows
    wanted: Mapping[int, tuple[Column, pa.DataType]]
    gone: Rows
    before: int

    @property
    def size(self) -> int:
        return self.chunk.size

    @property
    def first_row(self) -> int:
        return self.chunk.first_row - self.before

    @property
    def rows(self) -> int:
        return self.chunk.rows - len(self.gone)

    def tables(self) -> Iterator[pa.Table]:
        end = self.chunk.first_row
        for table in self.chunk.tables():
            first, end = end, end + table.num_rows
            gone = self.gone[slice(*np.searchsorted(self.gone, [first, end]))]
            kept = np.ones(table.num_rows, bool)
            kept[gone - first] = False
            yield self._fit(table.filter(pa.array(kept)) if len(gone) else table)

    def _fit(self, table: pa.Table) -> pa.Table:
        for at, (column, type_) in self.wanted.items():
            found = table.column(at)
            if type_token(found.type) != type_token(type_):
                arrays = [_fit(array, column, type_) for array in found.chunks]
                fitted = pa.chunked_array(arrays) if arrays else nulls(0, type_)
                table = table.set_column(at, table.schema.field(at).name, fitted)
        return table


def _fit(array: Array, column: Column, type_: Any) -> Array:
    """Return the values with the names and the zone that the table's column has."""
    if _T.is_timestamp(type_) and type_.tz and _T.is_timestamp(array.type) and not array.type.tz:
        return pc.assume_timezone(array, "UTC")  # 96 bits, which have no place for a zone
    if _T.is_struct(type_) and _T.is_struct(array.type):
        return _struct(array, column, type_)
    if _T.is_map(type_) and _T.is_map(array.type):
        keys, items = (
            _fit(found, child, wanted)
            for found, child, wanted in zip(
                (array.keys, array.items),
                column.children,
                (type_.key_type, type_.item_type),
                strict=True,
            )
        )
        return pa.MapArray.from_arrays(array.offsets, keys, items, mask=array.is_null())
    if _T.is_list(type_) and _T.is_list(array.type):
        values = _fit(array.values, column.children[0], type_.value_type)
        return pa.ListArray.from_arrays(array.offsets, values, mask=array.is_null())
    return array


def _struct(array: Array, column: Column, type_: Any) -> Array:
    fields = fields_of(pa.schema(array.type.fields))
    members = []
    for child, wanted in zip(column.children, type_.fields, strict=True):
        at = child.find(fields)
        if at is None:
            members.append(nulls(len(array), wanted.type))
        else:
            members.append(_fit(array.field(at), child, wanted.type))
    names = [wanted.name for wanted in type_.fields]
    return pa.StructArray.from_arrays(members, names, mask=array.is_null())
