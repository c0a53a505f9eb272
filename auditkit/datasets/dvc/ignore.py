"""What `.dvcignore` files leave out of tracked folders, in gitignore's pattern language."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from auditkit.datasets.dvc.project import read_optional
from auditkit.errors import PointerError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILE: Final = ".dvcignore"
_ALWAYS: Final = (".hg/", ".git/", ".git", ".dvc/")
_MAX_BYTES: Final = 1024 * 1024


class IgnoreRules:
    """The rules for one tracked folder: those of the project, of folders above it, and in it.

    As everywhere in gitignore(5), the last rule of the nearest file decides, and nothing comes
    back that lies in a folder which is left out.
    """

    def __init__(self, project: Path, folder: str) -> None:
        self._project = project
        self._above = tuple(folder.split("/"))
        self._specs: dict[tuple[str, ...], GitIgnoreSpec | None] = {}

    def matches(self, path: Sequence[str], *, is_folder: bool) -> bool:
        """Tell whether a path in the tracked folder, given as its segments, is left out.

        The folders above it are expected to have been asked for before. A folder with a DVC
        project of its own is left out too.
        """
        full = (*self._above, *path)
        if is_folder and (self._project.joinpath(*full) / ".dvc").is_dir():
            return True
        for length in range(len(full) - 1, -1, -1):
            spec = self._spec(full[:length])
            if spec is None:
                continue
            text = "/".join(full[length:]) + ("/" if is_folder else "")
            decision = spec.check_file(text).include
            if decision is not None:
                return decision
        return False

    def _spec(self, folder: tuple[str, ...]) -> GitIgnoreSpec | None:
        if folder not in self._specs:
            self._specs[folder] = _read(self._project.joinpath(*folder), top=not folder)
        return self._specs[folder]


def _read(folder: Path, *, top: bool) -> GitIgnoreSpec | None:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 -- only where there is DVC

    data = read_optional(folder / IGNORE_FILE, _MAX_BYTES)
    if data is None and not top:
        return None
    try:
        written = [line.strip() for line in (data or b"").decode().splitlines()]
        return GitIgnoreSpec.from_lines([*(_ALWAYS if top else ()), *written])
    except ValueError as error:
        raise PointerError("has a pattern that is none", path=str(folder / IGNORE_FILE)) from error
