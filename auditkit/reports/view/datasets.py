"""Results per data set: coverage, what was recorded, the schema, and what the team declares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditkit.evidence import RunEvidence
from auditkit.findings import Coverage, DatasetVerdict, Finding
from auditkit.manifest.model import Dataset, Field
from auditkit.reports.blocks import Badge, Column, Fact, Table
from auditkit.reports.tally import STATUS_ORDER, judged, totals, within
from auditkit.reports.text import (
    NOTHING,
    of,
    plain,
    size,
)
from auditkit.reports.view.dataset_facts import dataset_facts, declared_facts, rows_covered
from auditkit.reports.view.findings import place
from auditkit.reports.wording import CONDITION, MODE, condition_badge, status_badge

MOST_COLUMNS = 100
MOST_DIFFERENCES = 25


_COLUMNS = (Column("Column", 44, "code"), Column("Type", 40, "code"), Column("Nulls", 16))
_DESCRIBED = (
    Column("Column", 34, "code"),
    Column("Type", 30, "code"),
    Column("Nulls", 10),
    Column("Metadata", 26),
)


@dataclass(frozen=True, slots=True)
class DatasetView:
    """One data set's part of the report."""

    name: str
    anchor: str
    role: str
    condition: Badge
    meaning: str
    note: str
    facts: tuple[Fact, ...]
    differences: Table
    schema: Table | None
    same_schema: str
    declared: tuple[Fact, ...]


def coverage_table(run: RunEvidence) -> Table:
    """Return what was looked at per data set, out of what was recorded, with the totals."""
    pairs = judged(run)
    whole = totals(verdict for _, verdict in pairs)
    rows = [
        (
            plain(record.name),
            plain(record.role),
            condition_badge(verdict.condition),
            *_covered(within(verdict.coverage)),
        )
        for record, verdict in pairs
    ]
    total = (
        "Re-read in full",
        "",
        of(whole.datasets_in_full, whole.datasets),
        "",
        of(whole.files, whole.files_total),
        f"{size(whole.bytes)} of {size(whole.bytes_total)}",
        of(whole.rows, whole.rows_total) if whole.rows_total else NOTHING,
    )
    return Table(
        caption="What was looked at, out of what the manifest records",
        columns=(
            Column("Data set", 19),
            Column("Role", 10),
            Column("Condition", 14, "badge"),
            Column("Mode", 8),
            Column("Files", 10, "number"),
            Column("Bytes", 19, "number"),
            Column("Rows", 20, "number"),
        ),
        rows=tuple(rows),
        empty="The manifest records no data set.",
        total=total,
    )


def _covered(coverage: Coverage) -> tuple[str, str, str, str]:
    return (
        MODE[coverage.mode].split(":")[0],
        of(coverage.files, coverage.files_total),
        f"{size(coverage.bytes)} of {size(coverage.bytes_total)}",
        rows_covered(coverage),
    )


def build_datasets(run: RunEvidence, prefix: str) -> tuple[DatasetView, ...]:
    """Return every recorded data set; `prefix` keeps the anchors of several runs apart.

    A schema is shown once; a later data set with the same fingerprint refers to the first.
    """
    pairs = judged(run)
    first: dict[str, str] = {}
    for record, _ in pairs:
        if record.schema is not None:
            first.setdefault(record.schema.fingerprint, record.name)
    return tuple(
        _dataset(record, verdict, run.verdict.findings, first, f"{prefix}dataset-{index}")
        for index, (record, verdict) in enumerate(pairs, start=1)
    )


def _dataset(
    record: Dataset,
    verdict: DatasetVerdict,
    findings: tuple[Finding, ...],
    first: dict[str, str],
    anchor: str,
) -> DatasetView:
    shown_at = first[record.schema.fingerprint] if record.schema is not None else record.name
    same = shown_at != record.name
    return DatasetView(
        name=plain(record.name),
        anchor=anchor,
        role=plain(record.role),
        condition=condition_badge(verdict.condition),
        meaning=CONDITION[verdict.condition][2],
        note=plain(verdict.note or ""),
        facts=dataset_facts(record, verdict),
        differences=_differences(record, findings),
        schema=None if same else _schema(record),
        same_schema=f"Same fingerprint as the schema of {plain(shown_at)}." if same else "",
        declared=declared_facts(record.declared),
    )


def _differences(record: Dataset, findings: tuple[Finding, ...]) -> Table:
    step = 10 if record.role == "output" else 9
    bad = [
        each
        for each in findings
        if each.step == step
        and each.subject == record.name
        and each.status in ("failed", "indeterminate")
    ]
    bad.sort(key=lambda each: STATUS_ORDER.index(each.status))
    shown = bad[:MOST_DIFFERENCES]
    return Table(
        caption=f"Exceptions in {plain(record.name)}",
        columns=(
            Column("Check", 17, "code"),
            Column("Outcome", 19, "badge"),
            Column("Where", 35),
            Column("What was found", 29),
        ),
        rows=tuple(
            (
                plain(each.check, 60),
                status_badge(each.status),
                place(each.location) if each.location else NOTHING,
                plain(each.detail),
            )
            for each in shown
        ),
        note=f"{of(len(shown), len(bad))}, the worst first." if len(bad) > len(shown) else "",
    )


def _schema(record: Dataset) -> Table | None:
    if record.schema is None:
        return None
    columns = tuple(_columns(record.schema.fields, ""))
    shown = columns[:MOST_COLUMNS]
    described = any(row[3] != NOTHING for row in shown)
    note = f"{of(len(shown), len(columns))} columns; the manifest has them all."
    return Table(
        caption=f"Schema of {plain(record.name)}",
        columns=_DESCRIBED if described else _COLUMNS,
        rows=shown if described else tuple(row[:3] for row in shown),
        empty="The schema has no columns.",
        note=note if len(columns) > len(shown) else "",
    )


def _columns(fields: tuple[Field, ...], prefix: str) -> Iterator[tuple[str, str, str, str]]:
    for field in fields:
        name = f"{prefix}{plain(field.name, 120)}"
        pairs = (f"{plain(key, 40)}={plain(value, 80)}" for key, value in field.metadata.items())
        yield (
            name,
            plain(field.type),
            "allowed" if field.nullable else "none",
            plain(", ".join(pairs)) or NOTHING,
        )
        yield from _columns(field.fields, f"{name}.")
