"""The report as data: everything the pages say, as values instead of sentences.

`schemas/report.v1.json` is generated from the records here.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from auditkit.controls.assess import Framework
from auditkit.controls.data import FrameworkResult, framework_result
from auditkit.digests import sha256_hex
from auditkit.evidence import (
    Attachment,
    Evidence,
    InventoryExcerpt,
    LineageGraph,
    RunEvidence,
    RunRetention,
    SignedBundle,
)
from auditkit.findings import DatasetVerdict, Finding, Overall, Status, Tool, Verdict
from auditkit.manifest.model import Statement
from auditkit.reports.attached import all_attachments
from auditkit.reports.options import Engagement, Period, ReportOptions
from auditkit.reports.tally import Totals, by_status, exceptions, judged, skipped, totals
from auditkit.reports.templates import Templates
from auditkit.reports.text import instant
from auditkit.schemes import REPORT_SCHEMA
from auditkit.version import __version__


class ReportedPackage(msgspec.Struct, frozen=True, kw_only=True):
    """An installed distribution."""

    name: str
    version: str


class ReportedRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a report; `statement` is null where its manifest was not authenticated."""

    source: str
    authenticated: bool
    status: Overall
    manifest: str | None
    keyid: str | None
    checks: dict[Status, int]
    coverage: Totals
    datasets: tuple[DatasetVerdict, ...]
    exceptions: tuple[Finding, ...]
    skipped: tuple[Finding, ...]
    statement: Statement | None
    inventories: tuple[InventoryExcerpt, ...]
    packages: tuple[ReportedPackage, ...]
    frameworks: tuple[FrameworkResult, ...]
    signatures: tuple[SignedBundle, ...]
    lineage: LineageGraph | None
    retention: RunRetention | None


class AttachedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that travels with the report's other forms: named by digest, not contained."""

    name: str
    description: str
    media_type: str
    size: int
    sha256: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict with the runs it is about, counted and sorted as the pages show them."""

    schema: str = REPORT_SCHEMA
    generated_at: str
    generator: Tool
    verified_now: bool
    language: str
    engagement: Engagement
    period: Period | None
    set_aside: dict[str, dict[str, str]]
    templates: dict[str, str]
    verdict: Verdict
    runs: tuple[ReportedRun, ...]
    attachments: tuple[AttachedFile, ...]


def render_json(evidence: Evidence, options: ReportOptions) -> bytes:
    """Return the report as indented JSON, ending in a newline.

    `statement` is the authenticated manifest, null where there is none. Text is verbatim: a
    reader that prints it must escape it.
    """
    today = instant(options.generated_at).date()
    report = Report(
        generated_at=options.generated_at,
        generator=Tool(name="auditkit", version=__version__),
        verified_now=evidence.verified_now,
        language=options.language,
        engagement=options.engagement,
        period=options.period,
        set_aside={each.pack.id: dict(each.set_aside) for each in options.frameworks},
        templates=template_digests(options.templates),
        verdict=evidence.verdict,
        runs=tuple(_run(run, options.frameworks, today) for run in evidence.runs),
        attachments=tuple(_attached(each) for each in all_attachments(evidence, options)),
    )
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"


def template_digests(templates: Templates | None) -> dict[str, str]:
    """Return the SHA-256 of a team's files by name, in hex."""
    files = templates.files if templates else {}
    return {name: sha256_hex(content) for name, content in files.items()}


def _run(run: RunEvidence, frameworks: tuple[Framework, ...], today: dt.date) -> ReportedRun:
    pairs = judged(run)
    return ReportedRun(
        source=run.verdict.source,
        authenticated=run.statement is not None,
        status=run.verdict.status,
        manifest=run.manifest_digest,
        keyid=run.keyid,
        checks=by_status(run.verdict.findings),
        coverage=totals(verdict for _, verdict in pairs),
        datasets=tuple(verdict for _, verdict in pairs),
        exceptions=exceptions(run),
        skipped=skipped(run),
        statement=run.statement,
        inventories=run.inventories,
        packages=tuple(
            ReportedPackage(name=name, version=version) for name, version in run.packages
        ),
        frameworks=tuple(framework_result(each, run, today) for each in frameworks),
        signatures=run.signatures,
        lineage=run.lineage,
        retention=run.retention,
    )


def _attached(each: Attachment) -> AttachedFile:
    return AttachedFile(
        name=each.name,
        description=each.description,
        media_type=each.media_type,
        size=len(each.content),
        sha256=sha256_hex(each.content),
    )
