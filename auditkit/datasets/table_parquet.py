"""Parquet: rows, columns and codecs from the footer (parquet.apache.org, File Format)."""

from __future__ import annotations

import struct

import pyarrow as pa
import pyarrow.parquet as pq

from auditkit.datasets.arrow_schema import fields_of
from auditkit.datasets.part_table import MAX_FOOTER_BYTES, PartTable, bad_table, parsing
from auditkit.datasets.reading import PartReader
from auditkit.datasets.thrift import parquet_codecs

_MAGIC = b"PAR1"
_ENCRYPTED = b"PARE"


def read_parquet(reader: PartReader) -> PartTable:
    """Return what the footer says; its bytes are taken out of the pass that hashes the file.

    Raises:
        TableFormatError: truncated, corrupt, encrypted, or counts that do not add up.
        FileChangedError, UnreadableError: as `PartReader`.
    """
    tail = _read_tail(reader)
    with parsing(reader, "Parquet"):
        footer = pq.read_metadata(pa.BufferReader(tail))
        groups = range(footer.num_row_groups)
        if sum(footer.row_group(i).num_rows for i in groups) != footer.num_rows:
            raise ValueError("its row groups do not add up to its number of rows")
        return PartTable(
            rows=footer.num_rows,
            fields=fields_of(footer.schema.to_arrow_schema()),
            compression=parquet_codecs(tail[:-8]) - {"uncompressed"},
            row_groups=footer.num_row_groups,
            written_by=(footer.created_by or "")[:256] or None,
        )


def _read_tail(reader: PartReader) -> bytes:
    """Return the footer and the eight bytes after it, as they went into the hash."""
    end = reader.peek_tail(8)
    if end[-4:] == _ENCRYPTED:
        raise bad_table(
            reader,
            "the Parquet footer is encrypted",
            hint="Record the data set as files:PATH; its rows and schema stay unknown.",
        )
    if len(end) < 8 or end[-4:] != _MAGIC or reader.read(4) != _MAGIC:
        raise bad_table(reader, "not a Parquet file, or a truncated one")
    length: int = struct.unpack("<I", end[:4])[0]
    if length > min(reader.size - 12, MAX_FOOTER_BYTES):
        raise bad_table(reader, f"the Parquet footer claims {length} bytes")
    reader.skip_to(reader.size - 8 - length)
    footer = reader.read(length)
    reader.expect(end)
    return footer + end
