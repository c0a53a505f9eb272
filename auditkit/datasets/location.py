"""From a reference to a plan: every file of a data set on local disk, by name and size only."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from auditkit.datasets.base import Part, Plan, Problem, Reference
from auditkit.datasets.globs import Glob, parse_glob
from auditkit.datasets.kinds import guess_format
from auditkit.datasets.names import check_name, printable
from auditkit.errors import (
    DataError,
    DataNotFoundError,
    EmptyDatasetError,
    FileChangedError,
    UnreadableError,
    UnsafePathError,
)

MAX_FILES: Final = 10_000_000
"""More than this is refused: links to folders can multiply a tree without end."""

_SPECIAL: Final = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a block device",
    stat.S_IFCHR: "a character device",
}


def plan(
    reference: Reference, *, base: Path, excluded: Sequence[str] = (), collect: bool = False
) -> Plan:
    """Return the files of the data set that `reference` names, relative to `base`.

    Nothing is opened. Symbolic links are followed as long as they stay inside the data set; the
    reference itself may be one. `excluded` are globs (see `parse_glob`) for folders; a single
    file is never excluded. Sizes are in bytes. With `collect` a path that cannot be listed
    becomes a problem of the plan, and a folder without files gives a plan without parts.

    Raises:
        DataNotFoundError: the location does not exist; always raised.
        UnreadableError: the location cannot be read (always raised), or a folder in it.
        UnsafePathError: the location or something in it is a special file, a link that leaves the
            data set, dangles or runs in a circle.
        PathNameError: a name that an inventory cannot carry.
        EmptyDatasetError: a folder without files.
        UsageError: a bad glob.
    """
    location = _absolute(base / reference.location)
    globs = tuple(parse_glob(pattern) for pattern in excluded)
    status = _stat(location)
    if stat.S_ISREG(status.st_mode):
        return _plan_file(reference, location, status.st_size)
    if not stat.S_ISDIR(status.st_mode):
        raise UnsafePathError(f"is {_special(status)}, not a file or folder", path=str(location))
    walk = _Walk(location, globs, collect=collect)
    parts = tuple(sorted(walk.files(), key=lambda part: part.path.encode()))
    if not parts and not collect:
        hint = "Check the path" + (" and what --exclude leaves out." if excluded else ".")
        raise EmptyDatasetError("there are no files in it", hint=hint, path=str(location))
    format = reference.format or guess_format(parts, single=False)
    problems = tuple(sorted(walk.problems, key=lambda problem: problem.path))
    return Plan(location, "folder", format, parts, tuple(excluded), problems)


def _plan_file(reference: Reference, location: Path, size: int) -> Plan:
    check_name(location.name, path=str(location))
    part = Part(location.name, Path(os.path.realpath(location)), size)
    return Plan(location, "file", reference.format or guess_format([part], single=True), (part,))


def _absolute(path: Path) -> Path:
    # `..` after a symbolic link means the parent of its target, which only the system can tell.
    return Path(os.path.realpath(path) if ".." in path.parts else path.absolute())


def _stat(location: Path) -> os.stat_result:
    where = printable(str(location))
    try:
        return location.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DataNotFoundError(
            "no such file or folder", hint="Check the path.", path=where
        ) from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UnsafePathError(
                "the symbolic link runs in a circle", hint="Remove the link.", path=where
            ) from error
        raise UnreadableError(f"cannot be read ({error.strerror})", path=where) from error


def _special(status: os.stat_result) -> str:
    return _SPECIAL.get(stat.S_IFMT(status.st_mode), "a special file")


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder on the way down: its real path, its path in the data set, how it was reached."""

    real: str
    segments: tuple[str, ...]
    parent: _Folder | None = None

    def lineage(self) -> Iterator[str]:
        folder: _Folder | None = self
        while folder is not None:
            yield folder.real
            folder = folder.parent


