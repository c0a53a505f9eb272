"""From a reference to a plan: every file of a data set on local disk, by name and size only."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from auditkit.datasets.base import Part, Parts, Plan, Problem, Reading, Reference
from auditkit.datasets.globs import parse_glob
from auditkit.datasets.kinds import guess_format
from auditkit.datasets.names import check_name, is_plain_name, printable
from auditkit.datasets.requests import PlanRequest
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


def plan_files(request: PlanRequest) -> Plan:
    """Return the plan of a file or folder on local disk; see `planning.plan` for what is raised.

    Nothing is opened. Symbolic links are followed as long as they stay inside the data set; the
    reference itself may be one.
    """
    location = absolute(request.base / request.reference.location)
    globs = tuple(parse_glob(pattern) for pattern in request.excluded)
    status = _stat(location)
    if stat.S_ISREG(status.st_mode):
        return _plan_file(request.reference, location, status.st_size)
    if not stat.S_ISDIR(status.st_mode):
        raise UnsafePathError(f"is {_special(status)}, not a file or folder", path=str(location))
    listed = list_folder(location, globs, collect=request.collect)
    parts = listed.parts
    if not parts and not request.collect:
        hint = "Check the path" + (" and what --exclude leaves out." if globs else ".")
        raise EmptyDatasetError("there are no files in it", hint=hint, path=str(location))
    format = asked_reading(request.reference) or guess_format(parts, single=False)
    return Plan(str(location), "folder", format, format, parts, request.excluded, listed.problems)


class Exclusion(Protocol):
    """Something that leaves paths out of a folder."""

    def matches(self, path: Sequence[str], *, is_folder: bool) -> bool:
        """Tell whether to leave out a path, given as its segments; asked from the top down."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The files of a folder, sorted, and what could not be listed."""

    parts: Parts
    problems: tuple[Problem, ...]


def list_folder(
    location: Path,
    exclusions: Sequence[Exclusion],
    *,
    collect: bool,
    links_into: Sequence[Path] = (),
) -> Listed:
    """Return the files in a folder and below it, without those that are left out.

    Links are followed where they stay inside the folder, or lead into the folders `links_into`.
    Raises as `plan_files` does for a folder, unless `collect` makes problems of it.
    """
    walk = _Walk(location, tuple(exclusions), links_into, collect=collect)
    parts = Parts(walk.files(), walk.root)
    return Listed(parts, tuple(sorted(walk.problems, key=lambda problem: problem.path)))


def _plan_file(reference: Reference, location: Path, size: int) -> Plan:
    check_name(location.name, path=str(location))
    parts = Parts([Part(location.name, os.path.realpath(location), size)])
    format = asked_reading(reference) or guess_format(parts, single=True)
    return Plan(str(location), "file", format, format, parts)


def asked_reading(reference: Reference) -> Reading | None:
    """Return how the files are to be read, where the reference says so."""
    return reference.format if reference.format in {"files", "table"} else None


def check_count(count: int, location: str) -> None:
    """Raise UnsafePathError for more files than are recorded."""
    if count > MAX_FILES:
        raise UnsafePathError(
            f"has more than {MAX_FILES} files",
            hint="Look for links to folders, or record its parts one by one.",
            path=location,
        )


def absolute(path: Path) -> Path:
    """Return an absolute path without `..`."""
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


@dataclass(frozen=True)
class _Folder:
    """A folder on the way down: its real path, its path in the data set, how it was reached."""

    real: str
    segments: tuple[str, ...]
    parent: _Folder | None = None

    def below(self, found: _Found) -> _Folder:
        name = found.order[:-1].decode()
        return _Folder(found.real or self._inside + name, (*self.segments, name), self)

    def part(self, found: _Found, size: int) -> Part:
        name = found.order.decode()
        return Part(self._prefix + name, found.real or self._inside + name, size)

    @cached_property
    def _inside(self) -> str:
        return self.real.rstrip("/") + "/"

    @cached_property
    def _prefix(self) -> str:
        return "".join(segment + "/" for segment in self.segments)

    def lineage(self) -> Iterator[str]:
        folder: _Folder | None = self
        while folder is not None:
            yield folder.real
            folder = folder.parent


