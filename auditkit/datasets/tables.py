"""A table in one file or many: what each file says, put together by explicit rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from auditkit.datasets.arrow_schema import fingerprint, schema_of
from auditkit.datasets.assembly import Assembly
from auditkit.datasets.base import Part, Plan, ScanMode
from auditkit.datasets.csv_dialect import read_head, sniff_dialect
from auditkit.datasets.kinds import KNOWN_SUFFIXES, Codec, NameKind, TableKind, is_data, kind_of
from auditkit.datasets.names import printable
from auditkit.datasets.part_reading import PartTask
from auditkit.datasets.part_table import PartTable, byte_stream, parsing
from auditkit.datasets.partitions import partition_fields
from auditkit.datasets.reader_metadata import join_metadata
from auditkit.datasets.reading import open_part
from auditkit.datasets.table_csv import CsvLayout
from auditkit.datasets.unify import join_files, join_json
from auditkit.errors import TableFormatError
from auditkit.manifest.model import CsvDialect, Dataset, Field, Schema, Table

_PARQUET: Final = NameKind("parquet", ".parquet")


@dataclass(frozen=True, slots=True)
class TableReading:
    """How the data files of a table are read: their kind, and what was recorded of them.

    `fields` are the columns in the files, `partitioning` those in the names of folders. Where there
    is an `assembly`, it says all that instead.
    """

    kind: TableKind
    dialect: CsvDialect | None = None
    fields: tuple[Field, ...] | None = None
    partitioning: tuple[Field, ...] = ()
    assembly: Assembly | None = None

    @property
    def infers_csv(self) -> bool:
        """Whether the types of CSV columns are found out, rather than recorded."""
        return self.dialect is not None and self.fields is None

    def task(self, part: Part, mode: ScanMode, *, single: bool) -> PartTask:
        """Return the task that reads `part`; what is no data of the table is only hashed.

        Raises TableFormatError for a data file of another kind.
        """
        if self.assembly is not None:
            rows = self.assembly.files.get(part.path)
            if rows is None:
                return PartTask(part, mode)
            return PartTask(part, mode, _PARQUET, least_rows=rows.last + 1)
        if not single and not is_data(part.path):
            return PartTask(part, mode)
        named = kind_of(part.path)
        if named is None or named.kind != self.kind:
            raise _other_kind(part, self.kind)
        if self.dialect is None:
            return PartTask(part, mode, named, fields=self.fields)
        fixed = self.fields is not None
        return PartTask(part, mode, named, CsvLayout(self.dialect, self.fields, fixed=fixed))


def plan_reading(plan: Plan, mode: ScanMode, recorded: Dataset | None) -> TableReading:
    """Return how to read the table: as recorded, else as its first data file tells.

    Raises:
        TableFormatError: no data file, or the first one is no table or not readable as CSV.
        FileChangedError, UnreadableError: from looking at its first bytes.
    """
    if plan.assembly is not None:
        return TableReading("parquet", assembly=plan.assembly)
    if recorded is not None and recorded.table is not None and recorded.schema is not None:
        return _as_recorded(recorded.table, recorded.schema)
    single = plan.kind == "file"
    first = next((part for part in plan.parts if single or is_data(part.path)), None)
    if first is None:
        raise TableFormatError("has no data files", path=printable(plan.location))
    named = kind_of(first.path)
    if named is None:
        raise _other_kind(first, None)
    sniff = named.kind == "csv" and mode == "full"
    return TableReading(named.kind, _sniff(first, named.codec) if sniff else None)


def _as_recorded(table: Table, schema: Schema) -> TableReading:
    if table.kind == "csv" and table.csv is None:
        raise TableFormatError("is recorded as CSV without its dialect")
    stored = max(len(schema.fields) - len(table.partitioning), 0)
    return TableReading(table.kind, table.csv, schema.fields[:stored], table.partitioning)


def _sniff(part: Part, codec: Codec | None) -> CsvDialect:
    with open_part(part, None) as reader, parsing(reader.part):
        return sniff_dialect(read_head(byte_stream(reader, codec)), part.path)


def _other_kind(part: Part, kind: TableKind | None) -> TableFormatError:
    wanted = f"a {kind} file like the others" if kind else "a table by its name"
    return TableFormatError(
        f"is not {wanted}",
        hint=f"Tables end in {' '.join(KNOWN_SUFFIXES)}. Leave other files out with --exclude, "
        "or record the data set as files:PATH.",
        path=printable(part.real),
    )


@dataclass(slots=True)
class TableFold:
    """Puts the files' answers together as they come in; equal schemas are kept once."""

    reading: TableReading
    rows: int | None = 0
    row_groups: int | None = None
    _compression: set[str] = field(default_factory=set)
    _writers: set[str] = field(default_factory=set)
    _metadata: list[Mapping[str, str]] = field(default_factory=list)
    _paths: list[str] = field(default_factory=list)
    _schemas: dict[str, tuple[str, tuple[Field, ...]]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether no file said anything."""
        return not self._schemas

    @property
    def first_path(self) -> str:
        """The first data file."""
        return self._paths[0]

    def shared(self, table: PartTable) -> tuple[Field, ...]:
        """Return the columns of a file that was added, as one object for all files that agree."""
        return self._schemas[fingerprint(table.fields)][1]

    def add(self, path: str, table: PartTable | None) -> None:
        """Take in what one data file says; None where that is not known."""
        assembly = self.reading.assembly
        rows = table.rows if table else 0
        rows = assembly.rows(path, rows) if table and assembly else rows
        self._paths.append(path)
        self.rows = None if table is None or self.rows is None else self.rows + rows
        if table is not None:
            self._add(path, table)

    def _add(self, path: str, table: PartTable) -> None:
        self._compression |= table.compression
        if table.written_by:
            self._writers.add(table.written_by)
        if table.groups is not None:
            self.row_groups = (self.row_groups or 0) + len(table.groups)
        self._metadata.append(table.metadata)
        self._schemas.setdefault(fingerprint(table.fields), (path, table.fields))

    def result(self) -> tuple[Schema, Table]:
        """Return the table's one schema, with its partition columns last, and its details.

        Raises:
            TableFormatError: the files are not one table; both are named.
        """
        if self.reading.assembly is not None:
            assembly = self.reading.assembly
            return schema_of(assembly.fields), self._details(assembly.partitioning)
        fields = self._join()
        partitioning = partition_fields(self._paths)
        clash = {column.name for column in fields} & {column.name for column in partitioning}
        if clash:
            raise TableFormatError(
                f"column {printable(min(clash))!r} is in the files and in the folders' names",
                hint="Remove one of them, or record the data set as files:PATH.",
            )
        metadata = join_metadata(self._metadata)
        return schema_of((*fields, *partitioning)), self._details(partitioning, metadata)

    def _details(
        self, partitioning: tuple[Field, ...], metadata: Mapping[str, tuple[str, ...]] | None = None
    ) -> Table:
        return Table(
            kind=self.reading.kind,
            parts=len(self._paths),
            compression=tuple(sorted(self._compression)),
            row_groups=self.row_groups,
            written_by=tuple(sorted(self._writers)),
            csv=self.reading.dialect,
            partitioning=partitioning,
            metadata=dict(metadata or {}),
        )

    def _join(self) -> tuple[Field, ...]:
        schemas = iter(self._schemas.values())
        path, fields = next(schemas)
        for other_path, others in schemas:
            if self.reading.kind == "jsonl":
                fields = join_json(fields, others)
            else:
                fields = join_files(fields, path, others, other_path)
        return fields
