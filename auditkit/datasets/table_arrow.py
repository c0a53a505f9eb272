"""Arrow IPC files, streams and Feather V2: rows and codecs from the messages' headers.

pyarrow would load and decompress every batch to count its rows, and does not tell the codec.
Source: Apache Arrow columnar format, "Serialization and Interprocess Communication", with
`Message.fbs` and `File.fbs`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from auditkit.datasets.arrow_schema import fields_of
from auditkit.datasets.flatbuffers import Table
from auditkit.datasets.part_table import MAX_FOOTER_BYTES, PartTable, bad_table, parsing
from auditkit.datasets.reading import PartReader

_MAGIC: Final = b"ARROW1"
_FEATHER_V1: Final = b"FEA1"
_CONTINUATION: Final = b"\xff\xff\xff\xff"
_RECORD_BATCH: Final = 3
_CODECS: Final = {0: "lz4", 1: "zstd"}
_BLOCK: Final = "<qi4xq"  # offset, metadata length, body length


@dataclass(frozen=True, slots=True)
class _Message:
    """One message: the length of its body, and what a record batch says of itself."""

    raw: bytes
    body: int
    rows: int = 0
    codec: str | None = None


def read_arrow(reader: PartReader) -> PartTable:
    """Return what the schema and the batches' headers say; bodies are only hashed.

    Raises:
        TableFormatError: truncated, corrupt, or the first version of Feather.
        FileChangedError, UnreadableError: as `PartReader`.
    """
    with parsing(reader, "Arrow"):
        start = reader.read(8)
        if start.startswith(_FEATHER_V1):
            raise bad_table(
                reader,
                "the first version of Feather is not supported",
                hint="Write it again as Feather V2 or Parquet, or record it as files:PATH.",
            )
        if start.startswith(_MAGIC):
            return _read_file(reader)
        return _read_stream(reader, start)


def _read_file(reader: PartReader) -> PartTable:
    """Visit the batches that the footer lists: those are what readers of the file see."""
    end = reader.peek_tail(10)
    length = struct.unpack("<i", end[:4])[0] if end[4:] == _MAGIC else 0
    if not 0 < length <= min(reader.size - 18, MAX_FOOTER_BYTES):
        raise ValueError("no footer at its end, perhaps it is truncated")
    footer = reader.peek_tail(length + 10)
    blocks = sorted(Table.root(footer).structs(3, _BLOCK))
    messages = [_read_block(reader, offset, size) for offset, size, _ in blocks]
    start = reader.size - len(footer)
    if reader.position > start:
        raise ValueError("its footer lists batches that overlap")
    reader.skip_to(start)
    reader.expect(footer)
    schema = pa.ipc.open_file(pa.BufferReader(_MAGIC + b"\0\0" + footer)).schema
    return _table(schema, messages)


def _read_block(reader: PartReader, offset: int, size: int) -> _Message:
    if offset < reader.position or not 8 < size <= MAX_FOOTER_BYTES:
        raise ValueError("its footer lists batches that overlap")
    reader.skip_to(offset)
    raw = reader.read(size)
    message = _parse(raw[8:] if raw.startswith(_CONTINUATION) else raw[4:])
    reader.skip_to(reader.position + message.body)
    return message


def _read_stream(reader: PartReader, start: bytes) -> PartTable:
    messages = list(_messages(reader, start))
    if not messages:
        raise ValueError("no schema in it")
    raw = messages[0].raw
    head = _CONTINUATION + struct.pack("<i", len(raw))
    return _table(pa.ipc.read_schema(pa.py_buffer(head + raw)), messages[1:])


def _messages(reader: PartReader, start: bytes) -> Iterator[_Message]:
    """Yield messages up to the end-of-stream marker or the end of the file.

    Before Arrow 0.15 there was no continuation marker in front of the length.
    """
    first = True
    while True:
        prefix = start + reader.read(8 - len(start)) if start else reader.read(4)
        start = b""
        if prefix[:4] == _CONTINUATION:
            lengths = (prefix[4:] or reader.read(4)), b""
        else:
            lengths = prefix[:4], prefix[4:]
        if not lengths[0]:
            return
        length = struct.unpack("<i", lengths[0])[0] if len(lengths[0]) == 4 else -1
        if length == 0:
            return
        if not 0 < length <= min(reader.size, MAX_FOOTER_BYTES):
            raise ValueError("not a stream of Arrow messages")
        raw = lengths[1] + reader.read(length - len(lengths[1]))
        message = _parse(raw)
        yield message if first else _Message(b"", message.body, message.rows, message.codec)
        first = False
        end = reader.position + message.body
        if len(raw) != length or end > reader.size:
            raise ValueError("it ends in the middle of a message")
        reader.skip_to(end)


def _parse(raw: bytes) -> _Message:
    message = Table.root(raw)
    header, body = message.table(2), message.integer(3, "q")
    if header is None or body < 0:
        raise ValueError("a message without a header")
    if message.integer(1, "B") != _RECORD_BATCH:
        return _Message(raw, body)
    rows, compression = header.integer(0, "q"), header.table(3)
    if rows < 0:
        raise ValueError("a batch with a negative number of rows")
    codec = _CODECS.get(compression.integer(0, "b"), "unknown") if compression else None
    return _Message(raw, body, rows, codec)


def _table(schema: pa.Schema, batches: list[_Message]) -> PartTable:
    return PartTable(
        rows=sum(batch.rows for batch in batches),
        fields=fields_of(schema),
        compression=frozenset(batch.codec for batch in batches if batch.codec),
    )
