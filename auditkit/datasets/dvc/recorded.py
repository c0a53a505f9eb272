"""Where the files of a recorded version are now: the workspace, or else the cache and remotes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from auditkit.datasets.base import Plan, Reference
from auditkit.datasets.dvc.paths import join
from auditkit.datasets.dvc.plan import DvcPlanner
from auditkit.datasets.dvc.pointers import FOLDER_SUFFIX, Tracked
from auditkit.datasets.dvc.resolve import Resolved, tracked_in
from auditkit.datasets.dvc.sources import ProjectFiles, WorkingFiles, committed_pointers
from auditkit.datasets.dvc.stored import StoredFiles
from auditkit.datasets.location import plan_files
from auditkit.datasets.requests import PlanRequest, Recorded
from auditkit.errors import DataError, DataNotFoundError, GitError, PointerError
from auditkit.manifest.dvc import DvcVersion


def plan_dvc(request: PlanRequest) -> Plan:
    """Return the files of data that DVC tracks: see `DvcPlanner` for what is raised.

    A recorded version is looked for in the workspace while DVC says that it has this version, and
    else among the objects of the cache and the remotes, by the MD5 that was recorded. What is found
    there is evidence only by its SHA-256, which is compared later.
    """
    recorded = request.recorded
    if recorded is None or recorded.dataset.dvc is None:
        return DvcPlanner(request).capture()
    moved = request.reference.location != recorded.dataset.location
    try:
        return _Search(request, recorded.dataset.dvc).plan()
    except DataNotFoundError:
        plain = _plain(request, recorded)
        if not moved or not (request.base / plain.location).exists():
            raise
        return replace(plan_files(replace(request, reference=plain)), format="dvc")


def _plain(request: PlanRequest, recorded: Recorded) -> Reference:
    """Return the reference for a copy of the data that lies somewhere else, without DVC."""
    is_table = recorded.dataset.table is not None
    return Reference(request.reference.location, "table" if is_table else "files")


class _Search:
    """Looks for one recorded version in one project."""

    def __init__(self, request: PlanRequest, recorded: DvcVersion) -> None:
        self._planner = DvcPlanner(request)
        self._recorded = recorded
        md5 = recorded.md5
        tracked = Tracked(
            written=request.reference.location,
            path=self._planner.data_path(),
            md5=md5.removesuffix(FOLDER_SUFFIX) if md5 else None,
            is_folder=(md5 or "").endswith(FOLDER_SUFFIX),
            algorithm=recorded.hash,
            remote=recorded.remote,
        )
        pointer = join("", recorded.pointer)
        self._resolved = Resolved(self._with_versions(tracked, pointer), pointer, recorded.stage)

    def _with_versions(self, tracked: Tracked, pointer: str) -> Tracked:
        """Return tracked data with the versions that its files have in cloud-versioned remotes.

        They stand in DVC's own file: as it is now, or as a branch or a tag has it.
        """
        planner = self._planner
        if not any(remote.by_path for remote in planner.settings.candidates(tracked.remote)):
            return tracked
        for files in self._pointers(pointer):
            try:
                found = tracked_in(files, pointer)
            except (DataError, GitError):
                continue
            for each in found:
                if each.is_same(tracked) and each.path == tracked.path:
                    return replace(tracked, cloud=each.cloud, files=each.files)
        return tracked

    def _pointers(self, pointer: str) -> Iterator[ProjectFiles]:
        yield WorkingFiles(self._planner.project)
        seen: set[str] = set()
        for committed in committed_pointers(self._planner.project, pointer):
            if committed.blob not in seen:
                seen.add(committed.blob)
                yield committed.files

    def plan(self) -> Plan:
        """Return the plan; raises DataNotFoundError if nothing of the version is anywhere."""
        planner, tracked = self._planner, self._resolved.tracked
        here = planner.workspace.has(planner.path_of(tracked))
        if here and (self._recorded.agrees is False or planner.is_current(self._resolved)):
            return planner.in_workspace(self._resolved, None)
        stored = self._stored(optional=here)
        if stored is not None and not stored.missing:
            return self._in_stores(stored, "another version" if here else "nothing")
        if here:
            plan = planner.in_workspace(self._resolved, None)
            return replace(plan, note="DVC says that the workspace has another version")
        if stored is None or not stored.parts:
            raise planner.absent(tracked, stored.missing if stored else ())
        return self._in_stores(stored, "nothing")

    def _stored(self, *, optional: bool) -> StoredFiles | None:
        """Return the objects of the version, None where DVC does not know any.

        With `optional` what keeps them from being found is no error.
        """
        tracked = self._resolved.tracked
        if tracked.md5 is None:
            return None
        try:
            return self._planner.stored(tracked)
        except PointerError as error:
            if optional:
                return None
            raise DataNotFoundError(
                f"{error.message}; so its files cannot be found", path=error.path
            ) from error
        except DataError:
            if optional:
                return None
            raise

    def _in_stores(self, stored: StoredFiles, workspace: str) -> Plan:
        plan = self._planner.in_stores(self._resolved, stored, None)
        places = {"cache": "DVC's cache", "remote": f"DVC's remote {stored.remote}"}
        read = " and ".join(places[place] for place in sorted(stored.read_from))
        return replace(plan, note=f"read from {read}; the workspace has {workspace}")
