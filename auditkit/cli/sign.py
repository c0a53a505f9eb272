"""`auditkit sign`: sign a manifest that was captured unsigned, or add a signature."""

from __future__ import annotations

from pathlib import Path

import click

from auditkit.api.sign import sign as sign_manifest
from auditkit.cli.output import emit, json_option
from auditkit.cli.prompt import ask_passphrase
from auditkit.config import load_settings, signer_from


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--key", metavar="URI", help="Private key file to sign with, or env:NAME.")
@click.option("--allow-open-key", is_flag=True, help="Accept a key file that others can read.")
@json_option
def sign(path: Path, key: str | None, allow_open_key: bool, as_json: bool) -> None:
    """Sign the manifest in FILE: an evidence folder, a bundle or an unsigned manifest."""
    settings = load_settings()
    signer = signer_from(settings, key, allow_open_key=allow_open_key, prompt=ask_passphrase)
    written = sign_manifest(path, signer)
    document = {"bundle": str(written), "keyid": signer.public_key.keyid}
    emit(as_json, document, lambda console: console.print(f"signed {written}", markup=False))
