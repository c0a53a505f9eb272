"""What a log says of the rows in data files: values of partition columns, and deleted rows."""

from __future__ import annotations

from collections.abc import Mapping

from auditkit.datasets.assembly import Assembly, FileRows
from auditkit.datasets.base import Part
from auditkit.datasets.delta.actions import LogicalFile, Vector
from auditkit.datasets.delta.schema import columns_of
from auditkit.datasets.delta.snapshot import LogReader, Snapshot
from auditkit.datasets.delta.values import partition_value
from auditkit.datasets.delta.vectors import inline_vector, stored_vector
from auditkit.datasets.names import printable
from auditkit.datasets.part_table import parsing
from auditkit.datasets.roaring import row_numbers
from auditkit.errors import TableFormatError


def assemble(snapshot: Snapshot, found: Mapping[str, Part]) -> Assembly:
    """Return how the data files of a version become its rows.

    `found` are its files by path, as far as they are there.

    Raises:
        TableFormatError: columns, values or deletion vectors that cannot be understood.
        FileChangedError, UnreadableError: from reading deletion vectors.
    """
    columns = columns_of(snapshot.metadata, snapshot.protocol)
    types = Assembly(columns, {}).schema.types
    partitions = {
        at: column
        for at, column in enumerate(columns)
        if column.field.name in snapshot.metadata.partition_columns
    }
    vectors = _Vectors(found)
    rows: dict[str, FileRows] = {}
    for path, add in snapshot.files.items():
        values = {
            at: partition_value(add.partition_values.get(column.stored), types[at])
            for at, column in partitions.items()
        }
        rows[path] = FileRows(values, *vectors.of(add), stated=add.stated_rows)
    named = {column.field.name: column.field for column in partitions.values()}
    return Assembly(
        columns,
        rows,
        tuple(named[name] for name in snapshot.metadata.partition_columns if name in named),
        {**snapshot.digests, **vectors.digests},
    )


class _Vectors:
    """Reads the files of deletion vectors once each."""

    def __init__(self, found: Mapping[str, Part]) -> None:
        self._found = found
        self._reader = LogReader()
        self._contents: dict[str, bytes] = {}

    @property
    def digests(self) -> dict[str, str]:
        return self._reader.digests

    def of(self, add: LogicalFile) -> tuple[bytes | None, int, int]:
        """Return the vector of a file, how many rows it deletes, and the last of them."""
        vector = add.deletion_vector
        if vector is None:
            return None, 0, -1
        if vector.path is not None and vector.path not in self._found:
            return None, vector.cardinality, -1
        data = inline_vector(vector) if vector.path is None else self._stored(vector, vector.path)
        try:
            rows = row_numbers(data)
        except ValueError as error:
            raise _bad_vector(add, str(error)) from error
        if len(rows) != vector.cardinality:
            raise _bad_vector(add, "it does not count what it deletes")
        return data, len(rows), int(rows[-1]) if len(rows) else -1

    def _stored(self, vector: Vector, path: str) -> bytes:
        part = self._found[path]
        if path not in self._contents:
            self._contents = {path: self._reader.read(part)}
        with parsing(part):
            return stored_vector(vector, self._contents[path])


def _bad_vector(add: LogicalFile, what: str) -> TableFormatError:
    return TableFormatError(
        f"its deletion vector cannot be read ({what})", path=printable(add.path)
    )
