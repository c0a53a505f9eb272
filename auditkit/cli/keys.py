"""`auditkit keys`: generate, list and show keys."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from auditkit.cli.output import emit, json_option, plain
from auditkit.cli.prompt import ask_passphrase
from auditkit.config import user_config_dir
from auditkit.errors import KeyFileError, UsageError
from auditkit.schemes import NAME_PATTERN
from auditkit.signing.keyfile import (
    make_key_folder,
    public_path,
    read_key_file,
    write_key_pair,
)
from auditkit.signing.keys import (
    ALGORITHMS,
    Algorithm,
    PublicKey,
    generate_private_key,
    load_public_key,
    public_key_of,
)
from auditkit.signing.opening import is_uri, open_signer
from auditkit.signing.passphrase import PassphraseSource, passphrase_source
from auditkit.signing.privatekey import ENCRYPTED_LABEL

if TYPE_CHECKING:
    from rich.console import Console

PROMPT = "prompt"


class KeyEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One private key of the user; keyid and algorithm are None where `problem` says why."""

    path: str
    encrypted: bool | None = None
    keyid: str | None = None
    algorithm: str | None = None
    problem: str | None = None


@click.group()
def keys() -> None:
    """Generate, list and show keys.

    A private key signs manifests and stays with you; its public key is what others verify with.
    """


@keys.command()
@click.option(
    "--algorithm", type=click.Choice(ALGORITHMS), default=ALGORITHMS[0], show_default=True
)
@click.option(
    "-o",
    "output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where the private key goes; the public key goes beside it, as .pub.",
)
@click.option(
    "--name",
    default="auditkit",
    show_default=True,
    help="Without -o: the key's name in your configuration folder.",
)
@click.option(
    "--passphrase",
    metavar="REF",
    help="Encrypt the private key; REF is env:NAME, file:PATH or prompt.",
)
@json_option
def generate(
    algorithm: Algorithm, output: Path | None, name: str, passphrase: str | None, as_json: bool
) -> None:
    """Make a private key (mode 0600) and its public key. Nothing is ever overwritten."""
    secret = _new_passphrase(passphrase)
    private_key = generate_private_key(algorithm)
    private, public = write_key_pair(output or _default_path(name), private_key, secret)
    key = public_key_of(private_key)
    document = {
        "private_key": str(private),
        "public_key": str(public),
        "encrypted": secret is not None,
        "keyid": key.keyid,
        "algorithm": key.algorithm,
    }

    def human(console: Console) -> None:
        protection = "encrypted" if secret is not None else "not encrypted"
        lines = (
            f"private key  {private}  ({protection}; keep it to yourself)",
            f"public key   {public}  (others verify with it)",
            f"keyid        {key.keyid}  ({key.algorithm})",
        )
        for line in lines:
            console.print(plain(line), markup=False)

    emit(as_json, document, human)


@keys.command("list")
@json_option
def list_keys(as_json: bool) -> None:
    """List the private keys in your configuration folder."""
    folder = _key_folder()
    entries = [_entry(path) for path in sorted(folder.glob("*.pem"))]

    def human(console: Console) -> None:
        for entry in entries:
            console.print(plain(_line(entry)), markup=False)
        if not entries:
            console.print(plain(f"no keys in {folder}"), markup=False)

    emit(as_json, {"folder": str(folder), "keys": entries}, human)


@keys.command()
@click.argument("key")
@click.option(
    "--passphrase",
    metavar="REF",
    envvar="AUDITKIT_PASSPHRASE",
    help="Where the passphrase of an encrypted private key is: env:NAME or file:PATH.",
)
@json_option
def show(key: str, passphrase: str | None, as_json: bool) -> None:
    """Print the public key, keyid and algorithm of KEY.

    KEY is a private or public key file, the URI of a key, or a name that `auditkit keys list`
    shows.
    """
    public = _public_key(key, passphrase)
    document = {
        "keyid": public.keyid,
        "algorithm": public.algorithm,
        "pem": public.pem().decode(),
    }

    def human(console: Console) -> None:
        console.print(f"keyid      {public.keyid}", markup=False)
        console.print(f"algorithm  {public.algorithm}", markup=False)
        console.print(public.pem().decode(), markup=False, end="")

    emit(as_json, document, human)


def _key_folder() -> Path:
    return user_config_dir(os.environ) / "keys"


def _default_path(name: str) -> Path:
    if not re.fullmatch(NAME_PATTERN, name):
        raise UsageError(
            f"{name!r} is not a key's name",
            hint="Letters, digits, dot, dash and underscore, beginning with a letter.",
        )
    folder = _key_folder()
    make_key_folder(folder)
    return folder / f"{name}.pem"


def _new_passphrase(reference: str | None) -> bytes | None:
    if reference is None:
        return None
    if reference == PROMPT:
        text: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True)
        return text.encode()
    return passphrase_source(reference, os.environ)()


def _entry(path: Path) -> KeyEntry:
    try:
        encrypted = ENCRYPTED_LABEL in read_key_file(path).data
        # What an encrypted key is called can only be read from its other half.
        public = _load_public(public_path(path)) if encrypted else _load_private(str(path), None)
    except KeyFileError as error:
        return KeyEntry(path=str(path), problem=error.message)
    return KeyEntry(
        path=str(path), encrypted=encrypted, keyid=public.keyid, algorithm=public.algorithm
    )


def _line(entry: KeyEntry) -> str:
    if entry.problem is not None:
        return f"{entry.path}  cannot be used: {entry.problem}"
    protection = "encrypted" if entry.encrypted else "not encrypted"
    return f"{entry.path}  {entry.keyid}  {entry.algorithm}  {protection}"


def _public_key(key: str, passphrase: str | None) -> PublicKey:
    source = passphrase_source(passphrase, os.environ) if passphrase else None
    if is_uri(key):
        return _load_private(key, source or (lambda: ask_passphrase(key)))
    path = Path(key)
    try:
        data = read_key_file(path).data
    except KeyFileError:
        path = {each.stem: each for each in _key_folder().glob("*.pem")}.get(key, path)
        data = read_key_file(path).data
    if b"PRIVATE KEY" in data:
        return _load_private(str(path), source or (lambda: ask_passphrase(key)))
    return _load_public(path)


def _load_private(uri: str, passphrase: PassphraseSource | None) -> PublicKey:
    signer = open_signer(
        uri, passphrase=passphrase, allow_open_permissions=True, environ=os.environ
    )
    return signer.public_key


def _load_public(path: Path) -> PublicKey:
    return load_public_key(read_key_file(path).data)
