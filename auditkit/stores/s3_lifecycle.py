"""What the lifecycle rules of a bucket do to one version of one object, and when.

Source: Amazon S3 User Guide, "Managing the lifecycle of objects" and "Lifecycle configuration
elements". Transitions are left out: they move bytes and remove none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class LifecycleRule:
    """A rule that removes objects, or versions that were replaced.

    It covers keys that begin with `prefix`, of more than `larger` and fewer than `smaller` bytes;
    with `tagged` only those with certain tags. `days` after it was written, or at `date`, an object
    is expired. `noncurrent_days` after it was replaced a version is removed, but for the `spared`
    newest of them.
    """

    id: str
    prefix: str = ""
    tagged: bool = False
    larger: int = -1
    smaller: int | None = None
    days: int | None = None
    date: datetime | None = None
    noncurrent_days: int | None = None
    spared: int = 0

    def covers(self, key: str, size: int) -> bool:
        """Tell whether the rule is about an object, if it has the tags."""
        fits = self.larger < size and (self.smaller is None or size < self.smaller)
        return fits and key.startswith(self.prefix)

    def expires(self, written: datetime) -> datetime | None:
        """Return when the rule expires an object; None if it does not."""
        if self.days is not None:
            return _days_after(written, self.days)
        return self.date

    def removes(self, replaced: datetime) -> datetime | None:
        """Return when the rule removes a version that was replaced; None if it does not."""
        if self.noncurrent_days is None:
            return None
        return _days_after(replaced, self.noncurrent_days)


def parse_rules(answer: Mapping[str, Any]) -> tuple[LifecycleRule, ...]:
    """Return the enabled rules that remove something, from boto3's answer."""
    return tuple(_rules(answer.get("Rules", ())))


def _rules(rules: Sequence[Mapping[str, Any]]) -> Iterator[LifecycleRule]:
    for number, rule in enumerate(rules, 1):
        expiration = rule.get("Expiration", {})
        noncurrent = rule.get("NoncurrentVersionExpiration", {})
        removes = {"Days", "Date"} & expiration.keys() or "NoncurrentDays" in noncurrent
        if rule.get("Status") != "Enabled" or not removes:
            continue
        given = rule.get("Filter", {})
        chosen = given.get("And", given)
        date = expiration.get("Date")
        yield LifecycleRule(
            id=str(rule.get("ID") or number),
            prefix=chosen.get("Prefix") or rule.get("Prefix") or "",
            tagged="Tag" in chosen or bool(chosen.get("Tags")),
            larger=chosen.get("ObjectSizeGreaterThan", -1),
            smaller=chosen.get("ObjectSizeLessThan"),
            days=expiration.get("Days"),
            date=None if date is None else date.astimezone(UTC),
            noncurrent_days=noncurrent.get("NoncurrentDays"),
            spared=noncurrent.get("NewerNoncurrentVersions", 0),
        )


def _days_after(moment: datetime, days: int) -> datetime:
    """Return a moment some days later, at the next midnight in UTC, as S3 rounds it."""
    try:
        later = moment.astimezone(UTC) + timedelta(days=days)
        midnight = later.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight if midnight == later else midnight + timedelta(days=1)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
