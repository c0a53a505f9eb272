"""`auditkit record`: put evidence into a registry."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditkit.api.record import Recording, RecordResult, unrecorded
from auditkit.api.record import record as record_evidence
from auditkit.api.targets import resolve_targets
from auditkit.cli.output import emit, json_option, plain, stderr
from auditkit.cli.prompt import ask_passphrase
from auditkit.cli.recorded import recorded_document, recorded_line
from auditkit.cli.registryopts import log_key_option, registry_option
from auditkit.config import Settings, load_settings, recording_from
from auditkit.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--pending", is_flag=True, help="All signed evidence that has no receipt yet.")
@registry_option
@log_key_option
@json_option
def record(
    targets: tuple[str, ...],
    pending: bool,
    registry: str | None,
    log_keys: tuple[str, ...],
    as_json: bool,
) -> None:
    """Record the evidence TARGET in a registry: bundles, sidecars, tokens and approvals.

    It needs no key: what is recorded waits for the log. Where the log's key is at hand it is in
    the log at once, and the receipt is written beside the bundle. Recording twice does no harm;
    a receipt that was not there the first time is fetched.
    """
    settings = load_settings()
    paths = _paths(settings, targets, pending=pending)
    recording = recording_from(settings, registry, log_keys, prompt=ask_passphrase)
    results = [record_evidence(path, recording) for path in paths]
    document = {
        "registry": recording.registry.store.location,
        "recorded": [recorded_document(each) for each in results],
    }
    emit(as_json, document, lambda console: _draw(console, results, recording))


def _paths(settings: Settings, targets: Sequence[str], *, pending: bool) -> list[Path]:
    if pending == bool(targets):
        raise UsageError(
            "name the evidence to record, or give --pending",
            hint="auditkit record --pending takes everything that has no receipt yet.",
        )
    if pending:
        return unrecorded(settings.evidence_dir)
    return [each.path for each in resolve_targets(targets, settings.evidence_dir)]


def _draw(console: Console, results: Sequence[RecordResult], recording: Recording) -> None:
    for each in results:
        console.print(plain(recorded_line(each)), markup=False)
    if not results:
        console.print("nothing to record: all signed evidence has a receipt", markup=False)
    if any(each.receipt is None for each in results) and recording.integrator is not None:
        stderr().print(
            "warning: others were integrating at the same time; run it again for the receipt",
            style="yellow",
            markup=False,
        )
