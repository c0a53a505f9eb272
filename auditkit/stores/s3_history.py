"""What became of an object in a bucket that keeps versions.

S3 lists versions newest first, and versions apart from delete markers; their times are whole
seconds, so that only counting tells what happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from auditkit.errors import ObjectDeletedError, ObjectNotFoundError, StoreError
from auditkit.stores.s3_errors import s3_errors

_UNVERSIONED: Final = "null"
"""The id of what was written while the bucket kept no versions: it may have been overwritten."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object: the server's id for it, and its entity tag."""

    id: str
    etag: str


@dataclass(frozen=True, slots=True)
class History:
    """The newest versions of one object, newest first, and how often it was deleted.

    `present` says that it is there now, and `complete` that there are no older versions; a server
    lists a thousand at once.
    """

    path: str
    versions: tuple[Version, ...]
    deletions: int
    present: bool
    complete: bool

    @classmethod
    def read(cls, client: Any, bucket: str, key: str, path: str) -> History:
        """Ask for the versions of one object: one request.

        Raises:
            StoreError: it was refused; the right needed is `s3:ListBucketVersions`.
        """
        with s3_errors(path):
            # The delimiter keeps away objects below `key/`, of which there may be many.
            page = client.list_object_versions(Bucket=bucket, Prefix=key, Delimiter="/")
        listed = [each for each in page.get("Versions", ()) if each["Key"] == key]
        return cls(
            path,
            tuple(Version(each["VersionId"], each["ETag"]) for each in listed),
            deletions=sum(each["Key"] == key for each in page.get("DeleteMarkers", ())),
            present=any(each["IsLatest"] for each in listed),
            complete=not page.get("IsTruncated", False),
        )

    def check_written_once(self) -> None:
        """Raise StoreError if the object was overwritten.

        What was removed may be created again, so each deletion excuses one more version.
        """
        if len(self.versions) > self.deletions + 1:
            raise StoreError(
                "was overwritten after it was stored, so it is not believed",
                hint=f"What was stored first is still there as version {self.versions[-1].id}: "
                "find out who wrote the later ones, and remove those.",
                path=self.path,
            )

    def absent(self) -> ObjectNotFoundError:
        """Return the error for an object that is not there now, and say if it once was."""
        if self.present or not self.versions:
            return ObjectNotFoundError("there is no such object", path=self.path)
        return ObjectDeletedError(
            "was deleted after it was stored",
            hint=f"What was stored is still there as version {self.versions[-1].id}, behind a "
            "delete marker: find out who deleted it, and remove the marker.",
            path=self.path,
        )

    def successor(self, etag: str | None) -> Version | None:
        """Return the version that was written next after the one with `etag`; None if not known.

        With None the first of all is meant.
        """
        if etag is None:
            known = self.complete and self.versions and not self.deletions
            return self.versions[-1] if known and self.versions[-1].id != _UNVERSIONED else None
        for version, before in pairwise(self.versions):
            if before.etag == etag:
                return version
        return None
