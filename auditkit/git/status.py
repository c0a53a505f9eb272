"""What `git status --porcelain=v2 -z` says, as values.

Source: git-status(1), "Porcelain Format Version 2". Names are those of the operating system:
bytes that are not UTF-8 appear as lone surrogates.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

from auditkit.errors import GitError

_PATH_FIELD: Final = {b"1": 8, b"u": 10}
"""Kind of a changed entry -> number of fields before its path."""


@dataclass(frozen=True, slots=True)
class Status:
    """How the working tree differs from HEAD; paths are relative to its top, with `/`.

    `changed` are tracked files with staged or unstaged changes. `untracked` are files that are
    not ignored either; one that ends in `/` is a repository inside this one.
    """

    changed: tuple[str, ...]
    untracked: tuple[str, ...]


def parse_status(output: bytes) -> Status:
    """Return the changed and untracked paths, each sorted by bytes.

    Raises:
        GitError: an entry of a kind that was not asked for.
    """
    changed: set[bytes] = set()
    untracked: set[bytes] = set()
    for entry in filter(None, output.split(b"\0")):
        kind, _, rest = entry.partition(b" ")
        if kind == b"?":
            untracked.add(rest)
        elif kind in _PATH_FIELD:
            changed.add(entry.split(b" ", _PATH_FIELD[kind])[-1])
        else:
            raise GitError(f"git status wrote an entry of unknown kind {kind[:20]!r}")
    return Status(_decoded(changed), _decoded(untracked))


def _decoded(paths: set[bytes]) -> tuple[str, ...]:
    return tuple(os.fsdecode(path) for path in sorted(paths))
