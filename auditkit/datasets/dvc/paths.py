"""Paths in DVC's files: POSIX, relative, and never out of the project."""

from __future__ import annotations

import re
from typing import Final

from auditkit.datasets.names import is_recordable_path, printable
from auditkit.errors import UnsafePathError

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def is_external(path: str) -> bool:
    """Tell whether a path in one of DVC's files is a URL or absolute: data outside the project."""
    return path.startswith("/") or _URL.match(path) is not None


def join(folder: str, *paths: str) -> str:
    """Return the path that `paths`, one after another, lead to from `folder`.

    `folder` and the result are relative to the project's folder, which is the empty path.

    Raises:
        UnsafePathError: it leaves the project, is absolute or a URL, or has a name that no
            inventory can carry.
    """
    segments = folder.split("/") if folder else []
    for path in paths:
        if is_external(path):
            raise _refused(path, "lies outside the project")
        for segment in path.split("/"):
            if segment == ".." and not segments:
                raise _refused(path, "leads out of the project")
            if segment == "..":
                segments.pop()
            elif segment not in {"", "."}:
                segments.append(segment)
    joined = "/".join(segments)
    if joined and not is_recordable_path(joined):
        raise _refused(joined, "has a name that cannot be recorded")
    return joined


def parent(path: str) -> str:
    """Return the folder of a path in the project; the empty path at its top."""
    return path.rpartition("/")[0]


def _refused(path: str, reason: str) -> UnsafePathError:
    return UnsafePathError(
        f"a path in it {reason}: {printable(path[:200])!r}",
        hint="Data outside the DVC project is recorded by its own path: --dataset NAME=REF.",
    )
