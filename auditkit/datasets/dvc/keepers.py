"""What would keep a version from `dvc gc`, and which stores have all of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from auditkit.datasets.dvc.listing import ListedFile
from auditkit.datasets.dvc.pointers import Tracked
from auditkit.datasets.dvc.resolve import tracked_in
from auditkit.datasets.dvc.settings import read_settings
from auditkit.datasets.dvc.sources import CommittedFiles, committed_pointers
from auditkit.datasets.dvc.stored import Store, find_files, find_listing, stores
from auditkit.datasets.dvc.version import TrackedVersion
from auditkit.errors import DataError, GitError
from auditkit.stores.s3_client import S3Settings

_BRANCHES: Final = "refs/heads/"
_TAGS: Final = "refs/tags/"


@dataclass(frozen=True, slots=True)
class Keepers:
    """Branches and tags whose pointer names the version, and stores that have all its objects.

    `remote` is the name of a remote that has them.
    """

    branches: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    cache: bool = False
    remote: str | None = None


def find_keepers(version: TrackedVersion, s3: S3Settings) -> Keepers:
    """Return what keeps a version, as far as the project and its repository tell.

    Only the pointer that names it is looked at, in the commits that branches and tags name now.
    """
    project, tracked = Path(version.project), version.resolved.tracked
    complete = [store for store in _reachable(project, tracked, s3) if _has_all(store, tracked)]
    refs = list(_naming(project, version.resolved.pointer, tracked))
    return Keepers(
        branches=tuple(name.removeprefix(_BRANCHES) for name in refs if name.startswith(_BRANCHES)),
        tags=tuple(name.removeprefix(_TAGS) for name in refs if name.startswith(_TAGS)),
        cache=any(store.place == "cache" for store in complete),
        remote=next((store.name for store in complete if store.place == "remote"), None),
    )


def _reachable(project: Path, tracked: Tracked, s3: S3Settings) -> Iterator[Store]:
    try:
        yield from stores(read_settings(project, os.environ), tracked, s3)
    except DataError:  # a remote that cannot be read is known to keep nothing
        return


def _has_all(store: Store, tracked: Tracked) -> bool:
    if tracked.md5 is None:
        return False
    try:
        files = [ListedFile("", tracked.md5)]
        if tracked.is_folder:
            files = list(find_listing(tracked, [store]) or ())
        return bool(files) and not find_files(tracked, files, [store]).missing
    except DataError:
        return False


def _naming(project: Path, pointer: str, tracked: Tracked) -> Iterator[str]:
    """Yield the full names of branches and tags in whose commit the pointer names the version."""
    known: dict[str, bool] = {}
    for committed in committed_pointers(project, pointer):
        if committed.blob not in known:
            known[committed.blob] = _names(committed.files, pointer, tracked)
        if known[committed.blob]:
            yield committed.ref


def _names(files: CommittedFiles, pointer: str, tracked: Tracked) -> bool:
    try:
        return any(each.is_same(tracked) for each in tracked_in(files, pointer))
    except (DataError, GitError):  # what cannot be read keeps nothing that is known
        return False
