"""The objects of a version in DVC's cache and remotes: which are there, and how large."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from auditkit.datasets.base import Part
from auditkit.datasets.dvc.listing import MAX_LISTING_BYTES, ListedFile, parse_listing
from auditkit.datasets.dvc.objects import Address, Finder, FolderObjects, objects_at
from auditkit.datasets.dvc.pointers import FOLDER_SUFFIX, Tracked
from auditkit.datasets.dvc.settings import DvcSettings, Remote
from auditkit.datasets.names import printable
from auditkit.errors import PointerError, UnreadableError
from auditkit.manifest.dvc import DvcPlace
from auditkit.stores.s3_client import S3Settings


@dataclass(frozen=True, slots=True)
class Store:
    """The cache or a remote, which is asked for objects by their MD5.

    With `by_path` it is a cloud-versioned remote: files lie there under their own paths, and DVC's
    own file says which version each of them is.
    """

    place: DvcPlace
    name: str | None
    finder: Finder
    by_path: bool = False

    def address(self, tracked: Tracked, file: ListedFile) -> Address | None:
        """Return where a file of tracked data lies in the store; None if it cannot lie there."""
        if not self.by_path:
            return None if file.md5 is None else Address(object_path(tracked, file.md5))
        cloud = file.cloud
        if cloud is None or cloud.version_id is None or cloud.remote not in {None, self.name}:
            return None
        inside = f"{tracked.path}/{file.path}" if tracked.is_folder else tracked.path or ""
        return Address(inside, cloud.version_id)


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """The files of a version: those wanted, parts where objects were found, paths without one."""

    wanted: tuple[ListedFile, ...]
    parts: tuple[Part, ...]
    missing: tuple[str, ...]
    read_from: dict[DvcPlace, int]
    remote: str | None


def stores(settings: DvcSettings, tracked: Tracked, s3: S3Settings) -> Iterator[Store]:
    """Yield the cache, and then the remotes that may have the objects of tracked data.

    Raises:
        UnreadableError: a remote is of a kind that cannot be read; the cache comes before that.
    """
    yield Store("cache", None, FolderObjects(settings.cache))
    for remote in settings.candidates(tracked.remote):
        yield Store("remote", remote.name, _finder(remote, s3), remote.by_path)


def find_listing(tracked: Tracked, places: Iterable[Store]) -> tuple[ListedFile, ...] | None:
    """Return the list of a tracked folder's files; None if it is nowhere.

    Raises:
        PointerError: where it is, it was altered.
        UnreadableError: a place cannot be asked.
    """
    if tracked.files is not None:
        return tracked.files
    if tracked.md5 is None:
        return None
    altered = None
    for store in places:
        if store.by_path:  # it has no such lists
            continue
        (part,) = store.finder.find([Address(object_path(tracked, tracked.md5, folder=True))])
        if part is None:
            continue
        try:
            return parse_listing(_content(part), tracked.md5)
        except PointerError as error:
            error.path = printable(part.real)
            altered = altered or error
    if altered is not None:
        raise altered
    return None


def find_files(
    tracked: Tracked, files: Sequence[ListedFile], places: Iterable[Store]
) -> StoredFiles:
    """Return where the objects of these files are: in the first place that has them.

    Places are asked only for what those before them do not have.

    Raises:
        UnreadableError: a place cannot be asked.
    """
    found: dict[int, Part] = {}
    read_from: Counter[DvcPlace] = Counter()
    remote = None
    for store in places:
        wanted = {
            index: address
            for index, file in enumerate(files)
            if index not in found and (address := store.address(tracked, file)) is not None
        }
        for index, part in zip(wanted, store.finder.find(wanted.values()), strict=True):
            if part is not None:
                found[index] = part._replace(path=files[index].path)
                read_from[store.place] += 1
                remote = store.name or remote
        if len(found) == len(files):
            break
    missing = tuple(file.path for index, file in enumerate(files) if index not in found)
    parts = tuple(found[index] for index in sorted(found))
    return StoredFiles(tuple(files), parts, missing, dict(read_from), remote)


def object_path(tracked: Tracked, md5: str, *, folder: bool = False) -> str:
    """Return the path of an object in the cache or a remote; DVC 2 had them at the top."""
    prefix = "files/md5/" if tracked.algorithm == "md5" else ""
    return f"{prefix}{md5[:2]}/{md5[2:]}{FOLDER_SUFFIX if folder else ''}"


def _finder(remote: Remote, s3: S3Settings) -> Finder:
    found = objects_at(remote.url, s3)
    if found is not None and not (remote.by_path and isinstance(found, FolderObjects)):
        return found
    scheme = remote.url.partition("://")[0]
    raise UnreadableError(
        f"the data is not in DVC's workspace or cache, and its remote {printable(remote.name)!r} "
        f"cannot be read from here ({printable(scheme[:20])})",
        hint="Run dvc fetch, which brings it into the cache.",
    )


def _content(part: Part) -> bytes:
    if part.size > MAX_LISTING_BYTES:
        raise PointerError(f"DVC's list of the folder's files has {part.size} bytes")
    pieces = []
    with closing(part.source.open(part.real, part.size)) as file:
        while piece := file.read(1024 * 1024):
            pieces.append(piece)
        file.check_unchanged()
    return b"".join(pieces)
