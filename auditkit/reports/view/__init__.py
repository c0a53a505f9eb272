"""Evidence as a report reads it: every text decided here, so that templates only place them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditkit.evidence import Attachment, Evidence
from auditkit.manifest.model import TrainingRun
from auditkit.reports.attached import attachment_prefix
from auditkit.reports.blocks import Badge, Command, Event, Fact, Heading, QrCode, Table
from auditkit.reports.handed import handed_over
from auditkit.reports.language import Language, language
from auditkit.reports.options import ReportOptions
from auditkit.reports.text import instant
from auditkit.reports.view.additions import additions_table
from auditkit.reports.view.basis import basis_table
from auditkit.reports.view.chain import Picture, lineage_picture
from auditkit.reports.view.context import Context
from auditkit.reports.view.controls import ControlsView, build_controls, retention_table
from auditkit.reports.view.cover import Cover, build_cover, chosen_text, identity_facts
from auditkit.reports.view.criteria import frameworks_table
from auditkit.reports.view.custody import gaps, parents_table, signer_facts, timeline
from auditkit.reports.view.datasets import DatasetView, build_datasets
from auditkit.reports.view.engagement import AssertionView, assertion_view, use_facts
from auditkit.reports.view.environment import (
    PackagesView,
    environment_facts,
    lock_files_table,
    packages_view,
    variables_table,
)
from auditkit.reports.view.exceptions import details_table
from auditkit.reports.view.experiment import metrics_table, parameters_table, splits_table
from auditkit.reports.view.files import attachments_table, files_tables
from auditkit.reports.view.findings import findings_table, steps_table
from auditkit.reports.view.glossary import glossary_table
from auditkit.reports.view.limits import duties_table, limits_table
from auditkit.reports.view.method import method_facts
from auditkit.reports.view.outline import Chapter, contents, outline, period_outline
from auditkit.reports.view.own import OwnView, own_view
from auditkit.reports.view.people import (
    approvals_table,
    demands,
    signers_table,
    timestamps_table,
)
from auditkit.reports.view.period import PeriodView, period_view
from auditkit.reports.view.qr import qr_code
from auditkit.reports.view.readable import readable_table
from auditkit.reports.view.run import code_facts, run_facts
from auditkit.reports.view.scope import coverage_table, exclusions, sizes_table
from auditkit.reports.view.signoff import paper_table, signed_table
from auditkit.reports.view.summary import Summary, build_summary, run_label
from auditkit.reports.view.verify import verify_commands
from auditkit.reports.wording import NOT_AUTHENTICATED, OVERALL, PERIOD_TITLE, TITLE, status_badge
from auditkit.version import __version__


@dataclass(frozen=True, slots=True)
class RecordView:
    """What the authenticated manifest says, and how the stored data compares with it."""

    coverage: Table
    sizes: Table
    datasets: tuple[DatasetView, ...]
    run: tuple[Fact, ...]
    code: tuple[Fact, ...]
    environment: tuple[Fact, ...]
    lock_files: Table
    variables: Table
    packages: PackagesView
    splits: Table
    parameters: Table
    metrics: Table
    basis: Table
    files: tuple[Table, ...]
    verify: tuple[Command, ...]
    qr: QrCode | None


@dataclass(frozen=True, slots=True)
class RunView:
    """One run's part of the report; `record` is None where the manifest was not authenticated."""

    label: str
    manifest: str
    status: Badge
    sentence: str
    notice: str
    identity: tuple[Fact, ...]
    exclusions: tuple[Fact, ...]
    assertion: AssertionView
    method: tuple[Fact, ...]
    steps: Table
    exceptions: Table
    controls: ControlsView
    readable: Table
    retention: Table
    signers: tuple[Fact, ...]
    timeline: tuple[Event, ...]
    timestamps: Table
    approvals: Table
    parents: Table
    lineage: Picture | None
    gaps: tuple[str, ...]
    limits: Table
    findings: Table
    additions: Table
    record: RecordView | None


@dataclass(frozen=True, slots=True)
class ReportView:
    """A whole report. `contents` lists what a table of contents does."""

    language: str
    title: str
    document_title: str
    created: str
    generated_at: str
    generator: str
    cover: Cover
    chapters: tuple[Chapter, ...]
    contents: tuple[Heading, ...]
    summary: Summary
    use: tuple[Fact, ...]
    own: OwnView
    demands: tuple[Fact, ...]
    policy: Table
    frameworks: Table
    duties: Table
    signed: Table
    paper: Table
    runs: tuple[RunView, ...]
    period: PeriodView | None
    attachments: Table
    glossary: Table


