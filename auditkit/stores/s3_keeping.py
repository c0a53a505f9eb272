"""What a bucket does with what lies in it: versions, lifecycle rules, Object Lock. Only asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from auditkit.errors import StoreError, StoreUnavailableError
from auditkit.stores.s3_errors import s3_errors
from auditkit.stores.s3_lifecycle import LifecycleRule, parse_rules

UNVERSIONED: Final = "null"
"""The id of what was written while the bucket kept no versions."""


@dataclass(frozen=True, slots=True)
class BucketKeeping:
    """The settings of a bucket; None, and why in `refused`, for what may not be read.

    `versions` is `suspended` where versions are kept of what was written earlier. `locks` tells
    whether versions can be held by Object Lock.
    """

    versions: Literal["enabled", "suspended", "none"] | None
    rules: tuple[LifecycleRule, ...] | None
    locks: bool | None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """One version in a listing: when it was written, and by how many it was followed since.

    `replaced` is when it stopped being the newest, None while it is. `newer` are the entries
    between it and the newest one, delete markers included.
    """

    key: str
    id: str
    size: int
    written: datetime
    replaced: datetime | None
    newer: int


@dataclass(frozen=True, slots=True)
class ObjectLock:
    """What holds one version: a mode until a moment, a legal hold, or nothing."""

    mode: Literal["COMPLIANCE", "GOVERNANCE"] | None = None
    until: datetime | None = None
    legal_hold: bool = False


def bucket_keeping(client: Any, bucket: str) -> BucketKeeping:
    """Return the settings of a bucket: three requests.

    Raises:
        StoreUnavailableError: no answer.
    """
    asked = _Asked(client, bucket)
    versioning = asked("s3:GetBucketVersioning", "get_bucket_versioning")
    lifecycle = asked(
        "s3:GetLifecycleConfiguration",
        "get_bucket_lifecycle_configuration",
        absent="NoSuchLifecycleConfiguration",
    )
    lock = asked(
        "s3:GetBucketObjectLockConfiguration",
        "get_object_lock_configuration",
        absent="ObjectLockConfigurationNotFoundError",
    )
    return BucketKeeping(
        versions=None if versioning is None else _versions(versioning),
        rules=None if lifecycle is None else parse_rules(lifecycle),
        locks=None if lock is None else _locks(lock),
        refused=tuple(asked.refused),
    )


def versions_below(client: Any, bucket: str, prefix: str) -> Iterator[KeptVersion]:
    """Yield the versions of all objects whose keys begin with `prefix`.

    Raises:
        StoreError: it was refused; the right needed is `s3:ListBucketVersions`.
    """
    path = f"s3://{bucket}/{prefix}"
    with s3_errors(path):
        pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
        pages = iter(pages)
    waiting: dict[str, list[dict[str, Any]]] = {}
    while True:
        with s3_errors(path):
            page = next(pages, None)
        if page is None:
            break
        last = ""
        for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            waiting.setdefault(each["Key"], []).append(each)
            last = max(last, each["Key"])
        for key in [key for key in waiting if key != last]:  # its versions may go on
            yield from _in_order(waiting.pop(key))
    for entries in waiting.values():
        yield from _in_order(entries)


def object_lock(client: Any, bucket: str, key: str, version: str) -> ObjectLock:
    """Return what holds a version: one request, for which `s3:GetObjectRetention` is needed too.

    Raises:
        ObjectNotFoundError: there is no such version.
        StoreError: it was refused.
    """
    with s3_errors(f"s3://{bucket}/{key}"):
        answer = client.head_object(Bucket=bucket, Key=key, VersionId=version)
    return ObjectLock(
        mode=answer.get("ObjectLockMode"),
        until=answer.get("ObjectLockRetainUntilDate"),
        legal_hold=answer.get("ObjectLockLegalHoldStatus") == "ON",
    )


class _Asked:
    """Asks for settings, and notes the rights that are missing."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self.refused: list[str] = []

    def __call__(
        self, right: str, operation: str, *, absent: str | None = None
    ) -> Mapping[str, Any] | None:
        """Return an answer, empty where there is no such setting; None if it is refused."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 - extra

        path = f"s3://{self._bucket}"
        try:
            with s3_errors(path):
                try:
                    answer: Mapping[str, Any] = getattr(self._client, operation)(
                        Bucket=self._bucket
                    )
                except ClientError as error:
                    if absent and error.response["Error"].get("Code") == absent:
                        return {}
                    raise
        except StoreUnavailableError:
            raise
        except StoreError:
            self.refused.append(right)
            return None
        return answer


def _versions(answer: Mapping[str, Any]) -> Literal["enabled", "suspended", "none"]:
    found: Literal["enabled", "suspended", "none"]
    found = "suspended" if answer.get("Status") == "Suspended" else "none"
    return "enabled" if answer.get("Status") == "Enabled" else found


def _locks(answer: Mapping[str, Any]) -> bool:
    locked: str | None = answer.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled")
    return locked == "Enabled"


def _in_order(entries: list[dict[str, Any]]) -> Iterator[KeptVersion]:
    """Yield the versions of one object: its times are whole seconds, so that the order is kept."""
    newest_first = sorted(entries, key=lambda each: (not each["IsLatest"], -_seconds(each)))
    for place, each in enumerate(newest_first):
        if "Size" in each:  # a delete marker has none
            before = newest_first[place - 1]["LastModified"] if place else None
            yield KeptVersion(
                key=each["Key"],
                id=each["VersionId"],
                size=each["Size"],
                written=each["LastModified"],
                replaced=before,
                newer=max(place - 1, 0),
            )


def _seconds(entry: Mapping[str, Any]) -> float:
    moment: datetime = entry["LastModified"]
    return moment.timestamp()
