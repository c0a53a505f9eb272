"""`auditkit capture`: record a finished training run."""

from __future__ import annotations

import click

from auditkit.api.capture import capture_run
from auditkit.api.preflight import check
from auditkit.cli.captured import show_dry_run, show_result
from auditkit.cli.captureopts import CaptureFlags, build_options, capture_options
from auditkit.cli.output import json_option
from auditkit.cli.progress import show_progress
from auditkit.config import load_settings


@click.command()
@capture_options
@json_option
def capture(flags: CaptureFlags, as_json: bool) -> None:
    """Record a finished training run: data, code, environment, parameters, metrics, outputs.

    REF is [FORMAT:]PATH with FORMAT one of files, table, dvc; without it the format is guessed.
    A .dvc file, or a path after dvc:, may have @REVISION behind it.
    Without --dataset and --output everything named in auditkit.toml is recorded.
    """
    settings = load_settings()
    options = build_options(settings, flags)
    preflight = check(options, outputs_exist=True)
    if flags.dry_run:
        show_dry_run(options, preflight, as_json=as_json)
        return
    with show_progress(quiet=flags.quiet or as_json) as progress:
        result = capture_run(options, preflight=preflight, progress=progress)
    show_result(result, settings, as_json=as_json)
