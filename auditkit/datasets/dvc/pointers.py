"""What `.dvc` files and `dvc.lock` say, as values.

Source: DVC's documentation, ".dvc Files" and "dvc.yaml Files", and what DVC 2.58 and 3.67 write.
An entry without `hash: md5` is of DVC 2: its MD5 is of text with line feeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from auditkit import yamlfile
from auditkit.datasets.companion import Companion
from auditkit.datasets.dvc.listing import (
    CloudVersion,
    ListedFile,
    check_md5,
    checked_listing,
    listing_md5,
)
from auditkit.datasets.dvc.paths import is_external, join, parent
from auditkit.datasets.names import printable
from auditkit.errors import PointerError

MAX_POINTER_BYTES: Final = 32 * 1024 * 1024
"""Cloud-versioned folders list every file, with some 200 bytes each."""

_MAX_DEPTH: Final = 32
_MAX_COUNT: Final = 2**53 - 1
FOLDER_SUFFIX: Final = ".dir"
"""What follows the MD5 of a list of a folder's files."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where imported data came from, as DVC wrote it down: an address may hold credentials."""

    path: str
    repository: str | None = None
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class Tracked:
    """A file or folder that DVC tracks.

    `path` is relative to the project's folder; None for what lies outside, named `written` there.
    `md5` is of the file, or of the list of the folder's files. `files` is that list where the
    pointer itself has it. `remote` is the one remote that has it, where DVC was told so.
    """

    written: str
    path: str | None
    md5: str | None
    is_folder: bool
    algorithm: Companion
    size: int | None = None
    count: int | None = None
    cloud: CloudVersion | None = None
    files: tuple[ListedFile, ...] | None = None
    remote: str | None = None
    origin: Origin | None = None

    def is_same(self, other: Tracked) -> bool:
        """Tell whether both are one version."""
        return (self.md5, self.algorithm) == (other.md5, other.algorithm)

    @property
    def shown_md5(self) -> str | None:
        """The MD5 as DVC writes it, with `.dir` for a folder."""
        return f"{self.md5}{FOLDER_SUFFIX}" if self.md5 and self.is_folder else self.md5


@dataclass(frozen=True, slots=True)
class LockedStage:
    """A stage of a `dvc.lock`: what it was last run with, and what it wrote."""

    name: str
    dependencies: tuple[Tracked, ...]
    outputs: tuple[Tracked, ...]
    parameters: Mapping[str, Mapping[str, Any]]


def load_map(data: bytes, what: str) -> dict[str, Any]:
    """Return the map at the top of one of DVC's YAML files, which is YAML 1.2.

    Raises PointerError where it is none.
    """
    if len(data) > MAX_POINTER_BYTES:
        raise PointerError(f"{what} has more than {MAX_POINTER_BYTES} bytes")
    try:
        value = yamlfile.loads(data.decode("utf-8-sig"), max_depth=_MAX_DEPTH, version="1.2")
    except (ValueError, RecursionError) as error:
        raise PointerError(f"{what} cannot be read: {printable(str(error)[:200])}") from error
    if not isinstance(value, dict):
        raise PointerError(f"{what} is no map")
    return value


def parse_pointer(data: bytes, path: str) -> tuple[Tracked, ...]:
    """Return what the `.dvc` file at `path` in the project tracks.

    Raises:
        PointerError: not such a file.
        UnsafePathError: a path that leaves the project.
    """
    content = load_map(data, "the .dvc file")
    folder = join(parent(path), _text(content, "wdir") or ".")
    origin = _origin(_maps(content, "deps"))
    return tuple(_tracked(entry, folder, origin) for entry in _maps(content, "outs"))


def parse_lock(
    data: bytes, path: str, folder_of: Callable[[str], str | None]
) -> dict[str, LockedStage]:
    """Return the stages of the `dvc.lock` at `path` in the project, by name.

    Paths start from the folder that `folder_of` a stage says, relative to that of the file. A stage
    whose folder is not known is left out.

    Raises:
        PointerError: not such a file, or of another version than 2.0.
        UnsafePathError: a path that leaves the project and is no URL and not absolute.
    """
    content = load_map(data, "dvc.lock")
    if content.get("schema") != "2.0":
        raise PointerError("dvc.lock is not of schema 2.0")
    stages = {str(name): stage for name, stage in _map(content, "stages").items()}
    return {
        name: _stage(name, stage, join(parent(path), folder))
        for name, stage in stages.items()
        if (folder := folder_of(name)) is not None
    }


