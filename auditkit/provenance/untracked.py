"""Files that git neither tracks nor ignores: by path, size and digest, never their content."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from auditkit.datasets.base import FileEntry
from auditkit.datasets.inventory import write_inventory
from auditkit.datasets.names import is_recordable_path
from auditkit.errors import DataError, UnsafePathError
from auditkit.manifest.model import Untracked
from auditkit.provenance.filehash import hash_file
from auditkit.provenance.sidecar import sidecar_ref
from auditkit.schemes import PARQUET_MEDIA_TYPE

UNTRACKED_SIDECAR: Final = "code.untracked.parquet"
MAX_FILES: Final = 10_000
MAX_BYTES: Final = 1024 * 1024 * 1024
"""Beyond these the files are data that nobody named, and hashing them would take its time."""

_ODD_NAME: Final = "with a name that a list cannot carry"
_SPECIAL: Final = "a link or special file"
_NESTED: Final = "a repository of its own"
_UNREADABLE: Final = "unreadable"


@dataclass(frozen=True, slots=True)
class UntrackedRecord:
    """The untracked files, and their list as a sidecar by name."""

    untracked: Untracked
    sidecars: dict[str, bytes] = field(default_factory=dict)


def record_untracked(root: Path, names: Sequence[str]) -> UntrackedRecord:
    """Return the record of `names`, paths below `root` as `git status` gives them.

    `files` and `bytes` count what is listed; what cannot be is counted in `omitted`, by reason.
    """
    reasons: Counter[str] = Counter()
    listable = []
    for name in names:
        if name.endswith("/"):
            reasons[_NESTED] += 1
        elif is_recordable_path(name):
            listable.append(name)
        else:
            reasons[_ODD_NAME] += 1
    too_much = _too_much(root, listable)
    if too_much is not None:
        return UntrackedRecord(Untracked(files=0, bytes=0, omitted=too_much))
    entries = _entries(root, listable, reasons)
    omitted = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items())) or None
    if not entries:
        return UntrackedRecord(Untracked(files=0, bytes=0, omitted=omitted))
    content = write_inventory(entries)
    untracked = Untracked(
        files=len(entries),
        bytes=sum(entry.size for entry in entries),
        list=sidecar_ref(UNTRACKED_SIDECAR, PARQUET_MEDIA_TYPE, content),
        omitted=omitted,
    )
    return UntrackedRecord(untracked, {UNTRACKED_SIDECAR: content})


def _too_much(root: Path, names: Sequence[str]) -> str | None:
    if len(names) > MAX_FILES:
        return f"{len(names)} files, more than {MAX_FILES}: ignore them or record a data set"
    size = sum(_size(root / name) for name in names)
    if size > MAX_BYTES:
        return f"{size} bytes, more than {MAX_BYTES}: ignore them or record a data set"
    return None


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _entries(root: Path, names: Sequence[str], reasons: Counter[str]) -> list[FileEntry]:
    entries = []
    for name in names:
        try:
            size, digest = hash_file(root / name)
        except UnsafePathError:
            reasons[_SPECIAL] += 1
        except DataError:
            reasons[_UNREADABLE] += 1
        else:
            entries.append(FileEntry(name, size, digest))
    return entries
