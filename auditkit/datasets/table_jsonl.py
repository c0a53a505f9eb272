"""JSON Lines: blocks of whole lines, each parsed by pyarrow, their types joined."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.json as pa_json

from auditkit.datasets.arrow_schema import fields_of, schema_of, to_arrow
from auditkit.datasets.chunks import Chunk, Decoded
from auditkit.datasets.kinds import Codec
from auditkit.datasets.names import printable
from auditkit.datasets.part_table import PartTable, bad_table, byte_stream, parsing
from auditkit.datasets.reading import PartReader
from auditkit.datasets.unify import join_json
from auditkit.manifest.model import Field

BLOCK_BYTES: Final = 4 * 1024 * 1024
MAX_LINE_BYTES: Final = 32 * 1024 * 1024
MAX_JSON_NESTING: Final = 64

_BOM: Final = b"\xef\xbb\xbf"
_MANY_BRACKETS: Final = 1000  # pyarrow's parser recurses; it stands a few thousand levels
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_INNERMOST = re.compile(rb"[\[{][^\[\]{}]*[\]}]")
_BAD_VALUE = re.compile(r"couldn't parse:.*", re.DOTALL)


def read_jsonl(
    reader: PartReader, codec: Codec | None, recorded: Sequence[Field] | None = None
) -> Generator[Chunk, None, PartTable]:
    """Yield the records; return their number and the columns of all of them.

    Types are inferred as pyarrow does for one block, and joined over blocks by `join_json`. With
    `recorded` columns the values must convert to those; columns beyond them are inferred.

    Raises:
        TableFormatError: a bad line, by its number; invalid UTF-8; a line of more than 32 MiB or
            nested more than 64 deep; a record that is not alone on its line; types that do not
            join; a value that is not of its recorded type.
        FileChangedError, UnreadableError: as `PartReader`.
    """
    rows = lines = 0
    fields: tuple[Field, ...] = tuple(recorded or ())
    with parsing(reader.part):
        schema = to_arrow(schema_of(fields)) if recorded else None
        for block in _blocks(byte_stream(reader, codec)):
            table = _parse(reader, block, lines, schema)
            yield Decoded(rows, table)
            rows += len(table)
            lines += block.count(b"\n")
            if table.schema != schema:
                fields = join_json(fields, fields_of(table.schema))
    compression = frozenset({codec} if codec else ())
    return PartTable(rows=rows, fields=fields, compression=compression)


def _blocks(stream: pa.NativeFile) -> Iterator[bytes]:
    """Yield blocks of whole lines, without the byte order mark."""
    rest = stream.read(BLOCK_BYTES).removeprefix(_BOM)
    while chunk := stream.read(BLOCK_BYTES):
        cut = rest.rfind(b"\n") + 1
        if cut:
            yield rest[:cut]
        rest = rest[cut:] + chunk
        if len(rest) > MAX_LINE_BYTES and rest.find(b"\n", 0, MAX_LINE_BYTES) < 0:
            raise ValueError(f"a line has more than {MAX_LINE_BYTES} bytes")
    if rest:
        yield rest


def _parse(reader: PartReader, block: bytes, lines: int, schema: pa.Schema | None) -> pa.Table:
    try:
        block.decode()
    except UnicodeDecodeError as error:
        line = lines + block.count(b"\n", 0, error.start) + 1
        raise bad_table(reader.part, f"line {line} is not UTF-8") from error
    _check_nesting(reader, block, lines)
    records = sum(not line.isspace() and line != b"" for line in block.split(b"\n"))
    if records == 0:
        return pa.table({})
    source: Any = pa.BufferReader(block)  # a native file, which the stubs leave out
    try:
        table = pa_json.read_json(
            source,
            read_options=pa_json.ReadOptions(use_threads=False, block_size=len(block) + 1),
            parse_options=pa_json.ParseOptions(explicit_schema=schema),
        )
    except pa.ArrowInvalid as error:
        raise bad_table(reader.part, _explain(str(error), block, lines)) from error
    if len(table) != records:
        raise bad_table(reader.part, f"a record after line {lines} is not alone on its line")
    return table


def _explain(message: str, block: bytes, lines: int) -> str:
    """Say what is wrong, and where, without the value: it may be personal data."""
    reason = _BAD_VALUE.sub("a value is of another type", message)
    reason = printable(reason.removeprefix("JSON parse error: "))[:200]
    match = re.search(r" in row ([0-9]+)$", reason)
    if match is None:
        last = lines + block.count(b"\n") + 1
        return f"{reason} (between lines {lines + 1} and {last})"
    filled = (i for i, line in enumerate(block.split(b"\n"), lines + 1) if line.strip())
    line = next((number for i, number in enumerate(filled) if i == int(match[1])), lines + 1)
    return f"line {line}: {reason[: match.start()]}"


def _check_nesting(reader: PartReader, block: bytes, lines: int) -> None:
    if block.count(b"[") + block.count(b"{") <= _MANY_BRACKETS:
        return
    for number, line in enumerate(block.split(b"\n"), lines + 1):
        if len(line) > _MANY_BRACKETS and _is_too_deep(line):
            raise bad_table(
                reader.part, f"line {number} is nested more than {MAX_JSON_NESTING} deep"
            )


def _is_too_deep(line: bytes) -> bool:
    if line.count(b"[") + line.count(b"{") <= _MANY_BRACKETS:
        return False
    rest = _STRING.sub(b"", line)
    for _ in range(MAX_JSON_NESTING):
        rest, found = _INNERMOST.subn(b"", rest)
        if not found:
            break
    return b"[" in rest or b"{" in rest
