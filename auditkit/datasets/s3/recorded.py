"""Where the recorded versions of a data set are now: in the bucket, whatever came after them."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from auditkit.datasets.base import Part, Plan
from auditkit.datasets.inventory import Inventory, ObjectStates
from auditkit.datasets.names import printable
from auditkit.datasets.requests import PlanRequest
from auditkit.datasets.s3.address import ObjectAddress
from auditkit.datasets.s3.listing import UNVERSIONED, Listed
from auditkit.datasets.s3.plan import S3Planner
from auditkit.datasets.s3.state import BucketState, Since
from auditkit.errors import DataNotFoundError, ObjectNotFoundError, UnreadableError

_ABSENT: Final = -1


def plan_s3(request: PlanRequest) -> Plan:
    """Return the objects of a data set: see `S3Planner` for what is raised.

    Where versions were recorded, those are read and no others, unless the newest were asked for or
    another place was named. Otherwise it is what is there now.
    """
    planner = S3Planner(request)
    recorded = request.recorded
    if recorded is None or recorded.inventory is None:
        return planner.plan()
    inventory, states = recorded.inventory, recorded.inventory.states
    if request.latest or recorded.moved or states is None or not any(states.versions):
        return planner.plan()
    search = _Search(planner, inventory, states)
    try:
        return search.file() if recorded.dataset.inventory.kind == "file" else search.folder()
    except ObjectNotFoundError as error:
        raise DataNotFoundError(error.message, hint=error.hint, path=error.path) from error


class _Search:
    """Looks for the recorded versions, in listings of any order."""

    def __init__(self, planner: S3Planner, inventory: Inventory, states: ObjectStates) -> None:
        self._planner = planner
        self._paths = inventory.files.paths
        self._versions = states.versions
        self._sizes = array("q", [_ABSENT]) * len(inventory)
        self._hidden: set[int] = set()
        self._overwritten = self._deleted = self._added = 0

    def file(self) -> Plan:
        """Return the plan of a single object's recorded version."""
        location, version = self._planner.location, self._versions[0]
        address = ObjectAddress(location.bucket, location.key, version)
        found = self._planner.bucket.find(address)
        if found is None:
            raise self._gone(f"the recorded version {version} is")
        now = self._planner.bucket.find(ObjectAddress(location.bucket, location.key))
        since = Since(
            overwritten=int(now is not None and now.version != version), deleted=int(now is None)
        )
        plan = self._planner.plan_object(replace(found, version=version))
        return replace(plan, s3=BucketState("kept", since), note=since.describe())

    def folder(self) -> Plan:
        """Return the plan of those recorded versions that are there."""
        planner = self._planner
        if not planner.bucket.tells_versions():
            raise UnreadableError(
                "its versions may not be listed",
                hint="Ask for the right s3:ListBucketVersions.",
                path=printable(planner.location.folder),
            )
        for each in planner.bucket.versions(planner.location.prefix):
            self._take(each)
        parts = planner.parts_of(self._parts())
        if not parts:
            raise self._gone("none of the recorded versions is")
        missing = len(self._paths) - len(parts)
        since = Since(self._overwritten, self._deleted, self._added, missing)
        kept = all(self._versions)
        plan = planner.plan_folder(parts, BucketState("kept" if kept else "partly", since))
        return replace(plan, note=since.describe())

    def _take(self, each: Listed) -> None:
        path = each.key.removeprefix(self._planner.location.prefix)
        index = bisect_left(self._paths, path)
        if index == len(self._paths) or self._paths[index] != path:
            exists = each.is_latest and each.size is not None
            self._added += exists and not self._planner.is_left_out(path, each.size or 0)
            return
        if each.size is not None and (each.version or "") == self._versions[index]:
            self._sizes[index] = each.size
            if not each.is_latest:
                self._hidden.add(index)
        elif each.is_latest and each.size is None:
            self._deleted += 1
        elif each.is_latest:
            self._overwritten += 1

    def _parts(self) -> Iterator[Part]:
        location, source = self._planner.location, self._planner.source
        for index, path in enumerate(self._paths):
            size = self._sizes[index]
            if size != _ABSENT:
                key = location.prefix + path
                version = self._versions[index] or (UNVERSIONED if index in self._hidden else None)
                yield Part(path, str(ObjectAddress(location.bucket, key, version)), size, source)

    def _gone(self, what: str) -> DataNotFoundError:
        location = printable(str(self._planner.location))
        return DataNotFoundError(
            f"{what} not in the bucket any more",
            hint="--against latest tells whether what is there now is what was recorded.",
            path=location,
        )
