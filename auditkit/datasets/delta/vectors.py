"""Deletion vectors: which rows of a data file are not in the table any more.

Source: Delta Transaction Log Protocol, "Deletion Vector Format".
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

from auditkit.datasets.delta.actions import Vector, from_z85
from auditkit.errors import TableFormatError

_MAGIC: Final = struct.pack("<I", 1681511377)
_FILE_VERSION: Final = b"\1"


def stored_vector(vector: Vector, file: bytes) -> bytes:
    """Return the vector, as a roaring bitmap, out of the file that it is stored in.

    Raises TableFormatError where the file does not have it, or has it damaged.
    """
    start, size = vector.offset or 0, vector.size_in_bytes
    data = file[start + 4 : start + 4 + size] if start >= 0 and size >= 0 else b""
    frame = file[start : start + 4] + file[start + 4 + size : start + 8 + size]
    if file[:1] != _FILE_VERSION or frame != struct.pack(">II", size, zlib.crc32(data)):
        raise TableFormatError("it does not hold the deletion vector that the log names")
    return _bitmap(data)


def inline_vector(vector: Vector) -> bytes:
    """Return the vector that stands in the log itself; raises TableFormatError for none."""
    return _bitmap(from_z85(vector.path_or_inline_dv)[: max(vector.size_in_bytes, 0)])


def _bitmap(data: bytes) -> bytes:
    if data[:4] != _MAGIC:
        raise TableFormatError("a deletion vector of a kind that is not known")
    return data[4:]