def build_view(
    evidence: Evidence, options: ReportOptions, handed: tuple[Attachment, ...] | None = None
) -> ReportView:
    """Return the report on `evidence`; `handed` is what `handed_over` gave for it, if it did.

    Raises:
        UsageError: there is no such language.
        RenderError: its catalogue is wrong, or a template of the team.
        ValueError: `options.generated_at` is no RFC 3339 time.
    """
    say = language(options.language)
    contexts = tuple(
        Context(say, evidence, options, run, index)
        for index, run in enumerate(evidence.runs, start=1)
    )
    labels = [run_label(run) for run in evidence.runs]
    templates = options.templates
    titles = [each.title for each in templates.index.sections] if templates else []
    period = options.period
    chapters = outline(say, labels, titles) if period is None else period_outline(say, titles)
    carried = handed_over(evidence, options) if handed is None else handed
    trust, title = evidence.verdict.trust, say(TITLE if period is None else PERIOD_TITLE)
    return ReportView(
        language=say.tag,
        title=title,
        document_title=f"{title}: {_document(say, options, labels)}",
        created=f"{instant(options.generated_at):%Y-%m-%dT%H:%M:%SZ}",
        generated_at=say.moment(options.generated_at),
        generator=f"auditkit {__version__}",
        cover=build_cover(say, evidence, contexts),
        chapters=chapters,
        contents=contents(chapters),
        summary=build_summary(say, evidence, contexts),
        use=use_facts(say, options.engagement),
        demands=demands(say, trust),
        own=own_view(templates, carried[-1].content),
        policy=signers_table(say, trust),
        frameworks=frameworks_table(say, options),
        duties=duties_table(say),
        signed=signed_table(say, contexts),
        paper=paper_table(say),
        runs=() if period else tuple(_run(context) for context in contexts),
        period=period_view(say, period, contexts) if period else None,
        attachments=attachments_table(
            say,
            carried,
            without=sum(len(run.attachments) for run in evidence.runs) if period else 0,
        ),
        glossary=glossary_table(say),
    )


def _document(say: Language, options: ReportOptions, labels: Sequence[str]) -> str:
    if options.period is not None:
        return chosen_text(say, options.period)
    several = say.count(len(labels), "{number} run", "{number} runs")
    return labels[0] if len(labels) == 1 else several


def _run(context: Context) -> RunView:
    say, run, status = context.say, context.run, context.run.verdict.status
    return RunView(
        label=run_label(run),
        manifest="" if run.manifest_digest is None else f"sha256:{run.manifest_digest}",
        status=status_badge(say, status),
        sentence=say(OVERALL[status]),
        notice="" if run.statement else say(NOT_AUTHENTICATED),
        identity=identity_facts(context),
        exclusions=exclusions(context),
        assertion=assertion_view(context),
        method=method_facts(context),
        steps=steps_table(say, run.verdict.findings),
        exceptions=details_table(context),
        controls=build_controls(context),
        readable=readable_table(context),
        retention=retention_table(context),
        signers=signer_facts(context),
        timeline=timeline(context),
        timestamps=timestamps_table(say, run.verdict),
        approvals=approvals_table(context),
        parents=parents_table(context),
        lineage=lineage_picture(context),
        gaps=gaps(context),
        limits=limits_table(context),
        findings=findings_table(context),
        additions=additions_table(context),
        record=_record(context, run.statement.predicate) if run.statement else None,
    )


def _record(context: Context, predicate: TrainingRun) -> RecordView:
    say, run, evidence = context.say, context.run, context.evidence
    return RecordView(
        coverage=coverage_table(context),
        sizes=sizes_table(context),
        datasets=build_datasets(context),
        run=run_facts(say, predicate),
        code=code_facts(say, predicate.code),
        environment=environment_facts(say, predicate.environment),
        lock_files=lock_files_table(say, predicate.environment),
        variables=variables_table(say, predicate.environment),
        packages=packages_view(say, run, predicate.environment),
        splits=splits_table(say, predicate.splits),
        parameters=parameters_table(say, predicate.parameters),
        metrics=metrics_table(say, predicate.metrics),
        basis=basis_table(say, predicate),
        files=files_tables(context),
        verify=verify_commands(say, run, prefix=attachment_prefix(evidence, run)),
        qr=qr_code(run.manifest_digest) if run.manifest_digest else None,
    )
