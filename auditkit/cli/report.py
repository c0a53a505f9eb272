"""`auditkit report`: verify, then render; or render an earlier verdict."""

from __future__ import annotations

from pathlib import Path

import click

from auditkit.api.opening import opened_targets
from auditkit.api.render import form_of
from auditkit.api.render import render as render_report
from auditkit.api.verify import evidence_for_verdict
from auditkit.api.verify import verify as verify_targets
from auditkit.cli.frameworks import framework_option
from auditkit.cli.jobsummary import summarise_verdict
from auditkit.cli.output import emit, json_option, stderr
from auditkit.cli.progress import show_progress
from auditkit.cli.verify import VerifyFlags, build_verify_options, verify_options
from auditkit.config import load_settings
from auditkit.config.report import report_options_from


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@verify_options
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
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@json_option
def report(
    flags: VerifyFlags,
    targets: tuple[str, ...],
    output: Path,
    frameworks: tuple[str, ...],
    language: str | None,
    templates: Path | None,
    verdict_file: Path | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Render a report for people: verify TARGET first, then write HTML, PDF, JSON or Markdown.

    The exit code is that of the verification, so a report about failed evidence is written and
    exits with 10.
    """
    form_of(output)
    settings = load_settings()
    report_options = report_options_from(settings, frameworks, language, templates)
    with (
        opened_targets(targets, settings.evidence_dir) as opened,
        show_progress(quiet=quiet or as_json) as progress,
    ):
        options = build_verify_options(settings, flags, progress, parents=opened.parents)
        evidence = (
            evidence_for_verdict(verdict_file, opened.targets, options)
            if verdict_file is not None
            else verify_targets(opened.targets, options)
        )
    written = render_report(evidence, output, report_options)
    status = evidence.verdict.status
    document = {"report": str(written), "status": status, "verified_now": evidence.verified_now}
    emit(as_json, document, lambda console: console.print(f"wrote {written}", markup=False))
    summarise_verdict(evidence.verdict, report_options.language, verified_now=evidence.verified_now)
    if status != "passed" and not as_json:
        stderr().print(f"the verdict is: {status}", style="yellow", markup=False)
    return evidence.verdict.exit_code