def _stage(name: str, stage: Any, folder: str) -> LockedStage:
    if not isinstance(stage, dict):
        raise PointerError(f"stage {printable(name[:80])!r} is no map")
    parameters = _map(stage, "params")
    if not all(isinstance(values, dict) for values in parameters.values()):
        raise PointerError(f"the params of stage {printable(name[:80])!r} are no maps")
    return LockedStage(
        name,
        tuple(_tracked(entry, folder, None) for entry in _maps(stage, "deps")),
        tuple(_tracked(entry, folder, None) for entry in _maps(stage, "outs")),
        parameters,
    )


def _tracked(entry: Mapping[str, Any], folder: str, origin: Origin | None) -> Tracked:
    written = _text(entry, "path")
    if not written:
        raise PointerError("an entry has no path")
    value = _checksum(entry)
    algorithm = _text(entry, "hash")
    if algorithm not in {None, "md5"}:
        raise PointerError(f"hashes of kind {printable(str(algorithm)[:40])!r} are not known")
    files = _files(entry)
    if files is not None and value is None:
        value = _list_md5(files)
    return Tracked(
        written=written,
        path=None if is_external(written) else join(folder, written),
        md5=value.removesuffix(FOLDER_SUFFIX) if value else None,
        is_folder=files is not None or (value or "").endswith(FOLDER_SUFFIX),
        algorithm="md5" if algorithm else "md5-dos2unix",
        size=_count(entry, "size"),
        count=_count(entry, "nfiles"),
        cloud=_cloud(entry),
        files=files,
        remote=_text(entry, "remote"),
        origin=origin,
    )


def _checksum(entry: Mapping[str, Any]) -> str | None:
    value = entry.get("md5")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # 32 decimal digits, unquoted
    if value in {None, ""}:
        return None
    if not isinstance(value, str):
        raise PointerError(f"an MD5 is none: {printable(str(value)[:60])!r}")
    check_md5(value.removesuffix(FOLDER_SUFFIX))
    return value


def _files(entry: Mapping[str, Any]) -> tuple[ListedFile, ...] | None:
    if entry.get("files") is None:
        return None
    return checked_listing(_listed(each) for each in _maps(entry, "files"))


def _list_md5(files: Iterable[ListedFile]) -> str | None:
    """Return the MD5 of a list that stands in the pointer, as DVC computes it then."""
    pairs = [(file.path, file.md5) for file in files]
    known = [(path, md5) for path, md5 in pairs if md5 is not None]
    return listing_md5(known) + FOLDER_SUFFIX if len(known) == len(pairs) else None


def _listed(entry: Mapping[str, Any]) -> ListedFile:
    path = _text(entry, "relpath") or ""
    return ListedFile(path, _checksum(entry), _count(entry, "size"), _cloud(entry))


def _cloud(entry: Mapping[str, Any]) -> CloudVersion | None:
    """Return the version of an object; since DVC 3 below the name of its remote."""
    for remote, version in _map(entry, "cloud").items():
        if not isinstance(version, dict):
            raise PointerError("an entry's cloud version is no map")
        return CloudVersion(str(remote), _text(version, "version_id"))
    version_id = _text(entry, "version_id")
    return None if version_id is None else CloudVersion(None, version_id)


def _origin(dependencies: Iterable[Mapping[str, Any]]) -> Origin | None:
    for entry in dependencies:
        repository = _map(entry, "repo")
        return Origin(
            path=_text(entry, "path") or "",
            repository=_text(repository, "url"),
            revision=_text(repository, "rev_lock"),
        )
    return None


def _text(entry: Mapping[str, Any], key: str) -> str | None:
    value = entry.get(key)
    if value is not None and not isinstance(value, str):
        raise PointerError(f"{key} is not text: {printable(str(value)[:60])}")
    return value


def _count(entry: Mapping[str, Any], key: str) -> int | None:
    value = entry.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MAX_COUNT:
        raise PointerError(f"{key} is no count: {printable(str(value)[:60])}")
    return value


def _map(entry: Mapping[str, Any], key: str) -> dict[Any, Any]:
    value = entry.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise PointerError(f"{key} is no map")
    return value


def _maps(entry: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    value = entry.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise PointerError(f"{key} is no list of maps")
    return value
