"""Tracked data as it lies in the working tree."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from auditkit.datasets.base import Part, Parts, Problem
from auditkit.datasets.companion import Companion
from auditkit.datasets.dvc.ignore import IgnoreRules
from auditkit.datasets.dvc.project import check_inside
from auditkit.datasets.globs import Glob
from auditkit.datasets.location import list_folder
from auditkit.datasets.names import check_name, printable
from auditkit.errors import EmptyDatasetError, UnreadableError, UnsafePathError


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where a project's data lies: its folder, and the cache that links may lead into."""

    project: Path
    cache: Path

    def has(self, path: str) -> bool:
        """Tell whether there is anything at a path in the project."""
        return os.path.lexists(self.project / path)

    def files(
        self, path: str, globs: Sequence[Glob], companion: Companion | None, *, collect: bool
    ) -> WorkspaceFiles:
        """Return the files at a path in the project, without those that `.dvcignore` names.

        Raises:
            UnsafePathError: it is neither a file nor a folder, or a link leads out of the project
                and its cache.
            UnreadableError: it cannot be read.
            EmptyDatasetError: a folder without files.
        """
        location = self.project / path
        real = check_inside(location, self.project, self.cache)
        try:
            status = os.stat(real)  # noqa: PTH116 -- a real path, as text all the way
        except OSError as error:
            raise UnreadableError(
                f"cannot be read ({error.strerror})", path=printable(str(location))
            ) from error
        if stat.S_ISREG(status.st_mode):
            check_name(location.name, path=str(location))
            part = Part(location.name, real, status.st_size)
            return WorkspaceFiles("file", Parts([part], companion=companion))
        if not stat.S_ISDIR(status.st_mode):
            raise UnsafePathError("is no file or folder", path=printable(str(location)))
        rules = IgnoreRules(self.project, path)
        listed = list_folder(Path(real), (*globs, rules), collect=collect, links_into=(self.cache,))
        if not listed.parts and not collect:
            raise EmptyDatasetError("there are no files in it", path=printable(str(location)))
        parts = Parts(listed.parts, real, companion=companion)
        return WorkspaceFiles("folder", parts, listed.problems)


@dataclass(frozen=True, slots=True)
class WorkspaceFiles:
    """What was found, as a plan has it."""

    kind: Literal["file", "folder"]
    parts: Parts
    problems: tuple[Problem, ...] = ()
