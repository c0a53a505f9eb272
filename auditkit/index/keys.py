"""Keys of data as short byte strings, by which the index finds them."""

from __future__ import annotations

import sqlite3
from typing import Final

from auditkit.lineage import DataKey
from auditkit.lineage.model import DataKind

_LETTERS: Final[dict[DataKind, bytes]] = {
    "file": b"f",
    "folder": b"d",
    "sequence": b"s",
    "bag": b"b",
}
_KINDS: Final = {letter: kind for kind, letter in _LETTERS.items()}


def packed(key: DataKey) -> bytes:
    """Return a key in 33 bytes: a letter for its kind, then its digest."""
    return _LETTERS[key.kind] + bytes.fromhex(key.value)


def unpacked(data: bytes) -> DataKey:
    """Return the key that `packed` made these bytes of.

    Raises:
        sqlite3.DatabaseError: it made no such bytes, so somebody else wrote into the index.
    """
    if not isinstance(data, bytes) or len(data) != 33 or data[:1] not in _KINDS:
        raise sqlite3.DatabaseError("a key that nobody here wrote")
    kind = _KINDS[data[:1]]
    return DataKey(kind, "dirHash" if kind == "folder" else "sha256", data[1:].hex())


def start_of(file: DataKey | bytes) -> bytes:
    """Return the first 16 bytes of a file's digest, by which folders are found that have it.

    That two files share them by chance never happens, and half the space is saved; for a verdict
    whole digests count.
    """
    return bytes.fromhex(file.value)[:16] if isinstance(file, DataKey) else file[:16]
