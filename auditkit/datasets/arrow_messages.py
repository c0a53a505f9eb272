"""Messages of Arrow IPC files and streams: where they are, and what their headers say.

Source: Apache Arrow columnar format, "Serialization and Interprocess Communication", with
`Message.fbs` and `File.fbs`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa

from auditkit.datasets.arrow_schema import fields_of
from auditkit.datasets.flatbuffers import Table
from auditkit.datasets.part_table import MAX_FOOTER_BYTES, PartTable
from auditkit.datasets.reader_metadata import describe_metadata
from auditkit.datasets.reading import PartReader

ARROW_MAGIC: Final = b"ARROW1"

_CONTINUATION: Final = b"\xff\xff\xff\xff"
_RECORD_BATCH: Final = 3
_CODECS: Final = {0: "lz4", 1: "zstd"}
_BLOCK: Final = "<qi4xq"  # offset, metadata length, body length


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its bytes as far as they were kept, and what a record batch says of itself."""

    raw: bytes
    body: int
    rows: int = 0
    codec: str | None = None

    def header(self) -> Message:
        """Return the message without its bytes."""
        return replace(self, raw=b"")


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes `start` to `end - 1` of a file: `head` of metadata, then the body."""

    start: int
    head: int
    end: int


def peek_footer(reader: PartReader) -> bytes:
    """Return the footer of a file and the ten bytes after it; raises ValueError without one."""
    end = reader.peek_tail(10)
    length = struct.unpack("<i", end[:4])[0] if end[4:] == ARROW_MAGIC else 0
    if not 0 < length <= min(reader.size - 18, MAX_FOOTER_BYTES):
        raise ValueError("no footer at its end, perhaps it is truncated")
    return reader.peek_tail(length + 10)


def blocks_of(footer: bytes, field: int, end: int) -> list[Block]:
    """Return the blocks that a field of the footer lists, in its order.

    Raises ValueError for one that is not before `end`, where the footer begins.
    """
    found = []
    for start, head, body in Table.root(footer).structs(field, _BLOCK):
        if start < 8 or not 8 < head <= MAX_FOOTER_BYTES or body < 0 or start + head + body > end:
            raise ValueError("its footer lists batches outside of the file")
        found.append(Block(start, head, start + head + body))
    return found


def parse_message(data: bytes, head: int) -> Message:
    """Return what the message says whose metadata, with its length, is `data[:head]`."""
    raw = data[:head]
    return _parse(raw[8:] if raw.startswith(_CONTINUATION) else raw[4:])


def schema_in(message: Message) -> pa.Schema:
    """Return the schema that a stream's first message, whose bytes were kept, holds."""
    return pa.ipc.read_schema(pa.py_buffer(message.raw))


def table_of(schema: pa.Schema, batches: Iterable[Message]) -> PartTable:
    """Return what a schema and the headers of its batches say together."""
    found = list(batches)
    return PartTable(
        rows=sum(batch.rows for batch in found),
        fields=fields_of(schema),
        compression=frozenset(batch.codec for batch in found if batch.codec),
        metadata=describe_metadata(schema.metadata),
    )


def messages(reader: PartReader, start: bytes, *, bodies: bool = False) -> Iterator[Message]:
    """Yield messages up to the end-of-stream marker or the end of the file.

    `start` are bytes that were read already. The bytes of the first message are kept, and those
    of all with `bodies`. Before Arrow 0.15 there was no continuation marker in front of the
    length. Raises ValueError for what is no stream, or ends in the middle of a message.
    """
    first = True
    while (head := _head(reader, start)) is not None:
        start = b""
        message = _parse(head)
        end = reader.position + message.body
        if end > reader.size:
            raise ValueError("it ends in the middle of a message")
        raw = b""
        if first or bodies:
            raw = _CONTINUATION + struct.pack("<i", len(head)) + head
        if bodies:
            raw += reader.read(message.body)
        reader.skip_to(end)
        yield replace(message, raw=raw)
        first = False


def _head(reader: PartReader, start: bytes) -> bytes | None:
    """Return a message's metadata, None at the end of the stream."""
    prefix = start + reader.read(8 - len(start)) if start else reader.read(4)
    rest = prefix[4:]
    prefix = prefix[:4]
    if prefix == _CONTINUATION:
        prefix, rest = rest or reader.read(4), b""
    if not prefix:
        return None
    length = struct.unpack("<i", prefix)[0] if len(prefix) == 4 else -1
    if length == 0:
        return None
    if not 0 < length <= min(reader.size, MAX_FOOTER_BYTES):
        raise ValueError("not a stream of Arrow messages")
    head = rest + reader.read(length - len(rest))
    if len(head) != length:
        raise ValueError("it ends in the middle of a message")
    return head


def _parse(raw: bytes) -> Message:
    message = Table.root(raw)
    header, body = message.table(2), message.integer(3, "q")
    if header is None or body < 0:
        raise ValueError("a message without a header")
    if message.integer(1, "B") != _RECORD_BATCH:
        return Message(b"", body)
    rows, compression = header.integer(0, "q"), header.table(3)
    if rows < 0:
        raise ValueError("a batch with a negative number of rows")
    codec = _CODECS.get(compression.integer(0, "b"), "unknown") if compression else None
    return Message(b"", body, rows, codec)
