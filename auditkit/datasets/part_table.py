"""What one file of a table says, and how reading goes wrong."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from auditkit.datasets.base import Part
from auditkit.datasets.kinds import TITLES, Codec, kind_of
from auditkit.datasets.names import printable
from auditkit.datasets.reading import PartReader
from auditkit.errors import TableFormatError
from auditkit.manifest.model import Field

MAX_FOOTER_BYTES: Final = 256 * 1024 * 1024
_AS_FILES: Final = "Repair or remove the file, or record the data set as files:PATH."


@dataclass(frozen=True, slots=True)
class PartTable:
    """One file's rows and columns, with the format details that the manifest records.

    `groups` are the numbers of rows of its row groups, None where a file has no such thing.
    `metadata` is what `describe_metadata` returns.
    """

    rows: int
    fields: tuple[Field, ...]
    compression: frozenset[str] = frozenset()
    groups: tuple[int, ...] | None = None
    written_by: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


def bad_table(part: Part, what: str, *, hint: str = _AS_FILES) -> TableFormatError:
    """Return the error that says what is wrong with the table in the file of `part`."""
    return TableFormatError(what, hint=hint, path=printable(part.real))


@contextmanager
def parsing(part: Part) -> Iterator[None]:
    """Turn what pyarrow raises over bad bytes into TableFormatError naming the file.

    Errors of a PartReader pass through pyarrow unchanged.
    """
    try:
        yield
    except TableFormatError as error:
        if error.path is not None:
            raise
        raise bad_table(part, error.message, hint=error.hint or _AS_FILES) from error
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        # Only the first line and no more: what follows can be the data itself.
        reason = printable(str(error).split("\n", 1)[0][:200]).strip()
        named = kind_of(part.path)
        kind = TITLES[named.kind] if named else "table"
        raise bad_table(part, f"not a readable {kind} file ({reason})") from error


def byte_stream(reader: PartReader, codec: Codec | None) -> pa.NativeFile:
    """Return the part's bytes, decompressed, as a stream whose reading hashes them."""
    raw = pa.PythonFile(_Source(reader), mode="r")
    return pa.CompressedInputStream(raw, codec) if codec else raw


class _Source(io.RawIOBase):
    """A PartReader as pyarrow wants its files; closing the stream leaves the part open."""

    def __init__(self, reader: PartReader) -> None:
        self._reader = reader

    def read(self, size: int = -1) -> bytes:
        return self._reader.read(size)

    def readable(self) -> bool:
        return True
