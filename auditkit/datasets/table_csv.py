"""CSV: rows counted and types inferred over the whole file, in blocks of bounded size."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv as pa_csv

from auditkit.datasets.arrow_schema import fields_of, schema_of, to_arrow
from auditkit.datasets.csv_dialect import HEAD_BYTES, clean_head, first_row
from auditkit.datasets.kinds import Codec
from auditkit.datasets.names import printable
from auditkit.datasets.part_table import PartTable, bad_table, byte_stream, parsing
from auditkit.datasets.reading import PartReader
from auditkit.datasets.unify import CSV_ORDER
from auditkit.errors import TableFormatError
from auditkit.manifest.model import CsvDialect, Field

BLOCK_BYTES: Final = 4 * 1024 * 1024
"""Read at once, and the longest row; pyarrow takes about sixty times as much memory."""

_CONVERSION = re.compile(
    r"In CSV column #(\d+): (?:Row #(\d+): )?CSV conversion error to [^:]+: "
    r"(?:invalid value '(.*)'$)?",
    re.DOTALL,
)
_RAGGED = re.compile(r"CSV parse error: (?:Row #(\d+): )?Expected (\d+) columns, got (\d+)")
_STRADDLING: Final = "straddling object"


@dataclass(frozen=True, slots=True)
class CsvLayout:
    """How to read: the dialect, and the columns' types where they are known.

    `types` are widened where a value does not fit, unless they are `fixed`.
    """

    dialect: CsvDialect
    types: tuple[Field, ...] | None = None
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that is not of its column's type, and the types that were tried."""

    types: tuple[Field, ...]
    column: int
    row: int | None
    value: str | None


def read_csv(reader: PartReader, codec: Codec | None, layout: CsvLayout) -> PartTable | Misfit:
    """Return rows and columns, or the first value that its column's type cannot hold.

    pyarrow infers types from the first block only; after a misfit call again, with the types
    that `widen` gives and a fresh reader.

    Raises:
        TableFormatError: ragged rows, not UTF-8, a row of more than 4 MiB (or a quote that is
            never closed), another number of columns than `layout.types` has.
        FileChangedError, UnreadableError: as `PartReader`.
    """
    with parsing(reader, "CSV"):
        if layout.dialect.encoding != "utf-8":
            raise TableFormatError(f"has the encoding {printable(layout.dialect.encoding)!r}")
        stream = byte_stream(reader, codec)
        head = clean_head(_read_head(stream))
        cells = first_row(head, layout.dialect)
        names = cells if layout.dialect.header else [f"f{i}" for i in range(len(cells))]
        if layout.types is not None and len(layout.types) != len(names):
            raise bad_table(reader, f"has {len(names)} columns instead of {len(layout.types)}")
        return _Pass(reader, layout, names).read(_Replay(head, stream), codec)


def _read_head(stream: pa.NativeFile) -> bytes:
    head: bytes = stream.read(HEAD_BYTES)
    if len(head) < HEAD_BYTES and not head.endswith((b"\n", b"\r")):
        head += b"\n"  # pyarrow skips a header only if its line ends
    return head


class _Replay(io.RawIOBase):
    """The head that was looked at, then the rest of the stream."""

    def __init__(self, head: bytes, stream: pa.NativeFile) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        if self._head:
            data, self._head = self._head[:size], self._head[size:]
            return data
        rest: bytes = self._stream.read(size)
        return rest

    def readable(self) -> bool:
        return True


