"""`auditkit capture`: record a finished training run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditkit.api.capture import capture_run
from auditkit.api.preflight import check
from auditkit.cli.captured import show_dry_run, show_result
from auditkit.cli.captureopts import CaptureFlags, build_options, capture_options
from auditkit.cli.output import json_option
from auditkit.cli.progress import show_progress
from auditkit.config import load_settings

if TYPE_CHECKING:
    from auditkit.api.dvc_stage import StageRecord


@click.command()
@capture_options
@click.option(
    "--dvc-stage",
    "stage_name",
    metavar="[PATH/dvc.yaml:]NAME",
    help="Record what dvc.lock says of a stage: dependencies, parameters, metrics, outputs.",
)
@json_option
def capture(flags: CaptureFlags, stage_name: str | None, as_json: bool) -> None:
    """Record a finished training run: data, code, environment, parameters, metrics, outputs.

    REF is [FORMAT:]PATH with FORMAT one of files, table, dvc; without it the format is guessed.
    A .dvc file, or a path after dvc:, may have @REVISION behind it. For an input REF may be
    run:RUN/NAME: what another run recorded, without reading it again.
    Without --dataset and --output everything named in auditkit.toml is recorded.
    """
    settings = load_settings()
    options = build_options(settings, flags, stage=_stage(stage_name))
    preflight = check(options, outputs_exist=True)
    if flags.dry_run:
        show_dry_run(options, preflight, as_json=as_json)
        return
    with show_progress(quiet=flags.quiet or as_json) as progress:
        result = capture_run(options, preflight=preflight, progress=progress)
    show_result(result, settings, as_json=as_json)


def _stage(name: str | None) -> StageRecord | None:
    if name is None:
        return None
    from auditkit.api.dvc_stage import read_stage

    return read_stage(name, Path.cwd())
