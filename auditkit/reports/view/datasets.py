"""Results per data set: its condition, what changed, what was recorded, and what is declared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditkit.findings import DatasetVerdict, Finding
from auditkit.manifest.model import Dataset, Field
from auditkit.reports.blocks import Badge, Column, Fact, Quoted, Table
from auditkit.reports.language import Language
from auditkit.reports.tally import STATUS_ORDER, judged
from auditkit.reports.text import NOTHING, plain
from auditkit.reports.view.basis import mark
from auditkit.reports.view.changes import altered_map, schema_changes
from auditkit.reports.view.context import Context
from auditkit.reports.view.dataset_facts import dataset_facts, declared_facts
from auditkit.reports.view.findings import Numbered, check_name, numbered, place
from auditkit.reports.wording import condition_badge, condition_meaning, status_badge

MOST_COLUMNS = 100
MOST_DIFFERENCES = 25


@dataclass(frozen=True, slots=True)
class DatasetView:
    """One data set's part of the report; a picture or table that says nothing is None."""

    name: str
    anchor: str
    role: str
    condition: Badge
    meaning: str
    note: Quoted | None
    facts: tuple[Fact, ...]
    altered: Table | None
    changed_schema: Table | None
    differences: Table | None
    schema: Table | None
    same_schema: str
    declared: tuple[Fact, ...]


def build_datasets(context: Context) -> tuple[DatasetView, ...]:
    """Return every recorded data set.

    A schema is shown once; a later data set with the same fingerprint refers to the first.
    """
    pairs = judged(context.run)
    first: dict[str, str] = {}
    for record, _ in pairs:
        if record.schema is not None:
            first.setdefault(record.schema.fingerprint, record.name)
    return tuple(
        _dataset(context, record, verdict, first, f"{context.prefix}dataset-{index}")
        for index, (record, verdict) in enumerate(pairs, start=1)
    )


def _dataset(
    context: Context, record: Dataset, verdict: DatasetVerdict, first: dict[str, str], anchor: str
) -> DatasetView:
    say = context.say
    shown_at = first[record.schema.fingerprint] if record.schema is not None else record.name
    same = shown_at != record.name
    same_text = say("Same fingerprint as the schema of {name}.", name=plain(shown_at))
    bad = _bad(context, record)
    return DatasetView(
        name=plain(record.name),
        anchor=anchor,
        role=plain(record.role),
        condition=condition_badge(say, verdict.condition),
        meaning=condition_meaning(say, verdict.condition),
        note=Quoted(plain(verdict.note)) if verdict.note else None,
        facts=dataset_facts(say, record, verdict),
        altered=altered_map(say, record, (each.finding for each in bad)),
        changed_schema=schema_changes(say, record, (each.finding for each in bad)),
        differences=_differences(say, record, bad),
        schema=None if same else _schema(say, record),
        same_schema=same_text if same else "",
        declared=declared_facts(say, record.declared),
    )


def _bad(context: Context, record: Dataset) -> list[Numbered]:
    """Return what failed or is open about one data set, the worst first."""
    step = 10 if record.role == "output" else 9
    found = [
        each
        for each in numbered(context)
        if each.finding.step == step
        and each.finding.subject == record.name
        and each.finding.status in ("failed", "indeterminate")
    ]
    return sorted(found, key=lambda each: STATUS_ORDER.index(each.finding.status))


def _differences(say: Language, record: Dataset, bad: list[Numbered]) -> Table | None:
    if not bad:
        return None
    shown = bad[:MOST_DIFFERENCES]
    note = say("{shown}, the worst first.", shown=say.of(len(shown), len(bad)))
    return Table(
        caption=say("Exceptions in {name}", name=plain(record.name)),
        columns=(
            Column(say("Check"), 18, "code"),
            Column(say("Outcome"), 22, "badge"),
            Column(say("Where"), 31),
            Column(say("What was found"), 29),
        ),
        rows=tuple(_difference(say, each.finding) for each in shown),
        empty="",
        note=note if len(bad) > len(shown) else "",
    )


def _difference(say: Language, finding: Finding) -> tuple[str, Badge, str, Quoted]:
    return (
        check_name(finding),
        status_badge(say, finding.status),
        place(say, finding.location) if finding.location else NOTHING,
        Quoted(plain(finding.detail)),
    )


def _schema(say: Language, record: Dataset) -> Table | None:
    if record.schema is None:
        return None
    columns = tuple(_columns(say, record.schema.fields, ""))
    shown = columns[:MOST_COLUMNS]
    described = any(row[3] != NOTHING for row in shown)
    note = say(
        "{shown} columns; the manifest has them all.", shown=say.of(len(shown), len(columns))
    )
    return Table(
        caption=say("Schema of {name}", name=plain(record.name)),
        columns=_titles(say, described=described),
        rows=shown if described else tuple(row[:3] for row in shown),
        empty=say("The schema has no columns."),
        note=note if len(columns) > len(shown) else "",
        basis=mark(say, record, "/schema"),
    )


def _titles(say: Language, *, described: bool) -> tuple[Column, ...]:
    name, kind, nulls = say("Column"), say("Type"), say("Nulls")
    if not described:
        return (Column(name, 44, "code"), Column(kind, 40, "code"), Column(nulls, 16))
    return (
        Column(name, 34, "code"),
        Column(kind, 30, "code"),
        Column(nulls, 10),
        Column(say("Metadata"), 26),
    )


def _columns(
    say: Language, fields: tuple[Field, ...], prefix: str
) -> Iterator[tuple[str, str, str, str]]:
    for field in fields:
        name = f"{prefix}{plain(field.name, 120)}"
        pairs = (f"{plain(key, 40)}={plain(value, 80)}" for key, value in field.metadata.items())
        yield (
            name,
            plain(field.type),
            say("allowed") if field.nullable else say("none"),
            plain(", ".join(pairs)) or NOTHING,
        )
        yield from _columns(say, field.fields, f"{name}.")
