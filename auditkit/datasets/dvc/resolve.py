"""From a path to what DVC tracks there: in a `.dvc` file, or in a `dvc.lock`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auditkit.datasets.dvc.paths import join, parent
from auditkit.datasets.dvc.pipeline import entry_name, stage_folders
from auditkit.datasets.dvc.pointers import (
    MAX_POINTER_BYTES,
    LockedStage,
    Tracked,
    parse_lock,
    parse_pointer,
)
from auditkit.datasets.dvc.project import LOCK_FILE, PIPELINE_FILE, POINTER_SUFFIX
from auditkit.datasets.dvc.sources import ProjectFiles
from auditkit.datasets.names import printable
from auditkit.errors import AuditkitError, DataNotFoundError, UsageError


@dataclass(frozen=True, slots=True)
class Resolved:
    """What DVC tracks, and where that stands: the pointer's path in the project, and the stage.

    `is_dependency` is set for what a stage reads.
    """

    tracked: Tracked
    pointer: str
    stage: str | None = None
    is_dependency: bool = False


def resolve(files: ProjectFiles, path: str) -> Resolved:
    """Return what DVC tracks at `path` in the project: a `.dvc` file's path, or that of the data.

    Raises:
        DataNotFoundError: nothing tracks it.
        UsageError: a `.dvc` file that tracks several things.
        PointerError, UnsafePathError, UnreadableError, GitError: the pointer cannot be read.
    """
    if path.endswith(POINTER_SUFFIX):
        found = _pointed(files, path)
        if found is not None:
            return Resolved(_only(found, path), path)
    beside = path + POINTER_SUFFIX
    for tracked in _pointed(files, beside) or ():
        if tracked.path == path:
            return Resolved(tracked, beside)
    for folder in _upwards(parent(path)):
        lock = join(folder, LOCK_FILE)
        for stage in locked_stages(files, lock).values():
            for tracked in stage.outputs:
                if tracked.path == path:
                    return Resolved(tracked, lock, stage.name)
    raise DataNotFoundError(
        "DVC does not track this path",
        hint="Name the .dvc file, or the path of an output in dvc.lock as it is written there.",
        path=printable(path),
    )


def resolve_in_stage(files: ProjectFiles, lock: str, stage: str, path: str) -> Resolved:
    """Return what a stage of the `dvc.lock` at `lock` says of `path`.

    Raises:
        DataNotFoundError: there is no such stage, or it does not name the path.
        PointerError, UnsafePathError, UnreadableError, GitError: the file cannot be read.
    """
    found = locked_stages(files, lock).get(stage)
    for entries, is_dependency in (
        ((found.outputs, False), (found.dependencies, True)) if found else ()
    ):
        for tracked in entries:
            if tracked.path == path:
                return Resolved(tracked, lock, stage, is_dependency)
    raise DataNotFoundError(
        f"the stage {printable(stage[:80])!r} in {lock} does not name this path",
        path=printable(path),
    )


def locked_stages(files: ProjectFiles, lock: str) -> dict[str, LockedStage]:
    """Return the stages in the `dvc.lock` at this path; none if there is no such file."""
    data = files.read(lock, MAX_POINTER_BYTES)
    if data is None:
        return {}
    pipeline = files.read(join(parent(lock), PIPELINE_FILE), MAX_POINTER_BYTES)
    try:
        folders = stage_folders(pipeline) if pipeline else {}
        return parse_lock(data, lock, lambda stage: folders.get(entry_name(stage), "."))
    except AuditkitError as error:
        error.path = error.path or lock
        raise


def tracked_in(files: ProjectFiles, pointer: str) -> tuple[Tracked, ...]:
    """Return everything that a `.dvc` file or `dvc.lock` tracks; nothing if there is none.

    Raises as `resolve` does where it cannot be read.
    """
    if pointer.rpartition("/")[2] != LOCK_FILE:
        return _pointed(files, pointer) or ()
    return tuple(
        tracked for stage in locked_stages(files, pointer).values() for tracked in stage.outputs
    )


def _pointed(files: ProjectFiles, path: str) -> tuple[Tracked, ...] | None:
    data = files.read(path, MAX_POINTER_BYTES)
    if data is None:
        return None
    try:
        return parse_pointer(data, path)
    except AuditkitError as error:
        error.path = error.path or path
        raise


def _only(found: tuple[Tracked, ...], pointer: str) -> Tracked:
    if len(found) == 1:
        return found[0]
    names = ", ".join(printable(each.written) for each in found[:10])
    raise UsageError(
        f"tracks {len(found)} files or folders" if found else "tracks nothing",
        hint=f"Name one of them: dvc:PATH, of {names}." if found else None,
        path=printable(pointer),
    )


def _upwards(folder: str) -> Iterable[str]:
    while folder:
        yield folder
        folder = parent(folder)
    yield ""
