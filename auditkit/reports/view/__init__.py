"""Evidence as a report reads it: every text decided here, so that templates only place them."""

from __future__ import annotations

from dataclasses import dataclass

from auditkit.evidence import Evidence, RunEvidence
from auditkit.manifest.model import Statement
from auditkit.reports.attached import all_attachments, attachment_prefix
from auditkit.reports.blocks import Badge, Command, Fact, Heading, Table
from auditkit.reports.text import instant, moment, number, plain
from auditkit.reports.view.basis import basis_table
from auditkit.reports.view.cover import Cover, build_cover, identity_facts
from auditkit.reports.view.datasets import DatasetView, build_datasets, coverage_table
from auditkit.reports.view.experiment import splits_table, values_table
from auditkit.reports.view.files import attachments_table, files_tables
from auditkit.reports.view.findings import findings_table, steps_table
from auditkit.reports.view.limits import limits_table
from auditkit.reports.view.people import PeopleView, build_people
from auditkit.reports.view.run import (
    code_facts,
    environment_facts,
    lock_files_table,
    run_facts,
    variables_table,
)
from auditkit.reports.view.summary import Summary, build_summary, run_label
from auditkit.reports.view.verify import verify_commands
from auditkit.reports.wording import NOT_AUTHENTICATED, OVERALL, TITLE, status_badge
from auditkit.version import __version__

MOST_PACKAGES = 300

_SECTIONS = (
    ("coverage", "Scope and coverage"),
    ("people", "Signatures, approvals and time stamps"),
    ("datasets", "Data sets and outputs"),
    ("experiment", "Splits, parameters and metrics"),
    ("environment", "Run, code and environment"),
    ("basis", "What is observed and what is declared"),
    ("limits", "What is caught, and what is not"),
    ("verify", "How to verify independently"),
    ("findings", "All findings"),
    ("files", "File digests"),
)
_WITHOUT_RECORD = ("findings", "limits")


@dataclass(frozen=True, slots=True)
class RecordView:
    """What the authenticated manifest says, and how the stored data compares with it."""

    coverage: Table
    people: PeopleView
    datasets: tuple[DatasetView, ...]
    splits: Table
    parameters: Table
    metrics: Table
    run: tuple[Fact, ...]
    code: tuple[Fact, ...]
    environment: tuple[Fact, ...]
    lock_files: Table
    variables: Table
    packages: tuple[tuple[str, str], ...]
    packages_note: str
    basis: Table
    verify: tuple[Command, ...]
    files: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class RunView:
    """One run's part of the report; `record` is None where the manifest was not authenticated."""

    label: str
    manifest: str
    status: Badge
    sentence: str
    notice: str
    identity: tuple[Fact, ...]
    chapter: Heading | None
    sections: tuple[Heading, ...]
    record: RecordView | None
    limits: Table
    steps: Table
    findings: Table


@dataclass(frozen=True, slots=True)
class ReportView:
    """A whole report. `contents` lists every numbered heading of the first two levels."""

    title: str
    document_title: str
    created: str
    generated_at: str
    generator: str
    cover: Cover
    contents: tuple[Heading, ...]
    summary_heading: Heading
    summary: Summary
    runs: tuple[RunView, ...]
    attachments_heading: Heading
    attachments: Table


def build_view(evidence: Evidence, *, generated_at: str) -> ReportView:
    """Return the report on `evidence`.

    `generated_at` is RFC 3339 and printed as given; raises ValueError if it is no such time.
    """
    several = len(evidence.runs) != 1
    summary = Heading("summary", "1", "Summary", "summary", 2)
    runs = tuple(
        _run(evidence, run, index, several=several)
        for index, run in enumerate(evidence.runs, start=1)
    )
    headings = [summary]
    for run in runs:
        headings += [run.chapter] if run.chapter else run.sections
    last = Heading("attachments", str(len(headings) + 1), "Attached files", "attachments", 2)
    label = run_label(evidence.runs[0]) if not several else f"{number(len(runs))} runs"
    return ReportView(
        title=TITLE,
        document_title=f"{TITLE}: {label}",
        created=f"{instant(generated_at):%Y-%m-%dT%H:%M:%SZ}",
        generated_at=moment(generated_at),
        generator=f"auditkit {__version__}",
        cover=build_cover(evidence),
        contents=(*headings, last),
        summary_heading=summary,
        summary=build_summary(evidence),
        runs=runs,
        attachments_heading=last,
        attachments=attachments_table(all_attachments(evidence)),
    )


def _run(evidence: Evidence, run: RunEvidence, index: int, *, several: bool) -> RunView:
    prefix = f"run-{index}-" if several else ""
    label, status = run_label(run), run.verdict.status
    chapter = Heading("run", str(index + 1), f"Run {index}: {label}", f"run-{index}", 2)
    statement = run.statement
    return RunView(
        label=label,
        manifest="" if run.manifest_digest is None else f"sha256:{run.manifest_digest}",
        status=status_badge(status),
        sentence=OVERALL[status],
        notice="" if statement else NOT_AUTHENTICATED,
        identity=identity_facts(run),
        chapter=chapter if several else None,
        sections=tuple(_headings(prefix, chapter if several else None, known=bool(statement))),
        record=_record(evidence, run, statement, prefix) if statement else None,
        limits=limits_table(evidence, run),
        steps=steps_table(run.verdict.findings),
        findings=findings_table(run.verdict.findings),
    )


def _headings(prefix: str, chapter: Heading | None, *, known: bool) -> list[Heading]:
    shown = [pair for pair in _SECTIONS if known or pair[0] in _WITHOUT_RECORD]
    return [
        Heading(
            key,
            f"{chapter.number}.{place}" if chapter else str(place + 1),
            title,
            f"{prefix}{key}",
            3 if chapter else 2,
        )
        for place, (key, title) in enumerate(shown, start=1)
    ]


def _record(evidence: Evidence, run: RunEvidence, statement: Statement, prefix: str) -> RecordView:
    predicate = statement.predicate
    shown = run.packages[:MOST_PACKAGES]
    rest = len(run.packages) - len(shown)
    return RecordView(
        coverage=coverage_table(run),
        people=build_people(evidence.verdict.trust, run.verdict),
        datasets=build_datasets(run, prefix),
        splits=splits_table(predicate.splits),
        parameters=values_table(predicate.parameters, "Parameters"),
        metrics=values_table(predicate.metrics, "Metrics"),
        run=run_facts(predicate),
        code=code_facts(predicate.code),
        environment=environment_facts(predicate.environment),
        lock_files=lock_files_table(predicate.environment),
        variables=variables_table(predicate.environment),
        packages=tuple((plain(name, 80), plain(version, 40)) for name, version in shown),
        packages_note=f"{number(rest)} more in the attached list." if rest else "",
        basis=basis_table(predicate),
        verify=verify_commands(run, prefix=attachment_prefix(evidence, run)),
        files=files_tables(run),
    )
