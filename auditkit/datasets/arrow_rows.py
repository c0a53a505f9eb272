"""Rows of Arrow IPC files and streams, decoded from the bytes that are hashed.

Source: Apache Arrow columnar format, "Serialization and Interprocess Communication".
"""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator
from itertools import pairwise
from typing import Final

import pyarrow as pa

from auditkit.datasets.arrow_messages import (
    Message,
    blocks_of,
    messages,
    parse_message,
    peek_footer,
    table_of,
)
from auditkit.datasets.chunks import Chunk, Decoded
from auditkit.datasets.held_bytes import HeldBytes
from auditkit.datasets.part_table import PartTable
from auditkit.datasets.reading import PartReader

_DICTIONARIES, _BATCHES = 2, 3
_ONE_THREAD: Final = pa.ipc.IpcReadOptions(use_threads=False)


def decode_file(reader: PartReader) -> Generator[Chunk, None, PartTable]:
    """Yield the batches that the footer lists, in its order; return rows and columns.

    Readers take in all dictionaries first, so those are looked at ahead, and must be the same
    when the pass that hashes the file comes to them. Raises ValueError for batches that are not
    in the order of their bytes.
    """
    footer = peek_footer(reader)
    end = reader.size - len(footer)
    batches = blocks_of(footer, _BATCHES, end)
    if any(before.end > after.start for before, after in pairwise(batches)):
        raise ValueError("its footer lists batches out of order, or that overlap")
    ahead = {
        block.start: reader.peek(block.start, block.end - block.start)
        for block in blocks_of(footer, _DICTIONARIES, end)
    }
    held = HeldBytes(reader.size, {**ahead, end: footer})
    file = pa.ipc.open_file(pa.PythonFile(held, mode="r"), options=_ONE_THREAD)
    headers, row = [], 0
    for index, block in enumerate(batches):
        _pass_over(reader, ahead, block.start)
        data = reader.read(block.end - block.start)
        headers.append(parse_message(data, block.head))
        held.move(block.start, data)
        batch = file.get_batch(index)
        yield Decoded(row, pa.Table.from_batches([batch]), untrusted=True)
        row += batch.num_rows
    _pass_over(reader, ahead, end)
    reader.expect(footer)
    return table_of(file.schema, headers)


def decode_stream(reader: PartReader, start: bytes) -> Generator[Chunk, None, PartTable]:
    """Yield the batches of a stream whose first bytes, `start`, were read; return as above."""
    source = _Messages(messages(reader, start, bodies=True))
    row = 0
    with pa.ipc.open_stream(pa.PythonFile(source, mode="r"), options=_ONE_THREAD) as stream:
        for batch in stream:
            yield Decoded(row, pa.Table.from_batches([batch]), untrusted=True)
            row += batch.num_rows
        return table_of(stream.schema, source.headers)


def _pass_over(reader: PartReader, ahead: dict[int, bytes], to: int) -> None:
    """Read up to `to`; what was looked at ahead must be the same."""
    for start in sorted(ahead):
        if reader.position <= start < to:
            reader.skip_to(start)
            reader.expect(ahead[start])
    reader.skip_to(to)


class _Messages(io.RawIOBase):
    """Messages as the stream of bytes that they are; their headers are kept."""

    def __init__(self, found: Iterator[Message]) -> None:
        self.headers: list[Message] = []
        self._found = found
        self._ready = bytearray()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self._ready) < size and (message := next(self._found, None)) is not None:
            self._ready += message.raw
            self.headers.append(message.header())
        data = bytes(self._ready[:size])
        del self._ready[:size]
        return data
