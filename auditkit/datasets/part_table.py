"""What one file of a table says, and how reading goes wrong."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from auditkit.datasets.kinds import Codec
from auditkit.datasets.names import printable
from auditkit.datasets.reading import PartReader
from auditkit.errors import TableFormatError
from auditkit.manifest.model import Field

MAX_FOOTER_BYTES: Final = 256 * 1024 * 1024
_AS_FILES: Final = "Repair or remove the file, or record the data set as files:PATH."


@dataclass(frozen=True, slots=True)
class PartTable:
    """One file's rows and columns, with the format details that the manifest records."""

    rows: int
    fields: tuple[Field, ...]
    compression: frozenset[str] = frozenset()
    row_groups: int | None = None
    written_by: str | None = None


def bad_table(reader: PartReader, what: str, *, hint: str = _AS_FILES) -> TableFormatError:
    """Return the error that says what is wrong with the table in `reader`'s file."""
    return TableFormatError(what, hint=hint, path=printable(str(reader.part.absolute)))


@contextmanager
def parsing(reader: PartReader, kind: str) -> Iterator[None]:
    """Turn what pyarrow raises over bad bytes into TableFormatError naming the file.

    Errors of `reader` itself pass through pyarrow unchanged.
    """
    try:
        yield
    except TableFormatError as error:
        if error.path is not None:
            raise
        raise bad_table(reader, error.message) from error
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        # Only the first line and no more: what follows can be the data itself.
        reason = printable(str(error).split("\n", 1)[0][:200]).strip()
        raise bad_table(reader, f"not a readable {kind} file ({reason})") from error


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
