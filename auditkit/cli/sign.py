"""`auditkit sign`: sign a manifest that was captured unsigned, or add a signature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from auditkit.api.sign import sign as sign_manifest
from auditkit.api.targets import find_path
from auditkit.cli.flags import grouped
from auditkit.cli.keyopts import KEY_OPTIONS, open_signers
from auditkit.cli.output import emit, json_option
from auditkit.config import load_settings

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True)
class SignFlags:
    """The flags as given."""

    keys: tuple[str, ...]
    certificates: tuple[str, ...]
    allow_open_key: bool


@click.command()
@click.argument("target")
@grouped(SignFlags, KEY_OPTIONS)
@json_option
def sign(flags: SignFlags, target: str, as_json: bool) -> None:
    """Sign the manifest of TARGET: an evidence folder, a bundle, an unsigned manifest or a run."""
    settings = load_settings()
    path = find_path(target, settings.evidence_dir)
    signers = open_signers(settings, flags)
    written = [
        {"bundle": str(sign_manifest(path, signer)), "keyid": signer.public_key.keyid}
        for signer in signers
    ]

    def human(console: Console) -> None:
        for each in written:
            console.print(f"signed {each['bundle']}", markup=False)

    emit(as_json, {"bundles": written}, human)
