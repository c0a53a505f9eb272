"""From `s3://…` to a plan: the objects that are there now, each in the state that it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from auditkit.datasets.base import Part, Parts, Plan, Problem, Reading
from auditkit.datasets.globs import is_excluded, parse_glob
from auditkit.datasets.kinds import guess_format
from auditkit.datasets.location import asked_reading, check_count
from auditkit.datasets.names import check_name, is_recordable_path, printable
from auditkit.datasets.requests import PlanRequest
from auditkit.datasets.s3.address import ObjectAddress, S3Location
from auditkit.datasets.s3.listing import Bucket, Listed
from auditkit.datasets.s3.source import S3Source
from auditkit.datasets.s3.state import BucketState
from auditkit.errors import (
    DataNotFoundError,
    EmptyDatasetError,
    ObjectNotFoundError,
    PathNameError,
    UnreadableError,
)


class S3Planner:
    """Plans objects of one bucket.

    Raises, as its methods do:
        DataNotFoundError: no such bucket, or nothing under this key or prefix.
        UnreadableError: refused, or no answer.
        UsageError: no bucket is named.
        PathNameError: a key that an inventory cannot carry; an object and a folder of one name.
        EmptyDatasetError: nothing but markers of folders, or all of it is excluded.
        UnsafePathError: more objects than are recorded.
    """

    def __init__(self, request: PlanRequest) -> None:
        self.location = S3Location.parse(request.reference.location)
        self.source = S3Source.of(request.s3)
        self.bucket = Bucket(self.source.connection, self.location.bucket)
        self.request = request
        self._globs = tuple(parse_glob(pattern) for pattern in request.excluded)
        self._problems: list[Problem] = []
        self._versioned = 0

    def plan(self) -> Plan:
        """Return the plan of what is there now."""
        try:
            found = self._find_object()
            return self.plan_object(found) if found else self._plan_folder()
        except ObjectNotFoundError as error:
            raise DataNotFoundError(error.message, hint=error.hint, path=error.path) from error

    def _find_object(self) -> Listed | None:
        """Return the object that the location names; None where it names a folder."""
        location, recorded = self.location, self.request.recorded
        kind = recorded.dataset.inventory.kind if recorded else None
        if not location.key or location.key.endswith("/") or kind == "folder":
            return None
        found = self.bucket.find(ObjectAddress(location.bucket, location.key))
        if found is not None and kind is None and self.bucket.has(location.prefix):
            raise PathNameError(
                "there is an object of this name, and a folder",
                hint="Put a slash behind the name of the folder; an object that shares its name "
                "with a folder has to be renamed.",
                path=printable(str(location)),
            )
        return found

    def plan_object(self, found: Listed) -> Plan:
        """Return the plan of a single object."""
        name = found.key.rpartition("/")[2]
        check_name(name, path=str(self.location))
        address = ObjectAddress(self.location.bucket, found.key, found.version, found.etag)
        part = Part(name, str(address), found.size or 0, self.source)
        reading = self._reading([part], single=True)
        return Plan(
            location=str(self.location),
            kind="file",
            format=reading,
            reading=reading,
            parts=Parts([part]),
            s3=BucketState("none" if found.version is None else "kept"),
        )

    def _plan_folder(self) -> Plan:
        prefix = self.location.prefix
        tells = self.bucket.tells_versions()
        listed = self._latest() if tells else self.bucket.objects(prefix)
        parts = self.parts_of(self.parts_in(listed))
        if not parts and not self._problems:
            raise self._nothing()
        if not tells:
            return self.plan_folder(parts, BucketState("unknown"))
        kept = self._versioned == len(parts)
        state = BucketState("kept" if kept else "partly" if self._versioned else "none")
        return self.plan_folder(parts, state)

    def plan_folder(self, parts: Parts, state: BucketState) -> Plan:
        """Return the plan of objects under a prefix."""
        reading = self._reading(parts, single=False)
        return Plan(
            location=self.location.folder,
            kind="folder",
            format=reading,
            reading=reading,
            parts=parts,
            excluded=self.request.excluded,
            problems=tuple(self._problems),
            s3=state,
        )

    def _latest(self) -> Iterator[Listed]:
        versions = self.bucket.versions(self.location.prefix)
        return (each for each in versions if each.is_latest and each.size is not None)

    def parts_in(self, listed: Iterable[Listed]) -> Iterator[Part]:
        """Yield the parts of a folder; what an inventory cannot carry becomes a problem."""
        for count, each in enumerate(listed, 1):
            check_count(count, str(self.location))
            path = each.key.removeprefix(self.location.prefix)
            if self.is_left_out(path, each.size or 0):
                continue
            if not is_recordable_path(path):
                self._report(path)
                continue
            self._versioned += each.version is not None
            address = ObjectAddress(self.location.bucket, each.key, each.version, each.etag)
            yield Part(path, str(address), each.size or 0, self.source)

    def is_left_out(self, path: str, size: int) -> bool:
        """Tell whether an object is excluded, or is what stands for an empty folder in consoles."""
        marker = not path or (path.endswith("/") and size == 0)
        return marker or (bool(self._globs) and is_excluded(path, self._globs))

    def _report(self, path: str) -> None:
        error = PathNameError(
            "the object's key is no path inside a folder: an empty segment, '.' or '..', a control "
            "character or a backslash",
            hint="Rename it, or leave it out with --exclude.",
            path=printable(f"{self.location.folder}/{path}"),
        )
        if not self.request.collect:
            raise error
        self._problems.append(Problem(printable(path), error))

    def parts_of(self, found: Iterable[Part]) -> Parts:
        """Return the parts, packed and sorted."""
        parts = self._packed(found)
        if any(before >= after for before, after in pairwise(parts.paths)):
            parts = self._packed(sorted(parts, key=lambda part: part.path))
        if any(before == after for before, after in pairwise(parts.paths)):
            raise UnreadableError(
                "the server lists an object twice", path=printable(str(self.location))
            )
        return parts

    def _packed(self, parts: Iterable[Part]) -> Parts:
        return Parts(parts, self.location.folder, self.source)

    def _reading(self, parts: Iterable[Part], *, single: bool) -> Reading:
        recorded = self.request.recorded
        if recorded is not None:
            return "files" if recorded.dataset.table is None else "table"
        asked = asked_reading(self.request.reference)
        return asked or guess_format(parts, single=single)

    def _nothing(self) -> DataNotFoundError | EmptyDatasetError:
        path = printable(self.location.folder)
        if self.bucket.has(self.location.prefix):
            return EmptyDatasetError(
                "there are no files in it", hint="Check what --exclude leaves out.", path=path
            )
        return DataNotFoundError(
            "no object of this name, and none below it",
            hint="Check the bucket, the prefix and the endpoint.",
            path=path,
        )
