"""`auditkit trust init`: from one trusted key to a first policy."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditkit.cli.output import emit, json_option, plain
from auditkit.config import Settings, load_settings, trusted_logs_from
from auditkit.config.editing import with_policy
from auditkit.errors import ConfigError
from auditkit.registry.authenticity import TrustedLog
from auditkit.schemes import CONFIG_FILE
from auditkit.stores.atomic import replace, storage_error, write_new
from auditkit.trust.keys import load_trust

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


@click.command()
@click.argument("file", default=TRUST_FILE, type=click.Path(path_type=Path))
@json_option
def init(file: Path, as_json: bool) -> None:
    """Write a first policy to FILE: this project's key for two years, and its registry's log.

    In auditkit.toml the policy takes the place of the keys, so that verify goes by it. It is a
    start, to be read and extended: a second signer, persons who approve, time stamps. A policy
    that is there is never overwritten.
    """
    if os.path.lexists(file):
        raise storage_error(FileExistsError(), file)
    settings = load_settings()
    until = f"{datetime.now(UTC) + timedelta(days=730):%Y-%m-%dT00:00:00Z}"
    write_new(file, _policy(settings, file, until).encode())
    named = _name_in_configuration(settings, file)
    document = {
        "written": str(file),
        "project": settings.project,
        "until": until,
        "configured": named,
    }

    def human(console: Console) -> None:
        console.print(f"wrote {plain(str(file))}", markup=False)
        if named:
            console.print(f"{CONFIG_FILE} names it: auditkit verify goes by it", markup=False)
        else:
            line = f"[verify] trust = {json.dumps(str(file))}"
            console.print(f"to go by it: {plain(line)} in {CONFIG_FILE}", markup=False)
        console.print(f"next: auditkit trust check {plain(str(file))}", markup=False)

    emit(as_json, document, human)


def _policy(settings: Settings, file: Path, until: str) -> str:
    project, key = settings.project, settings.trust()
    if key is not None and key.kind == "policy":
        raise ConfigError(
            f"a trust policy is configured already: {key.setting.value}",
            hint="Extend that one; docs/formats/trust.md has all fields.",
        )
    if project is None or key is None:
        raise ConfigError(
            "there is no project with one trusted key to start from",
            hint="Run auditkit init first.",
        )
    public = key.setting.base / Path(key.setting.value).expanduser()
    load_trust(public, source=key.setting.source)
    path = os.path.relpath(public, file.absolute().parent)
    logs = "".join(_log(each) for each in trusted_logs_from(settings))
    return _TEMPLATE.format(project=project, key=json.dumps(path), until=until) + logs


def _log(log: TrustedLog) -> str:
    lines = ["", "[[logs]]", f"origin = {json.dumps(log.origin)}"]
    for name, keys in (("keys", log.keys), ("cosigners", log.cosigners)):
        if keys:
            lines.append(f"{name} = {json.dumps([str(key) for key in keys])}")
    if log.cosigners:
        lines.append(f"cosignatures = {log.needed}")
    return "\n".join([*lines, ""])


def _name_in_configuration(settings: Settings, file: Path) -> bool:
    """Put the policy in place of the key in auditkit.toml, if that is where the key is named."""
    config = settings.root / CONFIG_FILE
    path = os.path.relpath(file.absolute(), settings.root)
    if settings.file.verify.key is None or path.startswith(".."):
        return False
    changed = with_policy(config.read_text(encoding="utf-8"), Path(path).as_posix())
    if changed is not None:
        replace(config, changed.encode())
    return changed is not None
