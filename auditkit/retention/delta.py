"""What a Delta table's own settings do with a recorded version: VACUUM, and cleaning of the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from auditkit.datasets.delta.removal import Removal
from auditkit.datasets.delta.retention import FILE_RETENTION, LOG_RETENTION
from auditkit.manifest.delta import DeltaVersion
from auditkit.retention.horizon import Horizon


def delta_horizons(
    version: DeltaVersion, found: Removal, *, keep_until: datetime, now: datetime
) -> list[Horizon]:
    """Return what decides until when the files and the log of a version are there."""
    action = _action(version, keep_until, now)
    if version.version == found.newest:
        return [_newest(found, action)]
    horizons = [*_files(found, action, now), *_log(version, found, action, now)]
    return horizons or [
        Horizon(
            "open",
            "none: no file of it was replaced",
            f"version {found.newest} has the same files, and the log is never cleaned up; the next "
            f"change replaces files, and VACUUM removes these after {_span(found.file_retention)}",
            action,
        )
    ]


def _newest(found: Removal, action: str) -> Horizon:
    log = f" and a checkpoint its log after {_span(found.log_retention)}"
    return Horizon(
        "open",
        "none: the newest version",
        f"it is the newest version; once it is not, VACUUM removes files that were replaced after "
        f"{_span(found.file_retention)}{log if found.cleans_log else ''}",
        action,
    )


def _files(found: Removal, action: str, now: datetime) -> Iterator[Horizon]:
    """Yield what VACUUM does with files that later versions do not need."""
    if not found.replaced:
        return
    which = f"{found.replaced:,} of its {found.files:,} files"
    if found.file_retention is None:
        yield _unreadable(FILE_RETENTION, action)
    elif found.replaced_at is None:
        yield Horizon(
            "ends",
            FILE_RETENTION,
            f"VACUUM may remove {which}: the log does not tell any more when they were replaced",
            action,
            now,
        )
    else:
        moment = _later(found.replaced_at, found.file_retention)
        may = "may remove" if moment <= now else "may then remove"
        yield Horizon(
            "ends",
            FILE_RETENTION,
            f"VACUUM {may} {which}, replaced from {found.replaced_at:%Y-%m-%d} on: the table keeps "
            f"such files {_span(found.file_retention)}",
            action,
            moment,
        )


def _log(version: DeltaVersion, found: Removal, action: str, now: datetime) -> Iterator[Horizon]:
    """Yield what a checkpoint does with the log that says which files the version has."""
    if not found.cleans_log:
        return
    if found.log_retention is None or version.committed_at is None:
        yield _unreadable(LOG_RETENTION, action)
        return
    moment = _later(datetime.fromisoformat(version.committed_at), found.log_retention)
    may = "may remove" if moment <= now else "may then remove"
    yield Horizon(
        "ends",
        LOG_RETENTION,
        f"a checkpoint {may} the log of this version, committed on {version.committed_at[:10]}: "
        f"the table keeps its log {_span(found.log_retention)}",
        action,
        moment,
    )


def _unreadable(setting: str, action: str) -> Horizon:
    detail = "this setting, or the time that it counts from, cannot be read"
    return Horizon("unknown", setting, detail, action)


def _action(version: DeltaVersion, keep_until: datetime, now: datetime) -> str:
    begin = datetime.fromisoformat(version.committed_at) if version.committed_at else now
    days = max((keep_until - begin).days + 1, 1)
    return (
        f"Set {FILE_RETENTION} and {LOG_RETENTION} of the table to 'interval {days} days', and "
        "never run VACUUM with less; or copy this version to a bucket with Object Lock, and record "
        "the copy."
    )


def _later(moment: datetime, span: timedelta) -> datetime:
    try:
        return moment + span
    except OverflowError:
        return datetime.max.replace(tzinfo=moment.tzinfo)


def _span(span: timedelta | None) -> str:
    if span is None:
        return "a time that cannot be read"
    if span < timedelta(days=1):
        hours = span.total_seconds() / 3600
        return f"{hours:g} hours"
    return "1 day" if span.days == 1 else f"{span.days:,} days"
