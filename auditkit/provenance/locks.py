"""Dependency lock files of the project, by digest."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, Literal

from auditkit.errors import DataError
from auditkit.manifest.model import LockFile
from auditkit.provenance.filehash import hash_file
from auditkit.provenance.text import as_text

Tool = Literal["uv", "poetry", "pip", "conda", "pdm", "pipenv"]

_TOOLS: Final[tuple[tuple[str, Tool], ...]] = (
    ("uv.lock", "uv"),
    ("poetry.lock", "poetry"),
    ("pdm.lock", "pdm"),
    ("Pipfile.lock", "pipenv"),
    ("pylock.toml", "pip"),
    ("pylock.*.toml", "pip"),
    ("requirements*.txt", "pip"),
    ("conda-lock.yml", "conda"),
    ("conda-*.lock", "conda"),
    ("environment.yml", "conda"),
    ("environment.yaml", "conda"),
)


@dataclass(frozen=True, slots=True)
class LockRecord:
    """The lock files, and a warning for each that could not be read."""

    files: tuple[LockFile, ...]
    warnings: tuple[str, ...] = ()


def record_locks(root: Path) -> LockRecord:
    """Return the lock files directly in `root`, sorted by name."""
    try:
        names = sorted(path.name for path in root.iterdir())
    except OSError as error:
        return LockRecord((), (f"lock files are not recorded: {error.strerror}",))
    files, warnings = [], []
    for name in names:
        tool = next((tool for glob, tool in _TOOLS if fnmatchcase(name, glob)), None)
        if tool is None:
            continue
        try:
            _, digest = hash_file((root / name).resolve())
            files.append(LockFile(path=as_text(name), tool=tool, sha256=digest))
        except DataError as error:
            warnings.append(f"lock file {as_text(name)} is not recorded: {error.message}")
    return LockRecord(tuple(files), tuple(warnings))
