"""`auditkit pack`: evidence in one file, for somebody who has nothing else."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from auditkit.api.opening import opened_targets
from auditkit.api.pack import pack as write_pack
from auditkit.api.staging import staged
from auditkit.api.verify import evidence_for_verdict
from auditkit.api.verify import verify as verify_targets
from auditkit.cli.frameworks import framework_option
from auditkit.cli.output import emit, json_option, plain, stderr
from auditkit.cli.progress import show_progress
from auditkit.cli.verifyopts import VerifyFlags, build_verify_options, verify_options
from auditkit.config import load_settings
from auditkit.config.report import report_options_from
from auditkit.verification.log_view import LogView

if TYPE_CHECKING:
    from rich.console import Console


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@verify_options
@click.option(
    "-o",
    "--pack",
    "output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("evidence.zip"),
    show_default=True,
    metavar="FILE",
    help="The pack.",
)
@framework_option
@click.option(
    "--verdict",
    "verdict_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Pack this earlier verdict (verify --json) instead of verifying now.",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@json_option
def pack(
    flags: VerifyFlags,
    targets: tuple[str, ...],
    output: Path,
    frameworks: tuple[str, ...],
    verdict_file: Path | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Put all that is needed to check TARGET offline into one file: verify TARGET, then pack it.

    Evidence of parents comes along if it is among the project's own or under --parents; of a
    recorded run the receipt and the log's checkpoint. Data stays where it is. The exit code is
    that of the verification, so a pack of failed evidence is written and exits with 10. The same
    evidence and --verdict give the same bytes.
    """
    settings = load_settings()
    report_options = report_options_from(settings, frameworks)
    with ExitStack() as stack:
        opened = stack.enter_context(opened_targets(targets, settings.evidence_dir))
        roots = (settings.evidence_dir, *flags.parents, *opened.parents)
        stage = stack.enter_context(staged(opened.targets, roots))
        progress = stack.enter_context(show_progress(quiet=quiet or as_json))
        options = build_verify_options(settings, flags, progress, parents=stage.parents)
        evidence = (
            evidence_for_verdict(verdict_file, stage.targets, options)
            if verdict_file is not None
            else verify_targets(stage.targets, options)
        )
        made = msgspec.structs.replace(report_options, generated_at=evidence.verdict.verified_at)
        view = options.log
        if verdict_file is not None and view is not None:
            view = LogView(view.trust)  # the registry has moved on since that verdict
        result = write_pack(stage, evidence, output, options=made, trust=options.trust, log=view)
    status = evidence.verdict.status
    document = {
        "pack": str(result.path),
        "status": status,
        "runs": [run.verdict.run for run in evidence.runs],
        "files": result.files,
        "bytes": result.bytes,
        "left_out": list(result.left_out),
    }

    def human(console: Console) -> None:
        count = f"{result.files:,} files, {result.bytes:,} bytes"
        console.print(f"wrote {plain(str(result.path))}: {count}", markup=False)
        remarks = stderr()
        for name in result.left_out:
            line = f"left out {plain(name)}: single rows can be guessed from it"
            remarks.print(line, style="yellow", markup=False)
        if status != "passed":
            remarks.print(f"the verdict is: {status}", style="yellow", markup=False)

    emit(as_json, document, human)
    return evidence.verdict.exit_code
