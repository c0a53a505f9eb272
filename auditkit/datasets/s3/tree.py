"""A folder in a bucket, asked for what lies in it by formats that name their own files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from auditkit.datasets.base import Part, Parts
from auditkit.datasets.names import printable
from auditkit.datasets.requests import PlanRequest
from auditkit.datasets.s3.address import ObjectAddress, S3Location
from auditkit.datasets.s3.listing import UNVERSIONED, Bucket, Listed
from auditkit.datasets.s3.source import S3Source
from auditkit.datasets.s3.state import BucketState, Since
from auditkit.errors import DataNotFoundError, ObjectNotFoundError, UnreadableError


class S3Tree:
    """Objects under a prefix; see `Tree`.

    Those whose version was recorded are there in that version and in no other, unless the newest
    were asked for or another place was named. All others are there as they are now.
    """

    def __init__(self, request: PlanRequest) -> None:
        place = S3Location.parse(request.reference.location)
        self.location = place.folder
        self._place = place
        self._source = S3Source.of(request.s3)
        self._bucket = Bucket(self._source.connection, place.bucket)
        self._recorded = _recorded_versions(request)
        self._overwritten: set[str] = set()
        self._deleted: set[str] = set()
        self._tells: bool | None = None

    def list(self, folder: str) -> list[Part]:
        """Return the files right in a folder, sorted; none where there is no such folder."""
        below = f"{folder}/"
        found = self._find(below, lambda path: "/" not in path.removeprefix(below))
        return [found[path] for path in sorted(found)]

    def find(self, paths: Iterable[str]) -> Iterator[Part | None]:
        """Yield for each path the file, or None where there is none."""
        asked = list(paths)
        wanted = set(asked)
        found = self._find("", wanted.__contains__) if wanted else {}
        return (found.get(path) for path in asked)

    def has(self, folder: str) -> bool:
        """Tell whether there is anything in a folder now."""
        with _planning():
            return self._bucket.has(f"{self._place.prefix}{folder}/")

    def pack(self, parts: Iterable[Part]) -> Parts:
        """Return files of the tree, packed."""
        return Parts(parts, self.location, self._source)

    def state(self, parts: Iterable[Part]) -> BucketState:
        """Return what the bucket says of files of the tree."""
        since = None
        if self._recorded:
            since = Since(overwritten=len(self._overwritten), deleted=len(self._deleted))
        if not self._tells:
            return BucketState("unknown", since)
        kept = {ObjectAddress.parse(part.real).version not in {None, UNVERSIONED} for part in parts}
        return BucketState("partly" if len(kept) > 1 else "kept" if True in kept else "none", since)

    def _find(self, below: str, is_wanted: Callable[[str], bool]) -> dict[str, Part]:
        found = {}
        with _planning():
            for each in self._listed(self._place.prefix + below):
                path = each.key.removeprefix(self._place.prefix)
                if is_wanted(path) and self._is_meant(path, each):
                    found[path] = Part(path, self._address(each), each.size or 0, self._source)
        return found

    def _listed(self, prefix: str) -> Iterator[Listed]:
        if self._tells is None:
            self._tells = self._bucket.tells_versions()
        if self._tells:
            return self._bucket.versions(prefix)
        if self._recorded:
            raise UnreadableError(
                "its versions may not be listed",
                hint="Ask for the right s3:ListBucketVersions.",
                path=printable(self.location),
            )
        return self._bucket.objects(prefix)

    def _is_meant(self, path: str, each: Listed) -> bool:
        recorded = self._recorded.get(path)
        if recorded is None:
            return each.is_latest and each.size is not None
        if each.size is not None and (each.version or "") == recorded:
            return True
        if each.is_latest:
            (self._deleted if each.size is None else self._overwritten).add(path)
        return False

    def _address(self, each: Listed) -> str:
        version = each.version or (None if each.is_latest else UNVERSIONED)
        return str(ObjectAddress(self._place.bucket, each.key, version, each.etag))


def _recorded_versions(request: PlanRequest) -> Mapping[str, str]:
    """Return the version of each object that is to be read: empty for what had none."""
    recorded = request.recorded
    if recorded is None or recorded.inventory is None or request.latest or recorded.moved:
        return {}
    states = recorded.inventory.states
    if states is None or not any(states.versions):
        return {}
    return dict(zip(recorded.inventory.files.paths, states.versions, strict=True))


@contextmanager
def _planning() -> Iterator[None]:
    try:
        yield
    except ObjectNotFoundError as error:
        raise DataNotFoundError(error.message, hint=error.hint, path=error.path) from error
