"""`auditkit trust`: what a policy allows, and what it leaves open."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditkit.cli.output import emit, json_option, plain
from auditkit.config import load_settings, trust_from
from auditkit.errors import ConfigError
from auditkit.findings import Trust
from auditkit.stores.atomic import write_new
from auditkit.trust.explain import describe
from auditkit.trust.keys import load_trust
from auditkit.trust.openings import open_points
from auditkit.trust.rules import TrustSource

if TYPE_CHECKING:
    from rich.console import Console


TRUST_FILE = "trust.toml"

_TEMPLATE = """\
# Who may sign for this project, and until when; all fields: docs/formats/trust.md
version = 1

[[signers]]
name = "{project} CI"
kind = "machine"
keys = [{key}]
projects = ["{project}"]
not-after = {until}

# A person who approves manifests with a key of their own:
#
# [[signers]]
# name = "Full Name"
# kind = "person"
# role = "model owner"
# keys = ["keys/full-name.pub"]
# not-after = {until}
#
# [require.approvals]
# "model owner" = 1
#
# Time stamps, so that signatures outlive keys:
#
# [[authorities]]
# name = "our time-stamping service"
# roots = ["keys/tsa-root.pem"]
#
# [require]
# timestamp = true
"""


@click.group()
def trust() -> None:
    """Begin, check and explain a trust policy.

    A policy says who may sign what, when, and what else is required. It is given by --trust,
    AUDITKIT_TRUST, or [verify] trust in auditkit.toml.
    """


@trust.command()
@click.argument("file", default=TRUST_FILE, type=click.Path(path_type=Path))
@json_option
def init(file: Path, as_json: bool) -> None:
    """Write a first policy to FILE: this project's key, for this project, for two years.

    It is a start, to be read and extended: a second signer, persons who approve, time stamps.
    Nothing is ever overwritten.
    """
    settings = load_settings()
    project = settings.project
    key = settings.trust()
    if project is None or key is None or key.kind != "key":
        raise ConfigError(
            "there is no project with one trusted key to start from",
            hint="Run auditkit init first.",
        )
    public = key.setting.base / Path(key.setting.value).expanduser()
    load_trust(public, source=key.setting.source)
    until = f"{datetime.now(UTC) + timedelta(days=730):%Y-%m-%dT00:00:00Z}"
    path = os.path.relpath(public, file.absolute().parent)
    text = _TEMPLATE.format(project=project, key=json.dumps(path), until=until)
    write_new(file, text.encode())

    def human(console: Console) -> None:
        console.print(f"wrote {plain(str(file))}", markup=False)
        console.print(f"next: auditkit trust check {plain(str(file))}", markup=False)

    emit(as_json, {"written": str(file), "project": project, "until": until}, human)


@trust.command()
@click.argument("file", required=False)
@json_option
def check(file: str | None, as_json: bool) -> None:
    """Load the policy FILE and warn about what it leaves open; without FILE, what is configured.

    A policy that cannot be used is an error; warnings leave the exit code at 0.
    """
    source = _load(file)
    warnings = open_points(source.rules, datetime.now(UTC))
    document = {"trust": source.describe(), "warnings": warnings}

    def human(console: Console) -> None:
        _head(console, source.describe())
        _warn(console, warnings)

    emit(as_json, document, human)


@trust.command()
@click.argument("file", required=False)
@json_option
def show(file: str | None, as_json: bool) -> None:
    """Say in sentences what the policy FILE allows, requires and leaves open."""
    source = _load(file)
    sentences = describe(source.rules)
    warnings = open_points(source.rules, datetime.now(UTC))
    document = {"trust": source.describe(), "allows": sentences, "warnings": warnings}

    def human(console: Console) -> None:
        _head(console, source.describe())
        for sentence in sentences:
            console.print(f"  {plain(sentence)}", markup=False)
        _warn(console, warnings)

    emit(as_json, document, human)


def _load(file: str | None) -> TrustSource:
    source = trust_from(load_settings(), policy=file)
    if source is None:
        raise ConfigError(
            "no trust policy is given or configured",
            hint="Name a file, or set [verify] trust in auditkit.toml.",
        )
    return source


def _head(console: Console, described: Trust) -> None:
    console.print(
        f"{plain(str(described.file))} (sha256:{described.sha256}): {described.note}", markup=False
    )


def _warn(console: Console, warnings: Sequence[str]) -> None:
    for warning in warnings:
        console.print(f"  open: {plain(warning)}", markup=False, style="yellow")
    if not warnings:
        console.print("  nothing is left open", markup=False, style="green")
