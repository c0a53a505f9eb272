"""Objects of DVC's cache and remotes, by address: on disk, or in a bucket. Only ever read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from auditkit.datasets.base import Part
from auditkit.datasets.names import printable
from auditkit.datasets.tree import LocalTree
from auditkit.errors import ObjectNotFoundError, UnreadableError, UsageError
from auditkit.execution.executor import ThreadExecutor
from auditkit.schemes import S3_SCHEME
from auditkit.stores.s3_client import S3Settings


class Address(NamedTuple):
    """A path in a store, and in a cloud-versioned one the version of what lies there."""

    path: str
    version: str | None = None


class Finder(Protocol):
    """A place of objects."""

    def find(self, addresses: Iterable[Address]) -> Iterator[Part | None]:
        """Yield for each address what is there, or None; raises UnreadableError if it cannot."""


class FolderObjects:
    """Objects below a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._tree = LocalTree(folder)

    def find(self, addresses: Iterable[Address]) -> Iterator[Part | None]:
        """Yield what is there; see `Finder`."""
        return self._tree.find(address.path for address in addresses)


class BucketObjects:
    """Objects below a prefix of a bucket, under the settings of whoever runs auditkit."""

    def __init__(self, url: str, settings: S3Settings) -> None:
        self._url = url
        self._settings = settings

    def find(self, addresses: Iterable[Address]) -> Iterator[Part | None]:
        """Yield what is there; see `Finder`. One request each, many at once."""
        from auditkit.datasets.s3.address import ObjectAddress, S3Location  # noqa: PLC0415 -- extra
        from auditkit.datasets.s3.listing import Bucket  # noqa: PLC0415
        from auditkit.datasets.s3.source import S3Source  # noqa: PLC0415

        source = S3Source.of(self._settings)
        try:
            location = S3Location.parse(self._url)
            bucket = Bucket(source.connection, location.bucket)
            bucket.has(location.prefix)
        except (ObjectNotFoundError, UsageError) as error:
            raise UnreadableError(
                f"DVC's remote cannot be read: {error.message}",
                hint=error.hint,
                path=None if "@" in self._url else printable(self._url[:200]),
            ) from error

        def look(address: Address) -> Part | None:
            key = location.prefix + address.path
            found = bucket.find(ObjectAddress(location.bucket, key, address.version))
            if found is None:
                return None
            state = ObjectAddress(location.bucket, key, found.version, found.etag)
            return Part(address.path, str(state), found.size or 0, source)

        yield from ThreadExecutor(1).map(look, addresses, waits=True)


def objects_at(url: str, settings: S3Settings) -> Finder | None:
    """Return the objects of a remote by its address; None for a kind that cannot be read."""
    if url.startswith("/"):
        return FolderObjects(Path(url))
    return BucketObjects(url, settings) if url.startswith(S3_SCHEME) else None
