"""By what a run that read data is joined to runs that wrote it before: the strongest there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from auditkit.digests import sha256_hex
from auditkit.lineage.model import DataKey, DataUse, Order
from auditkit.lineage.records import Records

EMPTY_FILE: Final = sha256_hex(b"")

Join = Literal["same", "rows", "inside"]
"""The very files, the same rows in other files, or a file in a folder (either way round)."""


def join(records: Records, use: DataUse, before: Order, *, limit: int) -> Join | None:
    """Return how `use` is joined to what was written before; None if nothing was."""
    if _written(records, use.key, before):
        return "same"
    if use.content is not None and _written(records, use.content, before):
        return "rows"
    around = enclosures(records, use.key, limit=limit)
    return "inside" if any(_written(records, each, before) for each in around) else None


def enclosures(records: Records, key: DataKey, *, limit: int) -> Sequence[DataKey]:
    """Return the folders that have this file, or the recorded files that this folder has.

    Folders that share an empty file have nothing in common.
    """
    if key.kind == "file":
        return records.holders(key, limit=limit) if key.value != EMPTY_FILE else ()
    return [each for each in records.members(key, limit=limit) if each.value != EMPTY_FILE]


def content_of(records: Records, key: DataKey) -> DataKey | None:
    """Return the key of the rows in a file or folder, as the first run that has one records it."""
    for run in (*records.writers(key, limit=1), *records.readers(key, limit=1)):
        for use in (*run.outputs, *run.inputs):
            if use.key == key and use.content is not None:
                return use.content
    return None


def _written(records: Records, key: DataKey, before: Order) -> bool:
    first = records.first_writer(key)
    return first is not None and first < before