class _Pass:
    """One pass over a file. Columns go by position: names can be equal, or hostile."""

    def __init__(self, reader: PartReader, layout: CsvLayout, names: Sequence[str]) -> None:
        self._reader = reader
        self._layout = layout
        self._names = names
        self._keys = [str(i) for i in range(len(names))]
        self._types = layout.types

    def read(self, replay: _Replay, codec: Codec | None) -> PartTable | Misfit:
        rows = 0
        source: Any = replay  # the stubs ask for a whole file; pyarrow only reads
        try:
            with pa_csv.open_csv(source, *self._options()) as batches:
                self._types = fields_of(batches.schema)
                self._refuse_binary()
                for batch in batches:
                    rows += batch.num_rows
        except pa.ArrowInvalid as error:
            return self._misfit(str(error), error)
        fields = tuple(
            Field(name=name, type=field.type)
            for name, field in zip(self._names, self._types, strict=True)
        )
        return PartTable(rows, fields, frozenset({codec} if codec else ()))

    def _options(
        self,
    ) -> tuple[pa_csv.ReadOptions, pa_csv.ParseOptions, pa_csv.ConvertOptions]:
        dialect, types = self._layout.dialect, None
        if self._layout.types is not None:
            schema = to_arrow(schema_of(self._layout.types))
            types = dict(zip(self._keys, schema.types, strict=True))
        return (
            pa_csv.ReadOptions(
                use_threads=False,  # threads gain nothing here, and rows are numbered without
                block_size=BLOCK_BYTES,
                column_names=self._keys,
                skip_rows_after_names=int(dialect.header),
            ),
            pa_csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=dialect.quote or False,
                double_quote=dialect.double_quote,
                escape_char=dialect.escape or False,
                newlines_in_values=dialect.newlines_in_values,
            ),
            pa_csv.ConvertOptions(
                column_types=types,
                null_values=list(dialect.null_values),
                strings_can_be_null=dialect.strings_can_be_null,
            ),
        )

    def _refuse_binary(self) -> None:
        """Inference falls back to binary for text that is not UTF-8."""
        for name, field in zip(self._names, self._types or (), strict=True):
            if field.type == "binary" and not self._layout.fixed:
                raise bad_table(self._reader, f"column {printable(name)!r} is not UTF-8")

    def _misfit(self, message: str, cause: pa.ArrowInvalid) -> Misfit:
        """Tell a value of another type from a bad file. Values are never part of a message."""
        ragged, conversion = _RAGGED.match(message), _CONVERSION.match(message)
        if ragged:
            what = f"row {ragged[1]} has {ragged[3]} columns instead of {ragged[2]}"
            raise bad_table(self._reader, what) from cause
        if message.startswith(_STRADDLING):
            what = f"a row has more than {BLOCK_BYTES} bytes, or a quote is never closed"
            raise bad_table(self._reader, what) from cause
        if conversion is None or self._types is None:
            raise cause
        column, row = int(conversion[1]), int(conversion[2]) if conversion[2] else None
        name, type_ = printable(self._names[column]), self._types[column].type
        if self._layout.fixed or type_ not in CSV_ORDER[:-1]:
            what = f"column {name!r} in row {row} is no {type_}"
            raise bad_table(self._reader, what) from cause
        return Misfit(self._types, column, row, conversion[3])


def widen(misfit: Misfit) -> tuple[Field, ...]:
    """Return the types with the misfit's column at the next one that can hold its value.

    Types are tried in pyarrow's own order, so the last pass ends with what it would infer for
    the whole file at once.
    """
    field = misfit.types[misfit.column]
    later = CSV_ORDER[CSV_ORDER.index(field.type) + 1 :]
    fitting = (token for token in later if _holds(token, misfit.value))
    widened = Field(name=field.name, type=next(fitting, CSV_ORDER[-1]))
    return (*misfit.types[: misfit.column], widened, *misfit.types[misfit.column + 1 :])


def _holds(token: str, value: str | None) -> bool:
    if value is None:
        return True
    cell = b'"' + value.encode().replace(b'"', b'""') + b'"\n'
    type_ = to_arrow(schema_of([Field(name="0", type=token)])).types
    source: Any = pa.BufferReader(cell)  # a native file, which the stubs leave out
    try:
        pa_csv.read_csv(
            source,
            pa_csv.ReadOptions(use_threads=False, column_names=["0"], block_size=len(cell) + 1),
            pa_csv.ParseOptions(newlines_in_values=True),
            pa_csv.ConvertOptions(column_types={"0": type_[0]}),
        )
    except pa.ArrowInvalid:
        return False
    return True
