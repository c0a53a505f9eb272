"""Parquet: rows, columns and codecs from the footer (parquet.apache.org, File Format)."""

from __future__ import annotations

import struct
from collections.abc import Generator, Iterable

import pyarrow as pa
import pyarrow.parquet as pq

from auditkit.datasets.arrow_schema import fields_of
from auditkit.datasets.chunks import Chunk
from auditkit.datasets.parquet_rows import read_windows
from auditkit.datasets.part_table import MAX_FOOTER_BYTES, PartTable, bad_table, parsing
from auditkit.datasets.reader_metadata import describe_metadata
from auditkit.datasets.reading import PartReader
from auditkit.datasets.thrift import Sizes, column_chunks
from auditkit.manifest.model import ContentKind

_MAGIC = b"PAR1"
_ENCRYPTED = b"PARE"


def read_parquet(
    reader: PartReader, content: ContentKind | None = None
) -> Generator[Chunk, None, PartTable]:
    """Yield the rows as a digest of this kind needs them; return what the footer says.

    The footer is looked at first, and must be the same when the pass that hashes the file comes
    to it.

    Raises:
        TableFormatError: truncated, corrupt, encrypted, or counts that do not add up.
        FileChangedError, UnreadableError: as `PartReader`.
    """
    tail = _peek_tail(reader)
    with parsing(reader.part):
        chunks = column_chunks(tail[:-8])  # before pyarrow, which ends the process over others
        footer = pq.read_metadata(pa.BufferReader(tail))
        _check_sizes(chunks.sizes, footer)
        counts = tuple(footer.row_group(i).num_rows for i in range(footer.num_row_groups))
        if sum(counts) != footer.num_rows or min(counts, default=0) < 0:
            raise ValueError("its row groups do not add up to its number of rows")
        if content is not None:
            end = reader.size - len(tail)
            yield from read_windows(reader, footer, end=end, whole_rows=content == "bag")
        reader.skip_to(reader.size - len(tail))
        reader.expect(tail)
        return PartTable(
            rows=footer.num_rows,
            fields=fields_of(footer.schema.to_arrow_schema()),
            compression=chunks.codecs - {"uncompressed"},
            groups=counts,
            written_by=(footer.created_by or "")[:256] or None,
            metadata=describe_metadata(footer.metadata),
        )


def _check_sizes(sizes: Iterable[Sizes], footer: pq.FileMetaData) -> None:
    """Raise ValueError for size statistics over which pyarrow ends the process.

    Source: Apache Arrow C++, `parquet::SizeStatistics::Validate`.
    """
    for each in sizes:
        if each.column >= footer.num_columns:
            raise ValueError("a row group has more columns than the file")
        column = footer.schema.column(each.column)
        levels = (
            (each.repetitions, column.max_repetition_level),
            (each.definitions, column.max_definition_level),
        )
        fits = all(length in {0, most + 1} for length, most in levels)
        if not fits or (each.unencoded_bytes and column.physical_type != "BYTE_ARRAY"):
            raise ValueError("its size statistics do not go with its columns")


def _peek_tail(reader: PartReader) -> bytes:
    """Return the footer and the eight bytes after it."""
    end = reader.peek_tail(8)
    if end[-4:] == _ENCRYPTED:
        raise bad_table(
            reader.part,
            "the Parquet footer is encrypted",
            hint="Record the data set as files:PATH; its rows and schema stay unknown.",
        )
    if len(end) < 8 or end[-4:] != _MAGIC or reader.read(4) != _MAGIC:
        raise bad_table(reader.part, "not a Parquet file, or a truncated one")
    length: int = struct.unpack("<I", end[:4])[0]
    if length > min(reader.size - 12, MAX_FOOTER_BYTES):
        raise bad_table(reader.part, f"the Parquet footer claims {length} bytes")
    return reader.peek_tail(length + 8)
