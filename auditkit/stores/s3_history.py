"""What became of an object in a bucket that keeps versions.

S3 lists versions newest first, and versions apart from delete markers; their times are whole
seconds, so that only counting tells what happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

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
            tuple(Version(each["VersionId"], each["ETag"]) for each in listed),
            deletions=sum(each["Key"] == key for each in page.get("DeleteMarkers", ())),
            present=any(each["IsLatest"] for each in listed),
            complete=not page.get("IsTruncated", False),
        )

    def alteration(self) -> str | None:
        """Return what was done to an object that is written once, in a sentence; None if nothing.

        What was removed may be created again, so each deletion excuses one more version.
        """
        if len(self.versions) > self.deletions + 1:
            return (
                "The bucket shows that it was overwritten; what was stored first is version "
                f"{self.versions[-1].id}."
            )
        if self.versions and not self.present:
            return (
                "The bucket shows that it was deleted; what was stored is version "
                f"{self.versions[-1].id}, behind a delete marker."
            )
        return None

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
