"""`auditkit run -- COMMAND`: run a command and record it."""

from __future__ import annotations

import click

from auditkit.api.preflight import check
from auditkit.api.wrap import run_wrapped
from auditkit.cli.captured import show_dry_run, show_result
from auditkit.cli.captureopts import CaptureFlags, build_options, capture_options
from auditkit.cli.errors import show_error
from auditkit.cli.progress import show_progress
from auditkit.config import load_settings


@click.command(context_settings={"allow_interspersed_args": False})
@capture_options
@click.option(
    "--on-error",
    type=click.Choice(["fail", "warn"]),
    default="fail",
    show_default=True,
    help="Exit code when the command succeeded and the evidence is incomplete: 1 or 0.",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(flags: CaptureFlags, on_error: str, command: tuple[str, ...]) -> int:
    """Run COMMAND and record it: inputs are read before it starts, outputs after it ends.

    The exit code is the command's own if it is not 0 (128+n for signal n); 1 if the command
    succeeded and the evidence is incomplete.
    """
    settings = load_settings()
    options = build_options(settings, flags, metrics_later=True)
    preflight = check(options, outputs_exist=False)
    if flags.dry_run:
        show_dry_run(options, preflight, as_json=False)
        return 0
    with show_progress(quiet=flags.quiet) as progress:
        outcome = run_wrapped(options, command, preflight=preflight, progress=progress)
    if outcome.capture is not None:
        show_result(outcome.capture, settings, as_json=False)
    if outcome.failure is not None:
        show_error(outcome.failure, as_json=False, code=1)
    if outcome.command.exit_code != 0:
        return outcome.command.exit_code
    return 1 if outcome.failure is not None and on_error == "fail" else 0
