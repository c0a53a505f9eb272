"""How the schemas of data sets changed from version to version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from auditkit.datasets.schema_diff import compare
from auditkit.digests import sha256_hex
from auditkit.errors import AuditkitError
from auditkit.index.index import Index
from auditkit.index.schemas import SchemaOrder, SchemaUses
from auditkit.manifest.codec import decode_statement
from auditkit.manifest.model import Schema
from auditkit.registry.checkpoint import Checkpoint
from auditkit.schemes import SCHEMAS_SCHEMA

MOST_CHANGES: Final = 50
"""More changes from one version to the next are counted, not listed."""


class SchemaChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What is different from the version before: none of it where that one cannot be read."""

    verdict: Literal["identical", "compatible", "breaking"]
    changes: tuple[str, ...]
    more: int = 0


class SchemaVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A schema of a data set: its number in the project, and the run that had it first.

    `changed` is None for the first version, and where one of the two cannot be read.
    """

    ordinal: int
    declared: tuple[str, ...]
    fingerprint: str
    columns: int | None
    run: str
    manifest: str
    recorded_at: str
    entry: int | None
    runs: int
    changed: SchemaChanges | None


class SchemaHistory(msgspec.Struct, frozen=True, kw_only=True):
    """All versions of the schema of one data set in one project."""

    project: str
    dataset: str
    versions: tuple[SchemaVersion, ...]


class DerivedAt(msgspec.Struct, frozen=True, kw_only=True):
    """The checkpoint of the log whose order was gone by."""

    origin: str
    size: int
    root: str


class SchemaHistories(msgspec.Struct, frozen=True, kw_only=True):
    """Histories, and the checkpoint that they were derived at; None where there is no log."""

    checkpoint: DerivedAt | None
    datasets: tuple[SchemaHistory, ...]
    schema: str = SCHEMAS_SCHEMA


def schema_versions(
    index: Index,
    *,
    project: str | None = None,
    dataset: str | None = None,
    checkpoint: Checkpoint | None = None,
) -> SchemaHistories:
    """Return the versions of data sets' schemas: of all, or of one project or name.

    They are numbered in the order of the log at `checkpoint`; without a log in the order in which
    runs were recorded, by their own clocks. What a version looks like is read from the first
    manifest that has it, which is not verified.
    """
    order = SchemaOrder(index.database)
    histories = tuple(
        SchemaHistory(
            project=each, dataset=name, versions=tuple(_versions(index, order, each, name))
        )
        for each, name in order.datasets(project, dataset)
    )
    return SchemaHistories(
        checkpoint=None if checkpoint is None else _derived_at(checkpoint), datasets=histories
    )


def _derived_at(checkpoint: Checkpoint) -> DerivedAt:
    return DerivedAt(origin=checkpoint.origin, size=checkpoint.size, root=checkpoint.root.hex())


def _versions(
    index: Index, order: SchemaOrder, project: str, dataset: str
) -> Iterator[SchemaVersion]:
    before: Schema | None = None
    for uses in order.uses(project, dataset):
        schema = _schema(index, uses, dataset)
        yield SchemaVersion(
            ordinal=uses.ordinal,
            declared=uses.declared,
            fingerprint=uses.fingerprint,
            columns=len(schema.fields) if schema else None,
            run=uses.first.run,
            manifest=f"sha256:{uses.first.manifest}",
            recorded_at=uses.first.recorded_at,
            entry=uses.entry,
            runs=uses.runs,
            changed=_changed(before, schema) if before and schema else None,
        )
        before = schema


def _schema(index: Index, uses: SchemaUses, dataset: str) -> Schema | None:
    """Return the schema that the first run recorded, if its columns have its fingerprint."""
    from auditkit.datasets.arrow_schema import fingerprint

    payload = index.payload(uses.first.manifest)
    if payload is None or sha256_hex(payload) != uses.first.manifest:
        return None
    try:
        datasets = decode_statement(payload).statement.predicate.datasets
    except AuditkitError:
        return None
    for each in datasets:
        schema = each.schema
        if each.name == dataset and schema and schema.fingerprint == uses.fingerprint:
            return schema if fingerprint(schema.fields) == uses.fingerprint else None
    return None


def _changed(before: Schema, after: Schema) -> SchemaChanges:
    found = compare(before, after)
    return SchemaChanges(
        verdict=found.verdict,
        changes=tuple(each.describe() for each in found.changes[:MOST_CHANGES]),
        more=max(0, len(found.changes) - MOST_CHANGES),
    )
