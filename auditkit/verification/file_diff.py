"""Recorded files against found files: every altered, missing, extra and renamed one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditkit.datasets.base import FileEntry
from auditkit.evidence import InventoryEntry


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
    recorded: Sequence[InventoryEntry],
    found: Sequence[FileEntry],
    *,
    unreadable: frozenset[str],
    single: bool,
) -> FileDiff:
    """Compare by path, digest and size; digests that were not computed are not compared.

    `unreadable` paths exist but could not be read: they are neither missing nor altered. For a
    `single` file the path is its name, and only its content counts.

    Returns:
        The difference; `renamed` maps a missing path to the extra one with the same content.
    """
    before = {("" if single else entry.path): entry for entry in recorded}
    after = {("" if single else entry.path): entry for entry in found}
    altered = tuple(
        (before[path], after[path])
        for path in sorted(before.keys() & after.keys(), key=str.encode)
        if _differs(before[path], after[path])
    )
    absent = before.keys() - after.keys() - ({""} if single and unreadable else unreadable)
    missing = tuple(before[path] for path in sorted(absent, key=str.encode))
    extra = tuple(after[path] for path in sorted(after.keys() - before.keys(), key=str.encode))
    by_digest = {entry.sha256: entry.path for entry in extra if entry.sha256 is not None}
    renamed = {
        entry.path: by_digest[entry.sha256] for entry in missing if entry.sha256 in by_digest
    }
    return FileDiff(altered, missing, extra, renamed)


def _differs(recorded: InventoryEntry, found: FileEntry) -> bool:
    if found.sha256 is not None and found.sha256 != recorded.sha256:
        return True
    return found.size != recorded.size
