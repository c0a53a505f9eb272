"""The index over a registry whose log was checked first, and what lists are made of from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from auditkit.errors import LogError
from auditkit.execution.progress import Progress, SilentProgress
from auditkit.index.index import Index, open_index
from auditkit.index.logged import LogSource
from auditkit.index.search import RunListing, RunQuery, search
from auditkit.registry.authenticity import authenticate
from auditkit.registry.log import Log
from auditkit.registry.registry import Registry
from auditkit.verification.log_view import LogTrust


@dataclass(frozen=True, slots=True)
class RegistryIndex:
    """Questions about the runs in a registry, as they are at the checkpoint of `log`.

    `authentic` tells whether a trusted log signed that; without one there is nobody to ask.
    """

    index: Index
    registry: Registry
    log: Log
    authentic: bool


@contextmanager
def open_registry_index(
    registry: Registry,
    trust: LogTrust,
    *,
    cache: Path | None,
    progress: Progress | None = None,
) -> Iterator[RegistryIndex]:
    """Yield the index of a registry, brought up to its checkpoint, or made again.

    With trusted logs the checkpoint has to be signed by one, and the log to extend what was seen
    of it; then it is remembered. `cache` is the folder that the index is kept in, None to make it
    for this once.

    Raises:
        TargetNotFoundError: there is no registry at its place.
        LogError: the log is not one that is trusted, was rolled back or rewritten, or its entries
            do not add up.
        StoreError: the registry refused or cannot be reached.
        StorageError: the index was damaged while it was used; the next call makes it anew.
    """
    log = registry.log()
    _check(log, trust)
    source = LogSource(registry, log, progress or SilentProgress())
    with open_index(source, cache) as index:
        yield RegistryIndex(index, registry, log, authentic=bool(trust.logs))


def project_runs(
    index: Index, project: str, *, since: str | None = None, until: str | None = None
) -> tuple[RunListing, ...]:
    """Return all runs of a project that were recorded between two times, the earliest first.

    Both ends are RFC 3339 in UTC and belong to it; they are held against when a run was recorded,
    by its own clock. `RunListing.entry` is where the log has it. Nothing here is verified.
    """
    query = RunQuery(project=project, since=since, until=until)
    return tuple(reversed(list(search(index.database, query))))


def _check(log: Log, trust: LogTrust) -> None:
    if not trust.logs:
        return
    try:
        authenticate(log.signed, trust.logs)
        for seen in trust.seen(log.checkpoint.origin):
            log.check_extends(seen.checkpoint)
        if trust.memory is not None:
            trust.memory.remember(log.signed)
    except LogError as error:
        raise LogError(
            f"nothing is listed from this registry: {error.message}",
            hint="auditkit log consistency and auditkit log verify tell more.",
            path=log.store.location,
        ) from error
