"""Recorded files against found files: every altered, missing, extra and renamed one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, NamedTuple

from auditkit.datasets.base import Entries, FileEntry
from auditkit.datasets.inventory import Inventory
from auditkit.digests import FURTHER_DIGESTS
from auditkit.evidence import InventoryEntry


class DifferingDigest(NamedTuple):
    """A digest of a file: its algorithm, and what was recorded and found, in hex."""

    algorithm: str
    recorded: str
    found: str


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What differs. `altered` pairs the recorded with the found entry; paths are sorted."""

    altered: tuple[tuple[InventoryEntry, FileEntry], ...]
    missing: tuple[InventoryEntry, ...]
    extra: tuple[FileEntry, ...]
    renamed: dict[str, str]

    def __bool__(self) -> bool:
        return bool(self.altered or self.missing or self.extra)


def diff_files(
    recorded: Inventory, found: Entries, *, unreadable: frozenset[str], single: bool
) -> FileDiff:
    """Compare by path, digest and size; digests that were not computed are not compared.

    `unreadable` paths exist but could not be read: they are neither missing nor altered. For a
    `single` file the path is its name, and only its content counts.

    Returns:
        The difference; `renamed` maps a missing path to the extra one with the same content.
    """
    if recorded.files.lists_the_same(found):
        return FileDiff((), (), (), {})
    altered: list[tuple[InventoryEntry, FileEntry]] = []
    missing: list[InventoryEntry] = []
    extra: list[FileEntry] = []
    for before, after in zip_longest(recorded, found) if single else _pairs(recorded, found):
        if before is None:
            extra.append(after)
        elif after is not None:
            if _differs(before, after):
                altered.append((before, after))
        elif before.path not in unreadable and not (single and unreadable):
            missing.append(before)
    by_digest = {entry.sha256: entry.path for entry in extra if entry.sha256 is not None}
    renamed = {
        entry.path: by_digest[entry.sha256] for entry in missing if entry.sha256 in by_digest
    }
    return FileDiff(tuple(altered), tuple(missing), tuple(extra), renamed)


def _pairs(recorded: Inventory, found: Entries) -> Iterator[tuple[Any, Any]]:
    """Yield what stands under each path, with None on the side that lacks it.

    Both are sorted by the bytes of their paths, so that neither has to be kept in memory.
    """
    left, right = iter(recorded), iter(found)
    before, after = next(left, None), next(right, None)
    while before is not None or after is not None:
        first = after is None or (before is not None and _key(before) <= _key(after))
        second = before is None or (after is not None and _key(after) <= _key(before))
        yield before if first else None, after if second else None
        before = next(left, None) if first else before
        after = next(right, None) if second else after


def _key(entry: InventoryEntry | FileEntry) -> bytes:
    return entry.path.encode()


def _differs(recorded: InventoryEntry, found: FileEntry) -> bool:
    return found.size != recorded.size or differing_digest(recorded, found) is not None


def differing_digest(recorded: InventoryEntry, found: FileEntry) -> DifferingDigest | None:
    """Return the first digest that both entries have and that differs, None if none does."""
    for name in ("sha256", *FURTHER_DIGESTS):
        before, after = getattr(recorded, name), getattr(found, name)
        if before and after and before != after:
            return DifferingDigest(name, before, after)
    return None
