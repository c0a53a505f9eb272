"""CSV: rows counted and types inferred over the whole file, in blocks of bounded size."""

from __future__ import annotations

import io
import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv as pa_csv

from auditkit.datasets.arrow_schema import fields_of, schema_of, to_arrow
from auditkit.datasets.chunks import Chunk, Decoded
from auditkit.datasets.csv_dialect import first_row, read_head
from auditkit.datasets.kinds import Codec
from auditkit.datasets.names import printable
from auditkit.datasets.part_table import PartTable, bad_table, byte_stream, parsing
from auditkit.datasets.reading import PartReader
from auditkit.datasets.unify import CSV_ORDER
from auditkit.errors import TableFormatError
from auditkit.manifest.model import CsvDialect, Field

BLOCK_BYTES: Final = 1024 * 1024
MAX_ROW_BYTES: Final = 16 * 1024 * 1024
"""A block must hold its longest row, so a file with longer ones is read in larger blocks, up to
this size. pyarrow takes about fifty times the memory of a block."""

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

    `types` are widened where a value does not fit, and no use for a file with another number of
    columns, unless they are `fixed`. `block` is how many bytes are read at once.
    """

    dialect: CsvDialect
    types: tuple[Field, ...] | None = None
    fixed: bool = False
    block: int = BLOCK_BYTES


def read_csv(
    reader: PartReader, codec: Codec | None, layout: CsvLayout
) -> Generator[Chunk, None, PartTable | CsvLayout]:
    """Yield the rows; return rows and columns, or the layout to try next with a fresh reader.

    pyarrow infers types from the first block only. Where a later value is of another type, the
    next layout has its column's type widened along pyarrow's own order, so that the last pass
    ends with what pyarrow infers for the whole file in one block.

    Raises:
        TableFormatError: ragged rows, not UTF-8, a row of more than 16 MiB (or a quote that is
            never closed), a value that is not of its fixed type, another number of columns than
            `layout.types` has.
        FileChangedError, UnreadableError: as `PartReader`.
    """
    with parsing(reader.part):
        if layout.dialect.encoding != "utf-8":
            raise TableFormatError(f"has the encoding {printable(layout.dialect.encoding)!r}")
        stream = byte_stream(reader, codec)
        head = read_head(stream)
        cells = first_row(head, layout.dialect)
        names = cells if layout.dialect.header else [f"f{i}" for i in range(len(cells))]
        if layout.types is not None and len(layout.types) != len(names):
            if layout.fixed:
                what = f"has {len(names)} columns instead of {len(layout.types)}"
                raise bad_table(reader.part, what)
            layout = replace(layout, types=None)
        return (yield from _Pass(reader, layout, names).read(_Replay(head, stream), codec))


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

    def read(
        self, replay: _Replay, codec: Codec | None
    ) -> Generator[Chunk, None, PartTable | CsvLayout]:
        rows = 0
        source: Any = replay  # the stubs ask for a whole file; pyarrow only reads
        try:
            with pa_csv.open_csv(source, *self._options()) as batches:
                self._types = fields_of(batches.schema)
                self._refuse_binary()
                for batch in batches:
                    table = pa.Table.from_batches([batch]).rename_columns(list(self._names))
                    yield Decoded(rows, table)
                    rows += batch.num_rows
        except pa.ArrowInvalid as error:
            return self._next_layout(error)
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
                block_size=self._layout.block,
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
                raise bad_table(self._reader.part, f"column {printable(name)!r} is not UTF-8")

    def _next_layout(self, error: pa.ArrowInvalid) -> CsvLayout:
        """Tell a value of another type from a bad file.

        pyarrow quotes the offending row or value; it may be personal data, so it is neither
        repeated nor chained.
        """
        message = str(error)
        if ragged := _RAGGED.match(message):
            what = f"row {ragged[1]} has {ragged[3]} columns instead of {ragged[2]}"
            raise bad_table(self._reader.part, what) from None
        if message.startswith(_STRADDLING):
            return self._larger_block()
        conversion = _CONVERSION.match(message)
        if conversion is None or self._types is None:
            raise error
        column, row, value = int(conversion[1]), conversion[2], conversion[3]
        type_ = self._types[column].type
        if self._layout.fixed or type_ not in CSV_ORDER[:-1]:
            what = f"column {printable(self._names[column])!r} in row {row} is no {type_}"
            raise bad_table(self._reader.part, what) from None
        wider = Field(name="", type=_widen(type_, value))
        types = (*self._types[:column], wider, *self._types[column + 1 :])
        return replace(self._layout, types=types)

    def _larger_block(self) -> CsvLayout:
        block = self._layout.block * 4
        if block > MAX_ROW_BYTES:
            what = f"a row has more than {MAX_ROW_BYTES} bytes, or a quote is never closed"
            raise bad_table(self._reader.part, what) from None
        return replace(self._layout, block=block)


def _widen(type_: str, value: str | None) -> str:
    """Return the next type in pyarrow's order that can hold the value."""
    later = CSV_ORDER[CSV_ORDER.index(type_) + 1 :]
    return next((token for token in later if _holds(token, value)), CSV_ORDER[-1])


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