class _Found(NamedTuple):
    """What a folder holds: `order` sorts it among its siblings by the bytes of full paths.

    A folder has no `size`; a file has its real path only where a link leads to it.
    """

    order: bytes
    size: int | None
    real: str | None


class _Walk:
    """One pass over a tree in the order of paths.

    It is made without recursion, as a deep tree is no reason to fail, and keeps little of a file,
    as a folder may hold millions.
    """

    def __init__(
        self,
        location: Path,
        exclusions: tuple[Exclusion, ...],
        links_into: Sequence[Path],
        *,
        collect: bool,
    ) -> None:
        self.problems: list[Problem] = []
        self.root = os.path.realpath(location)
        self._roots = (self.root, *map(os.path.realpath, links_into))
        self._location = location
        self._shown = str(location).rstrip("/")
        self._exclusions = exclusions
        self._collect = collect

    def files(self) -> Iterator[Part]:
        top = _Folder(self.root, ())
        pending = [(top, self._listed(top))]
        count = 0
        while pending:
            folder, found = pending[-1]
            for each in found:
                if each.size is None:
                    below = folder.below(each)
                    pending.append((below, self._listed(below)))
                    break
                count += 1
                check_count(count, str(self._location))
                yield folder.part(each, each.size)
            else:
                pending.pop()

    def _listed(self, folder: _Folder) -> Iterator[_Found]:
        """Return what the folder holds, sorted; the list is freed as it is gone through."""
        try:
            with os.scandir(folder.real) as entries:
                found = sorted(self._visited(entries, folder), reverse=True)
        except OSError as error:
            path = "/".join(folder.segments)
            where = printable(str(self._location / path))
            problem = UnreadableError(f"cannot be listed ({error.strerror})", path=where)
            if not folder.segments:
                raise problem from error
            self._report(path, problem)
            return
        while found:
            yield found.pop()

    def _report(self, path: str, error: DataError) -> None:
        if not self._collect:
            raise error
        self.problems.append(Problem(printable(path), error))

    def _visited(self, entries: Iterable[os.DirEntry[str]], folder: _Folder) -> Iterator[_Found]:
        for entry in entries:
            found = self._visit_plain(entry)
            if found is not None:
                yield found
                continue
            segments = (*folder.segments, entry.name)
            try:
                if self._exclusions and self._is_excluded(entry, segments):
                    continue
                yield self._visit(entry, folder, "/".join((self._shown, *segments)))
            except DataError as error:
                self._report("/".join(segments), error)

    def _visit_plain(self, entry: os.DirEntry[str]) -> _Found | None:
        """Return a file about which there is nothing to say, as nearly all are; else None."""
        name = entry.name
        if self._exclusions or not is_plain_name(name) or not entry.is_file(follow_symlinks=False):
            return None
        try:
            size = entry.stat(follow_symlinks=False).st_size
        except OSError:
            return None
        return _Found(name.encode(), size, None)

    def _visit(self, entry: os.DirEntry[str], folder: _Folder, where: str) -> _Found:
        check_name(entry.name, path=where)
        real, status = self._resolve(entry, where)
        linked = real if entry.is_symlink() else None
        if stat.S_ISREG(status.st_mode):
            return _Found(entry.name.encode(), status.st_size, linked)
        if not stat.S_ISDIR(status.st_mode):
            raise UnsafePathError(
                f"is {_special(status)}, not a file",
                hint="Leave it out with --exclude.",
                path=where,
            )
        if linked is not None and linked in folder.lineage():
            raise UnsafePathError(
                "the symbolic link leads back to a folder it is in",
                hint="Remove the link, or leave it out with --exclude.",
                path=where,
            )
        return _Found(entry.name.encode() + b"/", None, linked)

    def _is_excluded(self, entry: os.DirEntry[str], segments: tuple[str, ...]) -> bool:
        try:
            is_folder = entry.is_dir()
        except OSError:  # a link that runs in a circle can still be excluded by name
            is_folder = False
        return any(each.matches(segments, is_folder=is_folder) for each in self._exclusions)

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
        if not any(f"{real}/".startswith(root.rstrip("/") + "/") for root in self._roots):
            raise UnsafePathError(
                "the symbolic link leads out of the data set",
                hint="Copy the file into the data set, or leave the link out with --exclude.",
                path=where,
            )
        return real, status
