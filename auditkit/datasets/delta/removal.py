"""From when on a table's own settings let the files and the log of a version be removed.

Source: Delta Lake documentation, "Data retention"; Delta Transaction Log Protocol, "Metadata
Cleanup". What is asked are the settings of the newest version: they are what VACUUM goes by.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import unquote

from auditkit.datasets.base import Part
from auditkit.datasets.delta.actions import Action, parse_commit
from auditkit.datasets.delta.history import commit_time
from auditkit.datasets.delta.log import Log, read_log
from auditkit.datasets.delta.retention import (
    FILE_RETENTION,
    LOG_RETENTION,
    cleans_log,
    retention,
)
from auditkit.datasets.delta.snapshot import LogReader, data_paths, replay
from auditkit.datasets.part_table import parsing
from auditkit.datasets.tree import Tree
from auditkit.errors import TableFormatError
from auditkit.schemes import DELTA_LOG

_REMOVE: Final = b'{"remove"'


@dataclass(frozen=True, slots=True)
class Removal:
    """What the newest version of a table says of the fate of an earlier one.

    `replaced` of its `files` are not those of the newest version any more; the first of them were
    replaced at `replaced_at`, None where the log does not tell any more. `file_retention` and
    `log_retention` are how long such files, and the log, are kept; None for a setting that cannot
    be read. `cleans_log` tells whether the log is ever cleaned up.
    """

    newest: int
    files: int
    replaced: int
    replaced_at: datetime | None
    file_retention: timedelta | None
    log_retention: timedelta | None
    cleans_log: bool


def find_removal(tree: Tree, version: int, needed: Collection[str]) -> Removal:
    """Return what a table says of a version that needs the data files `needed`.

    Raises:
        TableFormatError: the log of the newest version cannot be read.
        FileChangedError, UnreadableError: from reading it.
    """
    log = read_log(tree.list(DELTA_LOG))
    segment = None if log.latest is None else log.segment(log.latest)
    if segment is None:
        raise TableFormatError("the log of its newest version is not whole", path=tree.location)
    newest = replay(tree, segment)
    replaced = set(needed) - data_paths(newest)
    return Removal(
        newest=newest.version,
        files=len(needed),
        replaced=len(replaced),
        replaced_at=_first_removed(log, version, replaced) if replaced else None,
        file_retention=retention(newest.metadata, FILE_RETENTION),
        log_retention=retention(newest.metadata, LOG_RETENTION),
        cleans_log=cleans_log(newest.metadata),
    )


def _first_removed(log: Log, version: int, replaced: set[str]) -> datetime | None:
    """Return when the first of these files was removed; None unless the log tells of all."""
    times: dict[str, int] = {}
    for number in sorted(each for each in log.commits if each > version):
        commit = log.commits[number]
        for action in _removals(commit):
            removed = action.remove
            if removed is None:
                continue
            vector = removed.deletion_vector.path if removed.deletion_vector else None
            path = unquote(removed.path, errors="surrogateescape")
            time = removed.deletion_timestamp or commit_time(commit)
            if time is not None:
                times |= dict.fromkeys(replaced & {path, vector}, time)
    return _moment(min(times.values())) if times.keys() == replaced else None


def _removals(commit: Part) -> Iterator[Action]:
    lines = LogReader().read(commit).splitlines()
    with parsing(commit):
        yield from parse_commit(b"\n".join(each for each in lines if each.startswith(_REMOVE)))


def _moment(milliseconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
