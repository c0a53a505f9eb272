"""From a reference to the files of one version of a Delta table, and what its log says of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from auditkit.datasets.base import Part, Plan, Problem
from auditkit.datasets.delta.history import version_at
from auditkit.datasets.delta.log import Log, Segment, read_log
from auditkit.datasets.delta.record import describe
from auditkit.datasets.delta.retention import log_expired, vacuumed
from auditkit.datasets.delta.rows import assemble
from auditkit.datasets.delta.schema import check_protocol
from auditkit.datasets.delta.snapshot import Snapshot, data_paths, replay
from auditkit.datasets.names import printable
from auditkit.datasets.requests import PlanRequest
from auditkit.datasets.tree import Tree, open_tree
from auditkit.errors import (
    DataNotFoundError,
    ExpiredError,
    TableFormatError,
    UsageError,
)
from auditkit.schemes import DELTA_LOG


def plan_delta(request: PlanRequest) -> Plan:
    """Return the files of one version: data, deletion vectors, and the log that defines it.

    The version is the one named, or the recorded one, or else the newest there is now. The log is
    read for that; nothing of the data is.

    Raises:
        DataNotFoundError: there is no such table, version or file.
        ExpiredError: the table shows that its retention removed the recorded version.
        TableFormatError: the log cannot be read, or the table has what is not supported.
        UsageError: the version is neither a number nor a time.
    """
    tree = open_tree(request)
    log = read_log(tree.list(DELTA_LOG))
    version = _version(request, log, tree.location)
    segment = _segment(request, tree, log, version)
    snapshot = replay(tree, segment)
    check_protocol(snapshot.protocol)
    files = _Files(tree, snapshot)
    problems = tuple(_problems(request, files, log))
    parts = _parts(request, files, log)
    state = tree.state(parts)
    history = request.recorded is None
    return Plan(
        location=tree.location,
        kind="folder",
        format="delta",
        reading="table",
        parts=tree.pack(parts),
        problems=problems,
        version=str(version),
        assembly=assemble(snapshot, files.found),
        delta=describe(log, snapshot, request.reference.version, history=history),
        s3=state,
        note=state.since.describe() if state is not None and state.since is not None else None,
    )


def _version(request: PlanRequest, log: Log, location: str) -> int:
    if log.latest is None:
        raise DataNotFoundError(
            f"there is no Delta table: nothing is in {DELTA_LOG}",
            hint="Name the folder that holds it.",
            path=location,
        )
    recorded = request.recorded.dataset.delta if request.recorded else None
    if recorded is not None and not request.latest:
        return recorded.version
    text = request.reference.version
    if text is None:
        return log.latest
    if text.isascii() and text.isdigit() and len(text) <= 20:
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UsageError(
            f"{text!r} is no version of a Delta table",
            hint="Write a number, @7, or a time with its zone, @2026-01-31T12:00:00Z.",
        )
    return version_at(log, moment, location=location)


def _segment(request: PlanRequest, tree: Tree, log: Log, version: int) -> Segment:
    """Return the files that define a version: those recorded, as long as they are there."""
    inventory = request.recorded.inventory if request.recorded else None
    if inventory is not None:
        names = {path for path in inventory.files.paths if path.startswith(DELTA_LOG)}
        segment = log.only(names).segment(version)
        if segment is not None:
            return segment
    segment = log.segment(version)
    if segment is not None:
        return segment
    recorded = request.recorded.dataset.delta if request.recorded else None
    why = log_expired(tree, log, recorded, request.now) if recorded else None
    if why is not None:
        raise ExpiredError(f"version {version} cannot be read any more: {why}", path=tree.location)
    raise DataNotFoundError(
        f"there is no version {version}; the log has {log.earliest} to {log.latest}",
        hint="Name one that is there; retention removes old ones.",
        path=tree.location,
    )


class _Files:
    """The files that a snapshot needs, as far as they are there."""

    def __init__(self, tree: Tree, snapshot: Snapshot) -> None:
        paths = sorted(data_paths(snapshot), key=str.encode)
        self.snapshot = snapshot
        self.tree = tree
        self.found: dict[str, Part] = {}
        self.missing: list[str] = []
        for path, part in zip(paths, tree.find(paths), strict=True):
            if part is None:
                self.missing.append(path)
            else:
                self.found[path] = part


def _problems(request: PlanRequest, files: _Files, log: Log) -> Iterator[Problem]:
    """Yield what is not there and why, or raise it for a data set that is to be recorded."""
    version = files.snapshot.version
    if files.missing and not request.collect:
        raise DataNotFoundError(
            f"a file of version {version} is gone",
            hint="VACUUM removes files of old versions: record a later one.",
            path=printable(f"{files.tree.location}/{files.missing[0]}"),
        )
    why = vacuumed(files.tree, log, version, files.missing)
    for path in files.missing:
        where = printable(path)
        if path in why:
            yield Problem(where, ExpiredError(why[path], path=where))
        else:
            yield Problem(where, DataNotFoundError("missing", path=where))


def _parts(request: PlanRequest, files: _Files, log: Log) -> list[Part]:
    """Return all files in the order of paths; recorded files of the log too, while they last."""
    parts = {part.path: part for part in files.snapshot.log}
    inventory = request.recorded.inventory if request.recorded else None
    if inventory is not None and not request.latest:
        names = {path for path in inventory.files.paths if path.startswith(DELTA_LOG)}
        parts |= {part.path: part for part in log.only(names).parts}
    if parts.keys() & files.found.keys():
        raise TableFormatError("its log names itself as data", path=files.tree.location)
    parts |= files.found
    return sorted(parts.values(), key=lambda part: part.path.encode())
