"""`auditkit log`: integrate what was recorded, and show that nothing was dropped since."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from auditkit.api.auditlog import LogAudit, audit_log, compare_log
from auditkit.api.prove import prove
from auditkit.api.targets import resolve_targets
from auditkit.cli.logcosign import cosign
from auditkit.cli.output import emit, json_option, plain, stderr
from auditkit.cli.progress import show_progress
from auditkit.cli.prompt import ask_passphrase
from auditkit.cli.registryopts import (
    checkpoint_option,
    log_key_option,
    log_option,
    registry_option,
    trust_option,
)
from auditkit.cli.verdict import draw_finding
from auditkit.config import (
    load_settings,
    log_trust_from,
    policy_from,
    recording_from,
    registry_from,
    shared_key_warnings,
    trusted_logs_from,
)
from auditkit.errors import KeyFileError, StoreError, UsageError
from auditkit.findings import EXIT_FAILED, EXIT_INDETERMINATE, EXIT_PASSED
from auditkit.registry.integration import Integration
from auditkit.stores.atomic import replace
from auditkit.stores.attached import receipt_path
from auditkit.stores.evidence import EvidenceFolder
from auditkit.stores.probe import Guarantees, probe
from auditkit.stores.store import Store

if TYPE_CHECKING:
    from rich.console import Console

_EXIT_CODES = {"passed": EXIT_PASSED, "failed": EXIT_FAILED, "indeterminate": EXIT_INDETERMINATE}
_SHOWN = 50


@click.group()
def log() -> None:
    """Integrate what was recorded, and check that nothing was dropped or rewritten since.

    The registry is given by --registry, AUDITKIT_REGISTRY, or [registry] uri in auditkit.toml.
    """


log.add_command(cosign)


@log.command()
@registry_option
@log_key_option
@json_option
def integrate(registry: str | None, log_keys: tuple[str, ...], as_json: bool) -> None:
    """Append what waits to the log, and sign its new checkpoint. It needs the log's key.

    Run it by cron where recorders do not have that key. Several may run at once; one that was
    stopped at any point is finished by the next.
    """
    settings = load_settings()
    recording = recording_from(settings, registry, log_keys, prompt=ask_passphrase)
    integrator = recording.integrator
    if integrator is None:
        raise KeyFileError(
            "integrating needs the private key of the log",
            hint="Give --log-key, set AUDITKIT_LOG_KEY, or [registry] log-key in auditkit.toml.",
        )
    rounds = integrator.integrate_all()
    integrator.clean()
    warnings = shared_key_warnings(settings, [integrator.key.signer.public_key], log_keys)
    document = {**_integrated(rounds), "warnings": list(warnings)}

    def human(console: Console) -> None:
        count = len(document["entries"])
        console.print(f"integrated {count} {'entry' if count == 1 else 'entries'}", markup=False)
        checkpoint = rounds[-1].signed.checkpoint
        console.print(plain(f"log {checkpoint}"), markup=False)
        for each in document["refused"]:
            line = f"refused, and waits on: {each['id']}: {each['reason']}"
            stderr().print(plain(line), style="yellow", markup=False)
        if rounds[-1].more:
            stderr().print("warning: some entries still wait; run it again", markup=False)
        for warning in warnings:
            stderr().print(f"warning: {warning}", style="yellow", markup=False)

    emit(as_json, document, human)


def _integrated(rounds: Sequence[Integration]) -> dict[str, Any]:
    checkpoint = rounds[-1].signed.checkpoint
    refused = {each.entry_id: each.reason for one in rounds for each in one.refused}
    return {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "entries": [
            {"index": entry.index, **msgspec.to_builtins(entry.record)}
            for one in rounds
            for entry in one.entries
        ],
        "refused": [{"id": name, "reason": reason} for name, reason in refused.items()],
        "more": rounds[-1].more,
    }


@log.command()
@registry_option
@trust_option
@log_option
@click.option(
    "-o",
    "output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Keep the checkpoint in FILE, for a later auditkit log consistency.",
)
@click.option("--probe/--no-probe", "probed", default=True, help="Try what the place guarantees.")
@json_option
def status(
    registry: str | None,
    trust: str | None,
    logs: tuple[str, ...],
    output: Path | None,
    probed: bool,
    as_json: bool,
) -> int:
    """Show the log's checkpoint, what waits, and what the place it lies in guarantees.

    The last is tried with small objects; --no-probe leaves that out.
    """
    settings = load_settings()
    opened = registry_from(settings, registry)
    trusted = log_trust_from(settings, logs, trust=policy_from(settings, trust))
    result = compare_log(opened, trusted)
    waiting = sum(1 for _ in opened.pending())
    guarantees, obstacle = _probe(opened.store) if probed else (None, "not asked")
    if output is not None:
        replace(output, result.checkpoint.note.encode())
    sentences = guarantees.sentences() if guarantees else ()
    document = {
        "location": opened.store.location,
        **_document(result),
        "waiting": waiting,
        "guarantees": sentences if guarantees else None,
        "not_probed": obstacle,
    }

    def human(console: Console) -> None:
        console.print(plain(f"registry {opened.store.location}"), markup=False)
        _draw(console, result)
        noun = "entry waits" if waiting == 1 else "entries wait"
        console.print(f"{waiting} {noun} to be integrated", markup=False)
        for sentence in sentences:
            console.print(plain(sentence), markup=False)
        if probed and obstacle:
            console.print(plain(f"what the place guarantees was not tried: {obstacle}"))
        if output is not None:
            console.print(plain(f"wrote {output}"), markup=False)

    emit(as_json, document, human)
    return _EXIT_CODES[result.status]


def _probe(store: Store) -> tuple[Guarantees | None, str | None]:
    """Return what the store guarantees, or why that could not be tried: who reads cannot write."""
    try:
        return probe(store), None
    except StoreError as error:
        return None, str(error)


@log.command()
@registry_option
@trust_option
@log_option
@checkpoint_option
@click.option("--blobs", is_flag=True, help="Read everything that is stored, too.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@json_option
def verify(
    registry: str | None,
    trust: str | None,
    logs: tuple[str, ...],
    checkpoints: tuple[Path, ...],
    blobs: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    """Read the whole log again, and name every entry and tile that was changed.

    With --blobs every bundle and sidecar is read and compared with its digest, too.
    """
    settings = load_settings()
    trusted = log_trust_from(
        settings, logs, trust=policy_from(settings, trust), checkpoints=checkpoints
    )
    opened = registry_from(settings, registry)
    with show_progress(quiet=quiet or as_json) as progress:
        result = audit_log(opened, trusted, blobs=blobs, progress=progress)
    counts = {"entries": result.entries, "blobs": result.blobs, "bytes": result.bytes}
    emit(as_json, {**_document(result), **counts}, lambda console: _draw(console, result))
    return _EXIT_CODES[result.status]


@log.command()
@click.argument("checkpoint", metavar="OLD-CHECKPOINT", type=click.Path(path_type=Path))
@registry_option
@trust_option
@log_option
@json_option
def consistency(
    checkpoint: Path,
    registry: str | None,
    trust: str | None,
    logs: tuple[str, ...],
    as_json: bool,
) -> int:
    """Prove that nothing in OLD-CHECKPOINT was dropped or rewritten since.

    OLD-CHECKPOINT is a file: a checkpoint that you kept, a receipt, a verdict, or three lines
    copied from a report: origin, size and root.
    """
    settings = load_settings()
    trusted = log_trust_from(
        settings, logs, trust=policy_from(settings, trust), checkpoints=(checkpoint,)
    )
    result = compare_log(registry_from(settings, registry), trusted)
    emit(as_json, _document(result), lambda console: _draw(console, result))
    return _EXIT_CODES[result.status]


@log.command()
@click.argument("target")
@registry_option
@trust_option
@log_option
@click.option(
    "-o", "output", type=click.Path(path_type=Path), metavar="FILE", help="Write it to FILE."
)
@json_option
def proof(
    target: str,
    registry: str | None,
    trust: str | None,
    logs: tuple[str, ...],
    output: Path | None,
    as_json: bool,
) -> None:
    """Write the receipt of TARGET: offline proof that it is in the log at its checkpoint.

    Without -o it goes beside the bundle, where auditkit verify looks for it.
    """
    settings = load_settings()
    paths = [each.path for each in resolve_targets([target], settings.evidence_dir)]
    if len(paths) != 1:
        raise UsageError(f"{target!r} names {len(paths)} runs", hint="Name one of them.")
    opened = registry_from(settings, registry)
    trusted = trusted_logs_from(settings, logs, trust=policy_from(settings, trust))
    receipt = prove(paths[0], opened, trusted)
    written = output or receipt_path(EvidenceFolder.open(paths[0]))
    replace(written, receipt.encode())
    checkpoint = receipt.checkpoint
    document = {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "index": receipt.index,
        "receipt": str(written),
    }

    def human(console: Console) -> None:
        console.print(
            plain(f"entry {receipt.index} of {checkpoint.size} in the log {checkpoint.origin}"),
            markup=False,
        )
        console.print(plain(f"wrote {written}"), markup=False)

    emit(as_json, document, human)


def _document(result: LogAudit) -> dict[str, Any]:
    return {
        "status": result.status,
        "checkpoint": result.checkpoint,
        "findings": result.findings,
    }


def _draw(console: Console, result: LogAudit) -> None:
    for finding in result.findings[:_SHOWN]:
        draw_finding(console, finding)
    if len(result.findings) > _SHOWN:
        rest = len(result.findings) - _SHOWN
        console.print(f"   … and {rest:,} more; all of them with --json", markup=False)
    console.print(result.status.upper(), markup=False, style="bold")
