"""Lists of runs: which fit a question, the latest first."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from auditkit.index.conditions import Condition
from auditkit.index.facts import RunFacts, Scalar
from auditkit.index.lookup import find_keys
from auditkit.index.records import IndexRecords
from auditkit.index.schemas import SchemaOrder
from auditkit.index.stored import facts_of, record_of
from auditkit.lineage import DataKey, RunRecord
from auditkit.lineage.model import sortable
from auditkit.manifest import numbers
from auditkit.schemes import RUNS_SCHEMA

_ALL = 2**31

VerifiedAs = Literal["passed", "failed", "indeterminate", "never"]
_RUNS = (
    "SELECT record, facts, place, signed, position FROM runs"
    " WHERE (?1 IS NULL OR project = ?1) AND (?2 IS NULL OR recorded >= ?2)"
    " AND (?3 IS NULL OR recorded <= ?3) ORDER BY recorded DESC, run DESC"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunQuery:
    """What runs are asked for; everything that is given has to hold.

    `dataset` is the name of an input or output, `digest` the first digits of one's digest or the
    whole one of a file in a folder; `commit` are first digits. Times are RFC 3339 in UTC. `since`
    and `until` are compared with when the run was recorded, by its own clock. `verified` is what
    came of the last verification, and `stale_since` asks for runs that passed none in full since.
    """

    project: str | None = None
    name: str | None = None
    status: str | None = None
    dataset: str | None = None
    digest: str | None = None
    commit: str | None = None
    parameters: tuple[Condition, ...] = ()
    metrics: tuple[Condition, ...] = ()
    since: str | None = None
    until: str | None = None
    verified: VerifiedAs | None = None
    stale_since: str | None = None


class DatasetListing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An input or output of a run: its digest as text, and which version its schema is.

    The version as its team declares it, and the number among those that the project had under this
    name, in the order of the log.
    """

    name: str
    role: str
    digest: str
    location: str
    rows: int | None = None
    schema_version: str | None = None
    schema_ordinal: int | None = None


class CheckListing(msgspec.Struct, frozen=True, kw_only=True):
    """The last verification of a run, and when it last passed one in full.

    Times are by the verifiers' own clocks. `by` is who signed it, None if that was not checked.
    """

    at: str
    status: str
    mode: str
    in_full: bool
    by: str | None
    passed_at: str | None


Checks = Callable[[str], CheckListing | None]
"""Tells the last verification of a manifest by its digest, hex."""


class RunListing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run as a list of runs shows it.

    `place` is its evidence folder, or its entry in a log, whose number is `entry`.
    """

    run: str
    manifest: str
    project: str
    status: str
    recorded_at: str
    place: str
    signed: bool
    entry: int | None = None
    name: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    commit: str | None = None
    dirty: bool | None = None
    parameters: dict[str, Scalar] = {}
    metrics: dict[str, Scalar] = {}
    datasets: tuple[DatasetListing, ...] = ()
    verification: CheckListing | None = None


class RunList(msgspec.Struct, frozen=True, kw_only=True):
    """The runs that fit a question; with `more` there are others, beyond what was asked for.

    `unreadable` counts statements in the source that are no manifest that can be read.
    """

    runs: tuple[RunListing, ...]
    more: bool
    unreadable: int
    schema: str = RUNS_SCHEMA


@dataclass(frozen=True, slots=True)
class _Found:
    place: str
    signed: bool
    entry: int | None
    check: CheckListing | None


def search(
    database: sqlite3.Connection, query: RunQuery, checks: Checks | None = None
) -> Iterator[RunListing]:
    """Yield the runs that fit, the latest first.

    With `checks` each comes with its last verification; what asks for that needs it.
    """
    since = None if query.since is None else sortable(query.since)
    until = None if query.until is None else sortable(query.until)
    rows = database.execute(_RUNS, (query.project, since, until))
    wanted = None if query.digest is None else set(_keys(database, query.digest))
    order = SchemaOrder(database)
    for record, facts, place, signed, position in rows:
        run, details = record_of(record), facts_of(facts)
        if not _fits(run, details, query, wanted):
            continue
        check = None if checks is None else checks(run.manifest)
        if _is_so_verified(check, query):
            found = _Found(place, bool(signed), position, check)
            yield _listing(run, details, found, order)


def _keys(database: sqlite3.Connection, digest: str) -> list[DataKey]:
    """Return the data with this digest, and the folders that hold such a file."""
    keys = find_keys(database, digest)
    records = IndexRecords(database)
    files = [key for key in keys if key.kind == "file"]
    return [*keys, *(each for file in files for each in records.holders(file, limit=_ALL))]


def _fits(
    run: RunRecord, facts: RunFacts, query: RunQuery, wanted: Collection[DataKey] | None
) -> bool:
    uses = (*run.inputs, *run.outputs)
    return (
        (wanted is None or any(key in wanted for use in uses for key in use.keys))
        and query.name in {None, run.name}
        and query.status in {None, run.status}
        and (query.dataset is None or any(use.name == query.dataset for use in uses))
        and (query.commit is None or (facts.commit or "").startswith(query.commit))
        and all(each.holds(facts.parameters) for each in query.parameters)
        and all(each.holds(facts.metrics) for each in query.metrics)
    )


def _is_so_verified(check: CheckListing | None, query: RunQuery) -> bool:
    if query.verified is not None and query.verified != (check.status if check else "never"):
        return False
    if query.stale_since is None or check is None or check.passed_at is None:
        return True
    return sortable(check.passed_at) < sortable(query.stale_since)


def _listing(run: RunRecord, facts: RunFacts, found: _Found, order: SchemaOrder) -> RunListing:
    declared = {each.dataset: each.declared for each in facts.schemas}
    ordinals = {
        each.dataset: order.ordinal(run.project, each.dataset, each.fingerprint)
        for each in facts.schemas
    }
    return RunListing(
        run=run.run,
        manifest=f"sha256:{run.manifest}",
        project=run.project,
        name=run.name,
        status=run.status,
        recorded_at=run.recorded_at,
        started_at=facts.started_at,
        finished_at=facts.finished_at,
        commit=facts.commit,
        dirty=facts.dirty,
        parameters=_printable(facts.parameters),
        metrics=_printable(facts.metrics),
        place=found.place,
        signed=found.signed,
        entry=found.entry,
        verification=found.check,
        datasets=tuple(
            DatasetListing(
                name=use.name,
                role=use.role,
                digest=use.key.id,
                location=use.location,
                rows=use.rows,
                schema_version=declared.get(use.name),
                schema_ordinal=ordinals.get(use.name),
            )
            for use in (*run.inputs, *run.outputs)
        ),
    )


def _printable(values: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Return values with what JSON has no number for as text: NaN and the infinities."""
    return {
        name: numbers.display(numbers.to_json(value))
        if isinstance(value, float) and not math.isfinite(value)
        else value
        for name, value in values.items()
    }
