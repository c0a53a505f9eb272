"""`auditkit report`: verify, then render; or render an earlier verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from auditkit.api.opening import opened_targets
from auditkit.api.render import check_signable, form_of
from auditkit.api.render import render as render_report
from auditkit.api.retention import RetentionOptions, with_retention
from auditkit.api.verify import evidence_for_verdict
from auditkit.api.verify import verify as verify_targets
from auditkit.cli.frameworks import framework_option
from auditkit.cli.jobsummary import summarise_verdict
from auditkit.cli.output import emit, json_option, stderr
from auditkit.cli.pdfsignopts import PdfSignFlags, open_pdf_signing, pdf_sign_options
from auditkit.cli.period import PeriodFlags, period_options, verified_period
from auditkit.cli.progress import show_progress
from auditkit.cli.verifyopts import VerifyFlags, build_verify_options, verify_options
from auditkit.config import Settings, load_settings
from auditkit.config.report import report_options_from
from auditkit.evidence import Evidence
from auditkit.execution.progress import Progress
from auditkit.signing.pades import PdfSigning


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@verify_options
@period_options
@click.option(
    "-o",
    "--report",
    "output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("report.html"),
    show_default=True,
    metavar="FILE",
    help="The report: FILE.html, FILE.pdf, FILE.json or FILE.md.",
)
@framework_option
@click.option("--lang", "language", metavar="LANG", help="Language of the report: en or de.")
@click.option(
    "--templates",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder with the team's own logo, colour, assertion and sections.",
)
@click.option(
    "--verdict",
    "verdict_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Render this earlier verdict (verify --json) instead of verifying now.",
)
@click.option(
    "--retention", is_flag=True, help="Ask the stores, too, until when the data can be read."
)
@pdf_sign_options
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@json_option
def report(
    flags: VerifyFlags,
    period: PeriodFlags,
    sign_flags: PdfSignFlags,
    targets: tuple[str, ...],
    output: Path,
    frameworks: tuple[str, ...],
    language: str | None,
    templates: Path | None,
    verdict_file: Path | None,
    retention: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    """Render a report for people: verify TARGET first, then write HTML, PDF, JSON or Markdown.

    With --project the report is about all runs of a project in a time, with a summary of its own.
    The exit code is that of the verification, so a report about failed evidence is written and
    exits with 10.
    """
    form_of(output)
    period.check(targets, verdict_file, retention)
    settings = load_settings()
    report_options = report_options_from(settings, frameworks, language, templates)
    if sign_flags.sign_key is not None:
        check_signable(output, verified_now=verdict_file is None)
    signing = open_pdf_signing(settings, sign_flags, flags)
    with show_progress(quiet=quiet or as_json) as progress:
        if period.project is not None:
            options = build_verify_options(settings, flags, progress)
            evidence, asked = verified_period(settings.evidence_dir, period, options)
            report_options = replace(report_options, period=asked)
        else:
            evidence = _evidence(
                settings, flags, progress, targets, verdict_file, retention=retention
            )
    written = render_report(evidence, output, report_options, signing)
    _tell(evidence, written, signing, as_json=as_json)
    summarise_verdict(evidence.verdict, report_options.language, verified_now=evidence.verified_now)
    return evidence.verdict.exit_code


def _evidence(
    settings: Settings,
    flags: VerifyFlags,
    progress: Progress,
    targets: tuple[str, ...],
    verdict_file: Path | None,
    *,
    retention: bool,
) -> Evidence:
    with opened_targets(targets, settings.evidence_dir) as opened:
        options = build_verify_options(settings, flags, progress, parents=opened.parents)
        evidence = (
            evidence_for_verdict(verdict_file, opened.targets, options)
            if verdict_file is not None
            else verify_targets(opened.targets, options)
        )
        if retention:
            asked = RetentionOptions(verify=options, years=settings.file.retention.years)
            evidence = with_retention(evidence, opened.targets, asked)
        return evidence


def _tell(evidence: Evidence, written: Path, signing: PdfSigning | None, *, as_json: bool) -> None:
    status = evidence.verdict.status
    document: dict[str, Any] = {
        "report": str(written),
        "status": status,
        "verified_now": evidence.verified_now,
    }
    wrote = f"wrote {written}"
    if signing is not None:
        keyid = signing.identity.signer.public_key.keyid
        document["signature"] = {"level": signing.level, "keyid": keyid}
        wrote += f", signed (PAdES {signing.level.upper()}) by key {keyid[:16]}…"
    emit(as_json, document, lambda console: console.print(wrote, markup=False))
    if status != "passed" and not as_json:
        stderr().print(f"the verdict is: {status}", style="yellow", markup=False)
