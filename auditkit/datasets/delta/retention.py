"""Whether what is not there any more was removed by the table's own retention.

Only what the table itself shows counts: a finished VACUUM after which nothing referred to a file,
or a checkpoint in place of the log before it, once the table's setting allowed that.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from auditkit.datasets.delta.actions import MetaData
from auditkit.datasets.delta.history import described
from auditkit.datasets.delta.log import Log
from auditkit.datasets.delta.snapshot import Snapshot, data_paths, replay
from auditkit.datasets.tree import Tree
from auditkit.errors import DataError
from auditkit.manifest.delta import DeltaVersion

LOG_RETENTION: Final = "delta.logRetentionDuration"
FILE_RETENTION: Final = "delta.deletedFileRetentionDuration"
_DEFAULTS: Final = {LOG_RETENTION: timedelta(days=30), FILE_RETENTION: timedelta(days=7)}
_CLEANUP: Final = "delta.enableExpiredLogCleanup"

_UNITS: Final = {
    "nanosecond": timedelta(microseconds=0.001),
    "microsecond": timedelta(microseconds=1),
    "millisecond": timedelta(milliseconds=1),
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}


def retention(metadata: MetaData, setting: str) -> timedelta | None:
    """Return what a setting of the table says, or its default; None where it cannot be read.

    Source: Delta Lake documentation, "Data retention"; intervals as in `interval 30 days`.
    """
    text = metadata.configuration.get(setting)
    if text is None:
        return _DEFAULTS[setting]
    words = text.lower().split()
    words = words[1:] if words[:1] == ["interval"] else words
    if not words or len(words) % 2:
        return None
    total = timedelta()
    try:
        for number, unit in zip(words[::2], words[1::2], strict=True):
            total += int(number) * _UNITS[unit.removesuffix("s")]
    except (ValueError, KeyError, OverflowError):
        return None
    return total


def cleans_log(metadata: MetaData) -> bool:
    """Tell whether the table lets its log be cleaned up at all."""
    return (metadata.configuration.get(_CLEANUP) or "true").lower() != "false"


def vacuumed(tree: Tree, log: Log, version: int, missing: Collection[str]) -> dict[str, str]:
    """Return which of the files that `version` needs were vacuumed, with what shows it."""
    end = _last_vacuum(log, version)
    if end is None or not missing:
        return {}
    found = _snapshot(tree, log, end)
    if found is None:
        return {}
    kept = data_paths(found)
    why = f"removed by the VACUUM that ended as version {end}"
    return {path: why for path in missing if path not in kept}


def log_expired(tree: Tree, log: Log, recorded: DeltaVersion, now: datetime) -> str | None:
    """Return what shows that the log of a recorded version was cleaned up; None if nothing does."""
    later = [each.version for each in log.checkpoints if each.version > recorded.version]
    kept = [each for each in log.commits if each <= recorded.version]
    found = _snapshot(tree, log, min(later)) if later and not kept else None
    if found is None or not cleans_log(found.metadata):
        return None
    duration = retention(found.metadata, LOG_RETENTION)
    if duration is None or recorded.committed_at is None:
        return None
    if datetime.fromisoformat(recorded.committed_at) + duration > now:
        return None
    return (
        f"the log begins with version {found.version}; it keeps {duration.days} days, and version "
        f"{recorded.version} was committed at {recorded.committed_at}"
    )


def _last_vacuum(log: Log, version: int) -> int | None:
    for number in sorted((each for each in log.commits if each > version), reverse=True):
        for action in described(log.commits[number]):
            info = action.commit_info or {}
            if info.get("operation") == "VACUUM END" and _completed(info):
                return number
    return None


def _completed(info: dict[str, object]) -> bool:
    parameters = info.get("operationParameters")
    return isinstance(parameters, dict) and parameters.get("status") == "COMPLETED"


def _snapshot(tree: Tree, log: Log, version: int) -> Snapshot | None:
    segment = log.segment(version)
    if segment is None:
        return None
    try:
        return replay(tree, segment)
    except DataError:  # a log that cannot be read shows nothing
        return None