class _Walk:
    """One pass over a tree, without recursion: a deep tree is no reason to fail."""

    def __init__(self, location: Path, globs: tuple[Glob, ...], *, collect: bool) -> None:
        self.problems: list[Problem] = []
        self._location = location
        self._root = os.path.realpath(location)
        self._globs = globs
        self._collect = collect
        self._pending = [_Folder(self._root, ())]

    def files(self) -> Iterator[Part]:
        count = 0
        while self._pending:
            folder = self._pending.pop()
            for entry in self._entries(folder):
                segments = (*folder.segments, entry.name)
                try:
                    part = self._visit(entry, folder, segments)
                except DataError as error:
                    self._report("/".join(segments), error)
                    continue
                if part is not None:
                    count += 1
                    if count > MAX_FILES:
                        raise UnsafePathError(
                            f"has more than {MAX_FILES} files",
                            hint="Look for links to folders, or record its parts one by one.",
                            path=str(self._location),
                        )
                    yield part

    def _entries(self, folder: _Folder) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder.real) as entries:
                return list(entries)
        except OSError as error:
            path = "/".join(folder.segments)
            where = printable(str(self._location / path))
            problem = UnreadableError(f"cannot be listed ({error.strerror})", path=where)
            if not folder.segments:
                raise problem from error
            self._report(path, problem)
            return []

    def _report(self, path: str, error: DataError) -> None:
        if not self._collect:
            raise error
        self.problems.append(Problem(printable(path), error))

    def _visit(
        self, entry: os.DirEntry[str], folder: _Folder, segments: tuple[str, ...]
    ) -> Part | None:
        """Return the file, or None for a folder (kept for later) and what is left out."""
        path = "/".join(segments)
        where = str(self._location / path)
        if self._globs and self._is_excluded(entry, segments):
            return None
        check_name(entry.name, path=where)
        real, status = self._resolve(entry, where)
        if stat.S_ISDIR(status.st_mode):
            if entry.is_symlink() and real in folder.lineage():
                raise UnsafePathError(
                    "the symbolic link leads back to a folder it is in",
                    hint="Remove the link, or leave it out with --exclude.",
                    path=where,
                )
            self._pending.append(_Folder(real, segments, folder))
            return None
        if not stat.S_ISREG(status.st_mode):
            raise UnsafePathError(
                f"is {_special(status)}, not a file",
                hint="Leave it out with --exclude.",
                path=where,
            )
        return Part(path, Path(real), status.st_size)

    def _is_excluded(self, entry: os.DirEntry[str], segments: tuple[str, ...]) -> bool:
        try:
            is_folder = entry.is_dir()
        except OSError:  # a link that runs in a circle can still be excluded by name
            is_folder = False
        return any(glob.matches(segments, is_folder=is_folder) for glob in self._globs)

    def _resolve(self, entry: os.DirEntry[str], where: str) -> tuple[str, os.stat_result]:
        """Return the real path and the status of what the entry stands for."""
        try:
            if not entry.is_symlink():
                return entry.path, entry.stat(follow_symlinks=False)
            real = os.path.realpath(entry.path, strict=True)
            status = os.stat(real)  # noqa: PTH116 -- a Path for each of millions is slow
        except FileNotFoundError as error:
            if entry.is_symlink():
                raise UnsafePathError(
                    "the symbolic link points to nothing",
                    hint="Remove the link, or leave it out with --exclude.",
                    path=where,
                ) from error
            raise FileChangedError("disappeared while it was listed", path=where) from error
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise UnsafePathError(
                    "the symbolic link runs in a circle",
                    hint="Remove the link, or leave it out with --exclude.",
                    path=where,
                ) from error
            raise UnreadableError(f"cannot be read ({error.strerror})", path=where) from error
        if real != self._root and not real.startswith(self._root.rstrip("/") + "/"):
            raise UnsafePathError(
                "the symbolic link leads out of the data set",
                hint="Copy the file into the data set, or leave the link out with --exclude.",
                path=where,
            )
        return real, status
