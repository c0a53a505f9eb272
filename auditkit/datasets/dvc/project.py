"""A DVC project on disk: its folder, its configuration, and the files that point to data."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from auditkit.datasets.names import printable
from auditkit.errors import DataNotFoundError, PointerError, UnsafePathError
from auditkit.stores.reading import read_regular

DVC_FOLDER: Final = ".dvc"
POINTER_SUFFIX: Final = ".dvc"
LOCK_FILE: Final = "dvc.lock"
PIPELINE_FILE: Final = "dvc.yaml"


def find_project(path: Path) -> Path:
    """Return the folder of the DVC project that an absolute path lies in.

    Raises:
        DataNotFoundError: it lies in none.
    """
    for folder in path.parents:
        if (folder / DVC_FOLDER).is_dir():
            return folder
    raise DataNotFoundError(
        "lies in no DVC project",
        hint="Name a .dvc file, or a path that DVC tracks, in a folder where dvc init was run.",
        path=printable(str(path)),
    )


def relative(path: Path, project: Path) -> str:
    """Return an absolute path relative to the project, with `/`."""
    return path.relative_to(project).as_posix()


def read_optional(path: Path, limit: int) -> bytes | None:
    """Return the content of a file of at most `limit` bytes; None if there is none.

    Raises:
        PointerError: it is larger, a link, or no regular file.
        UnreadableError: the operating system refused.
    """
    try:
        return read_regular(path, limit, PointerError, missing=DataNotFoundError)
    except DataNotFoundError:
        return None


def check_inside(path: Path, *folders: Path) -> str:
    """Return the real path of what `path` names.

    Raises UnsafePathError if a symbolic link leads out of all these folders.
    """
    real = os.path.realpath(path)
    for folder in folders:
        root = os.path.realpath(folder)
        if real == root or real.startswith(root.rstrip("/") + "/"):
            return real
    raise UnsafePathError("a symbolic link leads out of the DVC project", path=printable(str(path)))
