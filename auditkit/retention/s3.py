"""What a bucket's settings do with recorded objects: lifecycle rules, Object Lock, versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Any, Final

from auditkit.datasets.base import Plan
from auditkit.datasets.s3.address import ObjectAddress
from auditkit.execution.executor import ThreadExecutor
from auditkit.retention.horizon import Horizon
from auditkit.stores.s3_client import S3Settings, connect
from auditkit.stores.s3_keeping import (
    UNVERSIONED,
    BucketKeeping,
    KeptVersion,
    ObjectLock,
    bucket_keeping,
    object_lock,
    versions_below,
)
from auditkit.stores.s3_lifecycle import LifecycleRule

_COPY: Final = "copy the data to a bucket with Object Lock, and record that copy."
_NOTHING: Final = ObjectLock()


def s3_horizons(plan: Plan, settings: S3Settings, keep_until: datetime) -> list[Horizon]:
    """Return what decides until when the objects of a plan are there: the first for each setting.

    Raises:
        StoreError: the versions may not be listed, or what holds them may not be read.
    """
    client = connect(settings)
    addresses = [ObjectAddress.parse(part.real) for part in plan.parts]
    bucket = addresses[0].bucket
    keeping = bucket_keeping(client, bucket)
    found: dict[tuple[str, str], Horizon] = {}
    for horizon in (*_refused(keeping), *_of_objects(client, addresses, keeping, keep_until)):
        before = found.get((horizon.fate, horizon.setting))
        if before is None or _is_sooner(horizon, before):
            found[horizon.fate, horizon.setting] = horizon
    return list(found.values())


def _is_sooner(horizon: Horizon, other: Horizon) -> bool:
    if horizon.moment is None:
        return False
    return other.moment is None or horizon.moment < other.moment


def _refused(keeping: BucketKeeping) -> Iterator[Horizon]:
    if keeping.refused:
        rights = ", ".join(keeping.refused)
        detail = f"settings of the bucket cannot be read; what was refused is {rights}"
        yield Horizon("unknown", "access", detail, f"Ask for the right {rights}.")


def _of_objects(
    client: Any, addresses: list[ObjectAddress], keeping: BucketKeeping, keep_until: datetime
) -> Iterator[Horizon]:
    bucket = addresses[0].bucket
    wanted = {(each.key, each.version or UNVERSIONED) for each in addresses}
    listed = [
        each
        for each in versions_below(client, bucket, _common(addresses))
        if (each.key, each.id) in wanted
    ]
    locks: Iterable[ObjectLock] = (_NOTHING for _ in listed)
    if keeping.locks is not False:
        locks = ThreadExecutor(1).map(partial(_lock, client, bucket), listed, waits=True)
    if not listed:
        detail = "the bucket does not list the recorded versions"
        yield Horizon("unknown", "access", detail, "Check the endpoint, and run this again.")
    fates = _Fates(keeping, keep_until)
    for version, lock in zip(listed, locks, strict=True):
        yield from fates.of(version, lock)


def _lock(client: Any, bucket: str, version: KeptVersion) -> ObjectLock:
    return object_lock(client, bucket, version.key, version.id)


def _common(addresses: list[ObjectAddress]) -> str:
    """Return what all keys begin with."""
    first, last = min(each.key for each in addresses), max(each.key for each in addresses)
    same = next(
        (i for i, (one, other) in enumerate(zip(first, last, strict=False)) if one != other),
        min(len(first), len(last)),
    )
    return first[:same]


class _Fates:
    """Judges versions under the settings of one bucket."""

    def __init__(self, keeping: BucketKeeping, keep_until: datetime) -> None:
        self._keeping = keeping
        self._keep_until = keep_until
        self._until = f"{keep_until:%Y-%m-%d}"

    def of(self, version: KeptVersion, lock: ObjectLock) -> Iterator[Horizon]:
        """Yield what decides the fate of one version."""
        if lock.legal_hold:
            yield self._on_hold()
            return
        if lock.mode == "COMPLIANCE" and lock.until and lock.until >= self._keep_until:
            yield self._held(lock.mode, lock.until)  # no rule removes it before
            return
        rules = [
            rule for rule in self._keeping.rules or () if rule.covers(version.key, version.size)
        ]
        yield from (_tagged(rule) for rule in rules if rule.tagged)
        ends = [
            end for rule in rules if not rule.tagged for end in self._ends(version, rule, rules)
        ]
        if ends:
            yield from (self._ending(rule, moment, lock) for rule, moment in ends)
        elif lock.mode is not None and lock.until is not None:
            yield self._held(lock.mode, lock.until)
        else:
            yield self._open(version, rules)

    def _ends(
        self, version: KeptVersion, rule: LifecycleRule, rules: list[LifecycleRule]
    ) -> Iterator[tuple[LifecycleRule, datetime]]:
        """Yield when a rule removes a version for good."""
        if self._is_removed_by_expiry(version):
            moment = rule.expires(version.written)
        elif version.replaced is not None:
            moment = None if version.newer < rule.spared else rule.removes(version.replaced)
        else:
            expired = [end for each in rules if (end := each.expires(version.written))]
            moment = rule.removes(min(expired)) if expired and not rule.spared else None
        if moment is not None:
            yield rule, moment

    def _is_removed_by_expiry(self, version: KeptVersion) -> bool:
        """Tell whether nothing stays of an expired object; elsewhere its versions do."""
        if self._keeping.versions == "suspended":
            return version.id == UNVERSIONED
        return self._keeping.versions == "none"

    def _ending(self, rule: LifecycleRule, moment: datetime, lock: ObjectLock) -> Horizon:
        waits = ""
        if lock.until is not None and lock.until > moment:
            moment, waits = lock.until, f", and this one when its Object Lock ({lock.mode}) ends"
        if self._keeping.versions != "none" and rule.noncurrent_days is not None:
            what = f"versions {rule.noncurrent_days} days after they were replaced"
        elif rule.days is not None:
            what = f"objects {rule.days} days after they were written"
        else:
            what = "objects on that day"
        return Horizon(
            "ends",
            f"lifecycle rule {rule.id!r}",
            f"the bucket removes {what}{waits}",
            f"Take this prefix out of the rule, and hold the versions by Object Lock until "
            f"{self._until}; or {_COPY}",
            moment,
        )

    def _held(self, mode: str, until: datetime) -> Horizon:
        if mode == "COMPLIANCE":
            return Horizon(
                "held",
                "Object Lock (COMPLIANCE)",
                f"nobody can delete it before {until:%Y-%m-%d}; nothing keeps it after that",
                f"Extend the retention of these versions to {self._until}.",
                until,
            )
        return Horizon(
            "open",
            "Object Lock (GOVERNANCE)",
            f"until {until:%Y-%m-%d} it takes s3:BypassGovernanceRetention to delete it",
            f"Hold these versions in mode COMPLIANCE until {self._until}.",
            until,
        )

    def _on_hold(self) -> Horizon:
        return Horizon(
            "open",
            "legal hold",
            "nobody can delete it until whoever has s3:PutObjectLegalHold ends the hold",
            f"Hold these versions by Object Lock in mode COMPLIANCE until {self._until}.",
        )

    def _open(self, version: KeptVersion, rules: list[LifecycleRule]) -> Horizon:
        action = f"Turn on Object Lock, and hold these versions until {self._until}."
        if self._keeping.versions == "none" or version.id == UNVERSIONED:
            return Horizon(
                "open",
                "none: no versions",
                "the bucket keeps no version of it: whoever writes or deletes the object removes "
                "what was recorded",
                f"Turn on versions and Object Lock, and record it again; or {_COPY}",
            )
        later = [rule for rule in rules if rule.noncurrent_days is not None]
        if later and version.replaced is None:
            rule = min(later, key=lambda each: each.noncurrent_days or 0)
            return Horizon(
                "open",
                f"lifecycle rule {rule.id!r}",
                "it is the newest version; once it is replaced or deleted, the bucket removes it "
                f"after {rule.noncurrent_days} days",
                action,
            )
        return Horizon(
            "open",
            "none: no Object Lock",
            "the bucket keeps versions, and whoever may delete versions can remove it",
            action,
        )


def _tagged(rule: LifecycleRule) -> Horizon:
    return Horizon(
        "unknown",
        f"lifecycle rule {rule.id!r}",
        "the rule removes what has certain tags, and tags are not read",
        "See which tags the rule names and the objects have.",
    )
