"""What commits say of themselves: when, by what, and which columns they gave the table.

These are the writer's own statements, and none of them is evidence of a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from auditkit.datasets.arrow_schema import schema_of
from auditkit.datasets.base import Part
from auditkit.datasets.delta.actions import Action, Protocol, parse_commit
from auditkit.datasets.delta.log import Log
from auditkit.datasets.delta.schema import columns_of
from auditkit.datasets.delta.snapshot import LogReader
from auditkit.datasets.part_table import bad_table, parsing
from auditkit.datasets.schema_diff import compare
from auditkit.errors import TableFormatError
from auditkit.manifest.delta import DeltaOperation, DeltaSchemaChange
from auditkit.manifest.model import Schema
from auditkit.manifest.numbers import to_json

MAX_COMMITS: Final = 1000
"""So many commits before a version are looked at for its history."""

_MAX_OPERATIONS: Final = 100
_MAX_CHANGES: Final = 50
_MAX_BYTES: Final = 8192
_UNMAPPED: Final = Protocol(min_reader_version=1, min_writer_version=1)
"""Where columns are stored is no part of their history."""

_HEADS: Final = (b'{"commitInfo"', b'{"metaData"')
_USUAL: Final = {
    "clientVersion",
    "clusterId",
    "engineInfo",
    "inCommitTimestamp",
    "isBlindAppend",
    "isolationLevel",
    "job",
    "notebook",
    "operation",
    "operationMetrics",
    "operationParameters",
    "readVersion",
    "tags",
    "timestamp",
    "txnId",
    "userId",
    "userName",
}
"""What writers state beside what users add; who the user is, is personal data and left out."""


def history_of(
    log: Log, version: int
) -> tuple[tuple[DeltaOperation, ...], tuple[DeltaSchemaChange, ...]]:
    """Return the last operations up to a version, newest first, and the changes of columns.

    Only what the log still has, and no more than `MAX_COMMITS` of it.
    """
    operations: list[DeltaOperation] = []
    changes: list[DeltaSchemaChange] = []
    before: Schema | None = None
    numbers = sorted(each for each in log.commits if each <= version)[-MAX_COMMITS:]
    commits = [log.commits[number] for number in numbers]
    read = LogReader().read_each(commits)
    for number, commit, data in zip(numbers, commits, read, strict=True):
        for action in _stated(commit, data):
            if action.commit_info is not None:
                operations.append(_operation(number, action.commit_info))
            if action.meta_data is not None:
                columns = columns_of(action.meta_data, _UNMAPPED)
                schema = schema_of(column.field for column in columns)
                if before is None or schema.fingerprint != before.fingerprint:
                    changes.append(_change(number, schema, before))
                before = schema
    return tuple(reversed(operations[-_MAX_OPERATIONS:])), tuple(changes)


def described(commit: Part) -> Iterator[Action]:
    """Yield what a commit says of itself and of the table, without its files."""
    return _stated(commit, LogReader().read(commit))


def _stated(commit: Part, data: bytes) -> Iterator[Action]:
    lines = [line for line in data.splitlines() if line.lstrip().startswith(_HEADS)]
    with parsing(commit):
        yield from parse_commit(b"\n".join(lines))


def commit_time(commit: Part) -> int | None:
    """Return when a commit was made, as it says itself, in milliseconds since 1970."""
    for action in described(commit):
        info = action.commit_info
        if info is not None:
            found = info.get("inCommitTimestamp", info.get("timestamp"))
            return found if isinstance(found, int) else None
    return None


def version_at(log: Log, moment: datetime, *, location: str) -> int:
    """Return the version that was the newest at `moment`, by the times that commits state.

    Times of files are not asked: a copy of a table has others.

    Raises:
        TableFormatError: the log does not reach back so far, or has a commit without a time.
    """
    asked = int(moment.timestamp() * 1000)
    found, last = None, -1
    for version in sorted(log.commits):
        time = commit_time(log.commits[version])
        if time is None:
            raise bad_table(
                log.commits[version],
                "does not say when it was committed",
                hint="Name the version by its number: @N.",
            )
        last = max(last + 1, time)  # a clock that went back does not reorder versions
        if last > asked:
            break
        found = version
    if found is None:
        raise TableFormatError(
            "its log does not reach back to this time",
            hint="Name the version by its number: @N.",
            path=location,
        )
    return found


def timestamp(milliseconds: int | None) -> str | None:
    """Return RFC 3339 text in UTC; None for what is no time of ours."""
    try:
        moment = datetime.fromtimestamp((milliseconds or 0) / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    if milliseconds is None:
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _operation(version: int, info: Mapping[str, Any]) -> DeltaOperation:
    time = info.get("inCommitTimestamp", info.get("timestamp"))
    return DeltaOperation(
        version=version,
        timestamp=timestamp(time if isinstance(time, int) else None),
        operation=_text(info.get("operation")),
        engine=_text(info.get("engineInfo")),
        parameters=_map(info.get("operationParameters")),
        metrics=_map(info.get("operationMetrics")),
        metadata=_map({key: value for key, value in info.items() if key not in _USUAL}),
    )


def _text(value: Any) -> str | None:
    return value[:1000] if isinstance(value, str) else None


def _map(value: Any) -> dict[str, Any]:
    """Return a map as a manifest can have it; long ones are left out, which is said."""
    if not isinstance(value, dict) or not value:
        return {}
    try:
        found: dict[str, Any] = to_json(value, max_depth=4)
    except ValueError:
        return {"omitted": "not for a manifest"}
    size = len(msgspec.json.encode(found))
    return found if size <= _MAX_BYTES else {"omitted": f"{size} bytes"}


def _change(version: int, schema: Schema, before: Schema | None) -> DeltaSchemaChange:
    changes = compare(before, schema).changes if before is not None else ()
    return DeltaSchemaChange(
        version=version,
        fingerprint=schema.fingerprint,
        changes=_few(change.describe() for change in changes),
    )


def _few(texts: Iterable[str]) -> tuple[str, ...]:
    found = [text[:1000] for text in texts]
    more = len(found) - _MAX_CHANGES
    return (*found[:_MAX_CHANGES], *((f"{more} more",) if more > 0 else ()))
