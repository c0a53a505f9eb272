"""DVC's own files, read from the working tree or from a commit's objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from auditkit.datasets.dvc.project import read_optional
from auditkit.errors import DataNotFoundError, GitError
from auditkit.git import Repository


class ProjectFiles(Protocol):
    """Small files of a project, by paths relative to it."""

    def read(self, path: str, limit: int) -> bytes | None:
        """Return the content of a file; None if there is none.

        Raises:
            PointerError: it has more than `limit` bytes, or is no regular file.
            UnreadableError: the operating system refused.
            GitError: git failed, or the file has more than `limit` bytes.
        """


@dataclass(frozen=True, slots=True)
class WorkingFiles:
    """The files as they are in the working tree."""

    project: Path

    def read(self, path: str, limit: int) -> bytes | None:
        """Return the content of a file; see `ProjectFiles`."""
        return read_optional(self.project / path, limit)


@dataclass(frozen=True, slots=True)
class CommittedFiles:
    """The files as they were in a commit; `prefix` is the project's folder in the repository."""

    repository: Repository
    commit: str
    prefix: str

    def read(self, path: str, limit: int) -> bytes | None:
        """Return the content of a file; see `ProjectFiles`."""
        return self.repository.blob(self.commit, self.prefix + path, limit=limit)


def at_revision(project: Path, revision: str) -> CommittedFiles:
    """Return the files of the commit that `revision` names.

    Raises:
        DataNotFoundError: no such revision.
        GitError: the project is in no git repository, or git failed.
    """
    repository = Repository.discover(project)
    if repository is None or repository.root is None:
        raise GitError(
            "is in no git repository, so it has no revisions",
            hint="Leave out @REVISION to record the data as it is now.",
            path=str(project),
        )
    commit = repository.resolve(revision)
    if commit is None:
        raise DataNotFoundError(
            f"git has no revision {revision[:80]!r}",
            hint="Name a tag, a branch or a commit; git fetch --tags gets those of others.",
            path=str(project),
        )
    return CommittedFiles(repository, commit, prefix_of(project, repository.root))


@dataclass(frozen=True, slots=True)
class CommittedPointer:
    """One of DVC's own files as a branch or tag has it; `blob` is its id in git."""

    ref: str
    blob: str
    files: CommittedFiles


def committed_pointers(project: Path, pointer: str) -> Iterator[CommittedPointer]:
    """Yield a file of the project in the commits that branches and tags name now.

    Nothing where there is no git repository, or git fails.
    """
    try:
        repository = Repository.discover(project)
        if repository is None or repository.root is None:
            return
        prefix = prefix_of(project, repository.root)
        refs = repository.refs()
        blobs = repository.blobs([ref.commit for ref in refs], prefix + pointer)
    except GitError:
        return
    for ref, blob in zip(refs, blobs, strict=True):
        if blob is not None:
            files = CommittedFiles(repository, ref.commit, prefix)
            yield CommittedPointer(ref.name, blob.id, files)


def prefix_of(project: Path, root: Path) -> str:
    """Return what stands before the paths of a project in the repository at `root`."""
    inside = project.resolve().relative_to(root).as_posix()
    return "" if inside == "." else f"{inside}/"
