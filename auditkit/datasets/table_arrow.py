"""Arrow IPC files, streams and Feather V2: rows, columns and codecs."""

from __future__ import annotations

from collections.abc import Generator

import pyarrow as pa

from auditkit.datasets.arrow_messages import (
    ARROW_MAGIC,
    Block,
    Message,
    blocks_of,
    messages,
    parse_message,
    peek_footer,
    schema_in,
    table_of,
)
from auditkit.datasets.arrow_rows import decode_file, decode_stream
from auditkit.datasets.chunks import Chunk
from auditkit.datasets.part_table import PartTable, bad_table, parsing
from auditkit.datasets.reading import PartReader
from auditkit.manifest.model import ContentKind

_FEATHER_V1 = b"FEA1"
_BATCHES = 3


def read_arrow(
    reader: PartReader, content: ContentKind | None = None
) -> Generator[Chunk, None, PartTable]:
    """Yield the rows if a digest needs them; return what the schema and the batches' headers say.

    Without `content` the bodies of batches are only hashed, or skipped: pyarrow would load and
    decompress every batch to count its rows, and does not tell the codec.

    Raises:
        TableFormatError: truncated, corrupt, or the first version of Feather.
        FileChangedError, UnreadableError: as `PartReader`.
    """
    with parsing(reader.part):
        start = reader.read(8)
        if start.startswith(_FEATHER_V1):
            raise bad_table(
                reader.part,
                "the first version of Feather is not supported",
                hint="Write it again as Feather V2 or Parquet, or record it as files:PATH.",
            )
        is_file = start.startswith(ARROW_MAGIC)
        if content is not None:
            return (yield from decode_file(reader) if is_file else decode_stream(reader, start))
        return _read_file(reader) if is_file else _read_stream(reader, start)


def _read_file(reader: PartReader) -> PartTable:
    """Visit the batches that the footer lists: those are what readers of the file see."""
    footer = peek_footer(reader)
    end = reader.size - len(footer)
    blocks = sorted(blocks_of(footer, _BATCHES, end), key=lambda block: block.start)
    headers = [_read_header(reader, block) for block in blocks]
    reader.skip_to(end)
    reader.expect(footer)
    schema = pa.ipc.open_file(pa.BufferReader(ARROW_MAGIC + b"\0\0" + footer)).schema
    return table_of(schema, headers)


def _read_header(reader: PartReader, block: Block) -> Message:
    if block.start < reader.position:
        raise ValueError("its footer lists batches that overlap")
    reader.skip_to(block.start)
    message = parse_message(reader.read(block.head), block.head)
    if block.start + block.head + message.body > block.end:
        raise ValueError("its footer lists batches that overlap")
    reader.skip_to(block.end)
    return message


def _read_stream(reader: PartReader, start: bytes) -> PartTable:
    found = list(messages(reader, start))
    if not found:
        raise ValueError("no schema in it")
    return table_of(schema_in(found[0]), found)
