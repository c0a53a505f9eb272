"""`auditkit init`: a first key and a configuration. Safe to run twice."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditkit.cli.initregistry import init_registry
from auditkit.cli.output import emit, json_option
from auditkit.config import load_settings, user_config_dir
from auditkit.config.editing import portable
from auditkit.errors import KeyFileError, UsageError
from auditkit.schemes import CONFIG_FILE, NAME_PATTERN
from auditkit.signing.keyfile import (
    make_key_folder,
    public_path,
    read_key_file,
    write_key_pair,
)
from auditkit.signing.keys import generate_private_key, load_public_key
from auditkit.stores.atomic import write_new

if TYPE_CHECKING:
    from rich.console import Console

_PUBLIC_KEY = "auditkit.pub"

_TEMPLATE = """\
# What auditkit records for this project; all fields: docs/guides/configuration.md
project = "{project}"

[sign]
key = "{key}"

[verify]
key = "auditkit.pub"

# Name data sets and outputs once, and `auditkit capture` needs no flags:
#
# [datasets.train]
# path = "data/train.parquet"
# role = "training"
# schema-version = "1"
#
# [datasets.train.declared]
# source = "where it came from"
# licence = "CC0-1.0"
# purpose = "what it may be used for"
# personal-data = false
# contact = "who answers for it"
#
# [outputs]
# model = "models/model.pkl"
"""


@click.command()
@click.option("--project", metavar="P", help="The project's name; default is the folder's.")
@click.option(
    "--registry", metavar="URI", help="Make a registry here: a folder, or s3://BUCKET/PREFIX."
)
@click.option(
    "--retain",
    metavar="MODE:YEARS",
    help="Keep what is recorded under Object Lock: compliance:7, governance:7.",
)
@click.option(
    "--single-writer",
    is_flag=True,
    help="Take a server that cannot keep writers apart: only one process ever writes.",
)
@json_option
def init(
    project: str | None,
    registry: str | None,
    retain: str | None,
    single_writer: bool,
    as_json: bool,
) -> None:
    """Write auditkit.toml and a first key for the project in this folder.

    The private key goes to your configuration folder (mode 0600), never into the project; the
    public key is auditkit.pub, to be handed to auditors by a way they trust. What is already
    there stays as it is.

    With --registry it tries what the place guarantees when several write at once, says so, makes
    an empty registry with a log key of its own, and names it in auditkit.toml.
    """
    if registry is None and (retain or single_writer):
        raise UsageError(
            "--retain and --single-writer are about a registry",
            hint="Name it with --registry URI.",
        )
    root = Path.cwd()
    project = project or _configured_project(root) or _project_name(root)
    if not re.fullmatch(NAME_PATTERN, project):
        raise UsageError(
            f"{project!r} is not a project name",
            hint="Letters, digits, dot, dash and underscore, beginning with a letter.",
        )
    private = user_config_dir(os.environ) / "keys" / f"{project}.pem"
    done = _write_project(root, project, private)
    document: dict[str, Any] = {"project": project, "key": str(private), "written": done}
    made = None
    if registry is not None:
        made = init_registry(root, project, registry, retain=retain, single_writer=single_writer)
        document["registry"] = made.document()
        done += [each for each in made.written if each not in done]

    def human(console: Console) -> None:
        for path in done:
            console.print(f"wrote {path}", markup=False)
        if not done:
            console.print("everything is there already", markup=False)
        if made is not None:
            made.draw(console)
        flags = (
            "" if load_settings(root).file.datasets else " --dataset train=PATH --output model=PATH"
        )
        record = "" if made is None else " --record"
        console.print(f"next: auditkit capture{flags}{record}", markup=False)

    emit(as_json, document, human)


def _write_project(root: Path, project: str, private: Path) -> list[str]:
    """Write what is not there yet of key pair, public key and auditkit.toml; return what."""
    done = []
    public = root / _PUBLIC_KEY
    if not private.exists() and not public.exists():
        make_key_folder(private.parent)
        write_key_pair(private, generate_private_key("ed25519"), None)
        done.append(str(private))
    if not public.exists():
        write_new(public, _public_half(private))
        done.append(_PUBLIC_KEY)
    _check_pair(private, public)
    config = root / CONFIG_FILE
    if not config.exists():
        write_new(config, _TEMPLATE.format(project=project, key=portable(private)).encode())
        done.append(CONFIG_FILE)
    return done


def _check_pair(private: Path, public: Path) -> None:
    """A colleague's checkout has the public key only; a second private key would not fit it."""
    if not private.exists():
        raise KeyFileError(
            f"{_PUBLIC_KEY} is there and its private key is not in your configuration folder",
            path=str(private),
            hint="Get the private key from who made it, give --key when you capture, or remove "
            f"{_PUBLIC_KEY} to start over with a new key.",
        )
    trusted = load_public_key(read_key_file(public).data)
    own = load_public_key(_public_half(private))
    if trusted.keyid != own.keyid:
        raise KeyFileError(
            f"{_PUBLIC_KEY} is not the public key of {private}",
            hint="Remove one of the two: the other project may have the same name; or use "
            "auditkit init --project with another name.",
        )


def _public_half(private: Path) -> bytes:
    """Return the public key file beside a private key; the private one may need a passphrase."""
    path = public_path(private)
    if not path.exists():
        raise KeyFileError(
            "the private key is there and its public key is not beside it",
            path=str(path),
            hint=f"Write it with openssl pkey -in {shlex.quote(str(private))} -pubout -out "
            f"{shlex.quote(str(path))}, and run this again.",
        )
    return read_key_file(path).data


def _configured_project(root: Path) -> str | None:
    settings = load_settings(root)
    return settings.file.project if settings.root == root.resolve() else None


def _project_name(root: Path) -> str:
    name = re.sub(r"[^A-Za-z0-9_.-]", "-", root.name).lstrip("-.0123456789")
    return name or "project"
