"""What a bucket does about deleting and overwriting, found out by trying it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from auditkit.errors import StoreError, StoreUnavailableError
from auditkit.stores.s3 import S3Store
from auditkit.stores.s3_errors import s3_errors

_TRIAL: Final = timedelta(minutes=10)
"""How long the object stays that is locked to see whether locks hold."""

LockResult = Literal["held", "stated", "ignored"]
"""`held`: an object could not be deleted, one without a lock could. `stated`: these credentials may
delete no version of anything, and the server says that it is locked. `ignored`: neither."""


@dataclass(frozen=True, slots=True)
class BucketFacts:
    """What was seen: `lock` is None where no retention is configured.

    `default_lock` says that the bucket locks every object, whatever auditkit asks for.
    """

    versions: bool
    default_lock: bool
    lock: LockResult | None


def probe_bucket(store: S3Store, key: str) -> BucketFacts:
    """Write, lock and try to delete objects; a locked one stays a while. `key` begins their keys.

    Raises:
        StoreError: refused; a bucket made without Object Lock refuses to lock.
        StoreUnavailableError: no answer.
    """
    free, versions, locked = _write(store, f"{key}-free")
    lock = None
    if store.retention is not None:
        kept, _, is_locked = _write_locked(store, f"{key}-locked", store.retention.mode)
        lock = _lock_result(store, free, kept, stated=is_locked)
    return BucketFacts(versions, locked, lock)


def _write_locked(store: S3Store, key: str, mode: str) -> tuple[dict[str, Any], bool, bool]:
    until = datetime.now(UTC) + _TRIAL
    try:
        return _write(store, key, ObjectLockMode=mode.upper(), ObjectLockRetainUntilDate=until)
    except StoreUnavailableError:
        raise
    except StoreError as error:
        raise StoreError(
            f"no retention here: {error.message}",
            hint="Take a bucket with Object Lock and the right s3:PutObjectRetention, or leave "
            "retention out.",
            path=store.location,
        ) from error


def _write(store: S3Store, key: str, **lock: object) -> tuple[dict[str, Any], bool, bool]:
    """Return where the version is, whether it is one, and whether it is said to be locked."""
    where: dict[str, Any] = {"Bucket": store.bucket, "Key": store.full_key(key)}
    with s3_errors(store.path(key)):
        version = store.client.put_object(Body=b"auditkit", **where, **lock).get("VersionId")
        mode = store.client.head_object(**where).get("ObjectLockMode")
    has_versions = version not in {None, "null"}
    if has_versions:
        where["VersionId"] = version
    return where, has_versions, mode is not None and mode == lock.get("ObjectLockMode", mode)


def _lock_result(
    store: S3Store, free: dict[str, Any], kept: dict[str, Any], *, stated: bool
) -> LockResult:
    if "VersionId" not in kept or _can_delete(store, kept):
        return "ignored"
    if _can_delete(store, free):
        return "held"
    return "stated" if stated else "ignored"


def _can_delete(store: S3Store, where: dict[str, Any]) -> bool:
    with suppress(StoreError), s3_errors(where["Key"]):
        store.client.delete_object(**where)
        return True
    return False
