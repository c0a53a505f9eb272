"""What lies under a prefix of a bucket, a page at a time: objects, and versions of them.

Servers list in the order of the keys' bytes, and not all of them do: nothing here relies on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from auditkit.datasets.s3.address import ObjectAddress
from auditkit.datasets.s3.connection import Connection, planning
from auditkit.errors import ObjectNotFoundError, StoreError, UnreadableError
from auditkit.stores.s3_errors import refusal

UNVERSIONED: Final = "null"
"""The id of what was written while the bucket kept no versions: it may have been overwritten."""

_NOT_FOR_YOU: Final = {"AccessDenied", "MethodNotAllowed", "NotImplemented", "HTTP 403", "HTTP 501"}


@dataclass(frozen=True, slots=True)
class Listed:
    """One object, or one version of it; a delete marker has no size.

    `version` is None where the bucket keeps no versions of it, or does not tell.
    """

    key: str
    version: str | None
    etag: str | None
    size: int | None
    is_latest: bool = True


class Bucket:
    """Listings of one bucket.

    Raises, as its methods do:
        ObjectNotFoundError: there is no such bucket.
        UnreadableError: refused, or no answer.
    """

    def __init__(self, connection: Connection, name: str) -> None:
        self.connection = connection
        self.name = name

    def find(self, address: ObjectAddress) -> Listed | None:
        """Return one object, in the version that is asked for or as it is now; None without it."""
        try:
            with planning(self.connection, str(address)) as client:
                answer = client.head_object(**address.request())
        except ObjectNotFoundError:
            return None
        version, etag = answer.get("VersionId"), answer["ETag"]
        return Listed(address.key, _id(version), _plain(etag), answer["ContentLength"])

    def has(self, prefix: str) -> bool:
        """Tell whether any object has a key that begins so."""
        with planning(self.connection, self._path(prefix)) as client:
            page = client.list_objects_v2(Bucket=self.name, Prefix=prefix, MaxKeys=1)
        return bool(page.get("Contents"))

    def tells_versions(self) -> bool:
        """Tell whether versions may be listed; some may read a bucket and not see them."""
        try:
            with planning(self.connection, self._path("")) as client:
                client.list_object_versions(Bucket=self.name, MaxKeys=1)
        except UnreadableError as error:
            cause = error.__cause__
            if isinstance(cause, StoreError) and refusal(cause) in _NOT_FOR_YOU:
                return False
            raise
        return True

    def versions(self, prefix: str) -> Iterator[Listed]:
        """Yield all versions and delete markers below a prefix."""
        for page in self._pages("list_object_versions", prefix):
            for kind in ("Versions", "DeleteMarkers"):
                for each in page.get(kind, ()):
                    etag = _plain(each["ETag"]) if "ETag" in each else None
                    version = _id(each["VersionId"])
                    yield Listed(each["Key"], version, etag, each.get("Size"), each["IsLatest"])

    def objects(self, prefix: str) -> Iterator[Listed]:
        """Yield what is there now below a prefix, without versions."""
        for page in self._pages("list_objects_v2", prefix):
            for each in page.get("Contents", ()):
                yield Listed(each["Key"], None, _plain(each["ETag"]), each["Size"])

    def _pages(self, operation: str, prefix: str) -> Iterator[dict[str, Any]]:
        path = self._path(prefix)
        with planning(self.connection, path) as client:
            pages = iter(client.get_paginator(operation).paginate(Bucket=self.name, Prefix=prefix))
        while True:
            with planning(self.connection, path):
                page = next(pages, None)
            if page is None:
                return
            yield page

    def _path(self, prefix: str) -> str:
        return str(ObjectAddress(self.name, prefix))


def _id(version: str | None) -> str | None:
    return None if version == UNVERSIONED else version


def _plain(etag: str) -> str:
    return etag.strip('"')
