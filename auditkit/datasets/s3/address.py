"""Where a data set lies in a bucket, and how one state of one object is named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from auditkit.errors import UsageError
from auditkit.schemes import S3_SCHEME

_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]")
"""Amazon S3 User Guide, Bucket naming rules; capitals and underscores are those of old buckets."""

_MAX_KEY_BYTES: Final = 1024
_VERSION: Final = "?versionId="
_ETAG: Final = "?etag="
_MARKS: Final = {_VERSION: "version", _ETAG: "etag"}


@dataclass(frozen=True, slots=True)
class S3Location:
    """A bucket, and the key of an object or what keys begin with; `key` may be empty."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, text: str) -> S3Location:
        """Return the parts of `s3://BUCKET[/KEY]`.

        Raises:
            UsageError: no bucket, or an overlong key.
        """
        bucket, _, key = text.removeprefix(S3_SCHEME).partition("/")
        if not _BUCKET.fullmatch(bucket) or len(key.encode("utf-8", "replace")) > _MAX_KEY_BYTES:
            raise UsageError(
                "names no bucket, or an overlong key",
                hint="Write s3://BUCKET/PREFIX or s3://BUCKET/KEY, without user or password.",
                path=None if "@" in bucket else text[:200],  # before an @ may be a password
            )
        return cls(bucket, key)

    @property
    def prefix(self) -> str:
        """What the keys of a folder's objects begin with: empty, or with a slash at the end."""
        return f"{self.key.rstrip('/')}/" if self.key.rstrip("/") else ""

    @property
    def folder(self) -> str:
        """The location as that of a folder, without a slash at the end."""
        return f"{S3_SCHEME}{self.bucket}/{self.prefix}".rstrip("/")

    def __str__(self) -> str:
        return f"{S3_SCHEME}{self.bucket}/{self.key}".rstrip("/")


@dataclass(frozen=True, slots=True)
class ObjectAddress:
    """One state of one object: a version, or what has this entity tag where there are none.

    As text it is `s3://BUCKET/KEY` and the version as its API names it, so that people can read it.
    """

    bucket: str
    key: str
    version: str | None = None
    etag: str | None = None

    @classmethod
    def parse(cls, text: str) -> ObjectAddress:
        """Return what `str` made a text of."""
        bucket, _, rest = text.removeprefix(S3_SCHEME).partition("/")
        mark = max(_MARKS, key=rest.rfind)  # what stands before the last one is the key's own
        key, found, value = rest.rpartition(mark)
        if not found:
            return cls(bucket, rest)
        return cls(bucket, key, **{_MARKS[mark]: value or None})

    @property
    def pin(self) -> str:
        """What stands behind the key in the text."""
        if self.version is not None:
            return _VERSION + self.version
        if self.etag is not None:
            return _ETAG + self.etag
        return _ETAG if any(mark in self.key for mark in _MARKS) else ""

    def __str__(self) -> str:
        return f"{S3_SCHEME}{self.bucket}/{self.key}{self.pin}"

    def request(self) -> dict[str, str]:
        """Return the parameters of a GetObject or HeadObject of the version, if there is one.

        Listings of some servers have other entity tags than answers, so it is no condition.
        """
        where = {"Bucket": self.bucket, "Key": self.key}
        return where if self.version is None else {**where, "VersionId": self.version}
