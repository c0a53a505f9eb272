"""From a reference to the files of one version of data that DVC tracks."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from auditkit.datasets.base import Parts, Plan
from auditkit.datasets.dvc.listing import ListedFile
from auditkit.datasets.dvc.pointers import Tracked
from auditkit.datasets.dvc.project import POINTER_SUFFIX, find_project, relative
from auditkit.datasets.dvc.resolve import Resolved, resolve, resolve_in_stage
from auditkit.datasets.dvc.settings import read_settings
from auditkit.datasets.dvc.sources import ProjectFiles, WorkingFiles, at_revision
from auditkit.datasets.dvc.stored import Store, StoredFiles, find_files, find_listing, stores
from auditkit.datasets.dvc.version import TrackedVersion
from auditkit.datasets.dvc.workspace import Workspace, WorkspaceFiles
from auditkit.datasets.globs import is_excluded, parse_glob
from auditkit.datasets.kinds import guess_format
from auditkit.datasets.location import absolute
from auditkit.datasets.names import printable
from auditkit.datasets.requests import PlanRequest
from auditkit.errors import DataError, DataNotFoundError, EmptyDatasetError, UnsafePathError
from auditkit.manifest.dvc import DvcRevision


class DvcPlanner:
    """Plans data in one DVC project; nothing in it is ever written to.

    Raises, as its methods do:
        DataNotFoundError: no DVC project, nothing tracked there, or the data is nowhere.
        PointerError: one of DVC's files cannot be read as one.
        UnsafePathError: a path or link leads out of the project.
        UnreadableError: the system refused, or a remote cannot be read.
        GitError: git failed.
    """

    def __init__(self, request: PlanRequest) -> None:
        self.path = absolute(request.base / request.reference.location)
        self.project = find_project(self.path)
        self.settings = read_settings(self.project, os.environ)
        self.workspace = Workspace(self.project, self.settings.cache)
        self._globs = tuple(parse_glob(pattern) for pattern in request.excluded)
        self._request = request

    def capture(self) -> Plan:
        """Return the plan of what the reference names.

        It is the data in the workspace; or the objects, where the workspace does not have the data,
        or has another version than the revision that was asked for.
        """
        files, revision = self._files()
        resolved = self._resolve(files)
        path = self.path_of(resolved.tracked)
        if self.workspace.has(path) and (revision is None or self.is_current(resolved)):
            return self.in_workspace(resolved, revision)
        stored = self.stored(resolved.tracked)
        if stored.missing:
            raise self.absent(resolved.tracked, stored.missing)
        return self.in_stores(resolved, stored, revision)

    def _files(self) -> tuple[ProjectFiles, DvcRevision | None]:
        requested = self._request.reference.version
        if requested is None:
            return WorkingFiles(self.project), None
        committed = at_revision(self.project, requested)
        return committed, DvcRevision(requested=requested, commit=committed.commit)

    def _resolve(self, files: ProjectFiles) -> Resolved:
        path = relative(self.path, self.project)
        entry = self._request.reference.entry
        if entry is None:
            return resolve(files, path)
        return resolve_in_stage(files, entry.lock, entry.stage, path)

    def data_path(self) -> str:
        """Return the path in the project of the data that the reference names.

        The reference may be the path itself, or that of a `.dvc` file.
        """
        path = relative(self.path, self.project)
        if not path.endswith(POINTER_SUFFIX):
            return path
        return self.path_of(resolve(WorkingFiles(self.project), path).tracked)

    def path_of(self, tracked: Tracked) -> str:
        """Return the path of tracked data in the project."""
        if not tracked.path:
            raise UnsafePathError(
                f"DVC tracks what lies outside the project: {printable(tracked.written[:200])!r}",
                hint="Record it by its own path: --dataset NAME=REF.",
                path=printable(str(self.path)),
            )
        return tracked.path

    def is_current(self, resolved: Resolved) -> bool:
        """Tell whether the working tree's pointer names the same version."""
        now = self.current(resolved)
        return now is not None and now.is_same(resolved.tracked)

    def current(self, resolved: Resolved) -> Tracked | None:
        """Return what the working tree's pointer says now of the same data; None if nothing."""
        files, path = WorkingFiles(self.project), resolved.tracked.path or ""
        try:
            if resolved.stage is None:
                return resolve(files, path).tracked
            return resolve_in_stage(files, resolved.pointer, resolved.stage, path).tracked
        except DataError:
            return None

    def in_workspace(self, resolved: Resolved, revision: DvcRevision | None) -> Plan:
        """Return the plan of the data as it lies in the workspace."""
        tracked = resolved.tracked
        found = self.workspace.files(
            self.path_of(tracked), self._globs, tracked.algorithm, collect=self._request.collect
        )
        version = TrackedVersion(
            project=str(self.project),
            resolved=resolved,
            revision=revision,
            read_from={"workspace": len(found.parts)},
            remote=None,
            listing=self._listing(tracked),
            is_partial=bool(self._globs),
        )
        return self._plan(found, version)

    def _listing(self, tracked: Tracked) -> tuple[ListedFile, ...] | None:
        """Return DVC's list of a folder's files, None where it is not at hand or was altered."""
        try:
            listing = find_listing(tracked, self.stores(tracked))
        except DataError:
            return None
        return self._without_excluded(listing) if listing is not None else None

    def stores(self, tracked: Tracked) -> Iterator[Store]:
        """Yield the cache and the remotes of tracked data."""
        return stores(self.settings, tracked, self._request.s3)

    def stored(self, tracked: Tracked) -> StoredFiles:
        """Return where the objects of tracked data are."""
        files: Sequence[ListedFile]
        if tracked.is_folder:
            listing = find_listing(tracked, self.stores(tracked))
            if listing is None:
                raise self.absent(tracked, ())
            files = self._without_excluded(listing)
        else:
            name = self.path_of(tracked).rpartition("/")[2]
            files = [ListedFile(name, tracked.md5, tracked.size, tracked.cloud)]
        return find_files(tracked, files, self.stores(tracked))

    def _without_excluded(self, listing: Sequence[ListedFile]) -> tuple[ListedFile, ...]:
        if not self._globs:
            return tuple(listing)
        return tuple(file for file in listing if not is_excluded(file.path, self._globs))

    def in_stores(
        self, resolved: Resolved, stored: StoredFiles, revision: DvcRevision | None
    ) -> Plan:
        """Return the plan of objects in the cache and in remotes."""
        tracked = resolved.tracked
        version = TrackedVersion(
            project=str(self.project),
            resolved=resolved,
            revision=revision,
            read_from=stored.read_from,
            remote=stored.remote,
            listing=stored.wanted if tracked.is_folder else None,
        )
        parts = Parts(stored.parts, companion=tracked.algorithm)
        if not parts and not self._request.collect:
            raise EmptyDatasetError("there are no files in it", path=printable(str(self.path)))
        found = WorkspaceFiles("folder" if tracked.is_folder else "file", parts)
        return self._plan(found, version)

    def _plan(self, found: WorkspaceFiles, version: TrackedVersion) -> Plan:
        recorded = self._request.recorded
        reading = guess_format(found.parts, single=found.kind == "file")
        if recorded is not None:
            reading = "files" if recorded.dataset.table is None else "table"
        return Plan(
            location=str(self.project / self.path_of(version.resolved.tracked)),
            kind=found.kind,
            format="dvc",
            reading=reading,
            parts=found.parts,
            excluded=self._request.excluded,
            problems=found.problems,
            dvc=version,
        )

    def absent(self, tracked: Tracked, missing: Sequence[str]) -> DataNotFoundError:
        """Return the error for data that is neither in the workspace nor in any store."""
        what = f"{len(missing)} of its files ({printable(missing[0])}, …)" if missing else "it"
        return DataNotFoundError(
            f"{what} is neither in DVC's workspace nor in its cache or a remote that can be read",
            hint="Run dvc pull, or dvc fetch where another version is checked out.",
            path=printable(str(self.project / self.path_of(tracked))),
        )
