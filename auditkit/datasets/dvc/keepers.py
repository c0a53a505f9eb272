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
from auditkit.datasets.dvc.sources import CommittedFiles, prefix_of
from auditkit.datasets.dvc.stored import Store, find_files, find_listing, stores
from auditkit.datasets.dvc.version import TrackedVersion
from auditkit.errors import DataError, GitError
from auditkit.git import Ref, Repository

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


def find_keepers(version: TrackedVersion) -> Keepers:
    """Return what keeps a version, as far as the project and its repository tell.

    Only the pointer that names it is looked at, in the commits that branches and tags name now.
    """
    project, tracked = Path(version.project), version.resolved.tracked
    complete = [store for store in _reachable(project, tracked) if _has_all(store, tracked)]
    refs = list(_naming(project, version.resolved.pointer, tracked))
    return Keepers(
        branches=tuple(name.removeprefix(_BRANCHES) for name in refs if name.startswith(_BRANCHES)),
        tags=tuple(name.removeprefix(_TAGS) for name in refs if name.startswith(_TAGS)),
        cache=any(store.place == "cache" for store in complete),
        remote=next((store.name for store in complete if store.place == "remote"), None),
    )


def _reachable(project: Path, tracked: Tracked) -> Iterator[Store]:
    try:
        yield from stores(read_settings(project, os.environ), tracked)
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
    try:
        repository = Repository.discover(project)
        if repository is None or repository.root is None:
            return
        yield from _naming_in(repository, prefix_of(project, repository.root), pointer, tracked)
    except GitError:  # what git cannot tell keeps nothing that is known
        return


def _naming_in(
    repository: Repository, prefix: str, pointer: str, tracked: Tracked
) -> Iterator[str]:
    refs = repository.refs()
    blobs = repository.blobs([ref.commit for ref in refs], prefix + pointer)
    known: dict[str, bool] = {}
    for ref, blob in zip(refs, blobs, strict=True):
        if blob is None:
            continue
        if blob.id not in known:
            known[blob.id] = _names(repository, ref, prefix, pointer, tracked)
        if known[blob.id]:
            yield ref.name


def _names(repository: Repository, ref: Ref, prefix: str, pointer: str, tracked: Tracked) -> bool:
    files = CommittedFiles(repository, ref.commit, prefix)
    try:
        return any(
            (each.md5, each.algorithm) == (tracked.md5, tracked.algorithm)
            for each in tracked_in(files, pointer)
        )
    except DataError:
        return False
