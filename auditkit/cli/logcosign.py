"""`auditkit log cosign`: a second party vouches that a log only grew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditkit.api.cosign import Cosigner, attach
from auditkit.api.cosign import cosign as cosign_log
from auditkit.cli.output import emit, json_option, plain
from auditkit.cli.prompt import ask_passphrase
from auditkit.cli.registryopts import (
    checkpoint_option,
    log_option,
    registry_option,
    trust_option,
)
from auditkit.cli.verdict import draw_finding
from auditkit.config import (
    Settings,
    cosigner_from,
    load_settings,
    log_trust_from,
    policy_from,
    registry_from,
    trusted_logs_from,
)
from auditkit.errors import LogError, UsageError
from auditkit.findings import EXIT_FAILED, EXIT_INDETERMINATE, EXIT_PASSED
from auditkit.registry.checkpoint import decode_checkpoint
from auditkit.registry.note import MAX_NOTE_BYTES
from auditkit.stores.atomic import replace
from auditkit.stores.reading import read_regular

if TYPE_CHECKING:
    from rich.console import Console

_EXIT_CODES = {"passed": EXIT_PASSED, "failed": EXIT_FAILED, "indeterminate": EXIT_INDETERMINATE}


@click.command()
@click.option("--key", metavar="URI", help="Your private key: Ed25519 or ML-DSA-44.")
@click.option("--name", metavar="NAME", help="The name you cosign under, such as example.org/w1.")
@registry_option
@trust_option
@log_option
@checkpoint_option
@click.option(
    "-o",
    "output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the cosigned checkpoint to FILE, and nothing into the registry.",
)
@click.option(
    "--attach",
    "attached",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Sign nothing: put the cosignatures of FILE into the registry's checkpoint.",
)
@json_option
def cosign(
    key: str | None,
    name: str | None,
    registry: str | None,
    trust: str | None,
    logs: tuple[str, ...],
    checkpoints: tuple[Path, ...],
    output: Path | None,
    attached: Path | None,
    as_json: bool,
) -> int:
    """Cosign the checkpoint of a log that somebody else keeps, once it extends the last one.

    What you cosigned last is remembered on this machine. A log that became smaller, or in which
    anything was changed or dropped, gets no cosignature and exit code 10. It takes the log's
    verifier key, and no key of the log. Run it after each integration, on a machine that the
    log's keeper does not control.
    """
    settings = load_settings()
    if attached is not None:
        if key or name or output or checkpoints:
            raise UsageError("--attach signs nothing", hint="Give --attach FILE alone.")
        return _attach(settings, registry, trust, logs, attached, as_json)
    if key is None or name is None:
        raise UsageError(
            "who cosigns is not given", hint="Give --key and --name, or --attach FILE."
        )
    cosigner = cosigner_from(settings, key, name, prompt=ask_passphrase)
    known = log_trust_from(
        settings, logs, trust=policy_from(settings, trust), checkpoints=checkpoints
    )
    opened = registry_from(settings, registry)
    result = cosign_log(opened, known, cosigner, publish=output is None)
    if result.signed is not None and output is not None:
        replace(output, result.signed.encode())
    document = {
        "status": result.status,
        "checkpoint": result.checkpoint,
        "findings": result.findings,
        "cosigned": result.signed is not None,
        "verifier_key": str(cosigner.key),
    }

    def human(console: Console) -> None:
        for finding in result.findings:
            draw_finding(console, finding)
        if result.signed is not None:
            _draw(console, result.signed.checkpoint.size, cosigner, output)
        console.print(result.status.upper(), markup=False, style="bold")

    emit(as_json, document, human)
    return _EXIT_CODES[result.status]


def _draw(console: Console, size: int, cosigner: Cosigner, output: Path | None) -> None:
    where = "in the registry" if output is None else f"in {output}"
    console.print(plain(f"cosigned {size} entries as {cosigner.name}, {where}"), markup=False)
    console.print(plain(f"verifier key: {cosigner.key}"), markup=False)


def _attach(
    settings: Settings,
    registry: str | None,
    trust: str | None,
    logs: tuple[str, ...],
    path: Path,
    as_json: bool,
) -> int:
    trusted = trusted_logs_from(settings, logs, trust=policy_from(settings, trust))
    try:
        cosigned = decode_checkpoint(read_regular(path, MAX_NOTE_BYTES, UsageError))
    except LogError as error:
        raise UsageError(f"not a cosigned checkpoint ({error.message})", path=str(path)) from error
    count = attach(registry_from(settings, registry), cosigned, trusted)
    document: dict[str, Any] = {"attached": count, "size": cosigned.checkpoint.size}

    def human(console: Console) -> None:
        noun = "cosignature" if count == 1 else "cosignatures"
        console.print(f"added {count} {noun}", markup=False)

    emit(as_json, document, human)
    return EXIT_PASSED
