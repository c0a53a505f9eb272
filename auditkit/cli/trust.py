"""`auditkit trust`: what a policy allows, and what it leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from auditkit.cli.output import emit, json_option, plain
from auditkit.cli.trustinit import init
from auditkit.config import load_settings, trust_from
from auditkit.errors import ConfigError
from auditkit.findings import Trust
from auditkit.trust.explain import describe
from auditkit.trust.openings import open_points
from auditkit.trust.rules import TrustSource

if TYPE_CHECKING:
    from rich.console import Console


_ONE_KEY = (
    "One key may sign everything, for every project and for ever; auditkit trust init writes a "
    "policy that says less."
)


@click.group()
def trust() -> None:
    """Begin, check and explain a trust policy.

    A policy says who may sign what, when, and what else is required. It is given by --trust,
    AUDITKIT_TRUST, or [verify] trust in auditkit.toml.
    """


trust.add_command(init)


@trust.command()
@click.argument("file", required=False)
@json_option
def check(file: str | None, as_json: bool) -> None:
    """Load the policy FILE and warn about what it leaves open; without FILE, what is configured.

    A policy that cannot be used is an error; warnings leave the exit code at 0.
    """
    source = _load(file)
    warnings = _open_points(source)
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
    warnings = _open_points(source)
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


def _open_points(source: TrustSource) -> tuple[str, ...]:
    if source.describe().kind == "key":
        return (_ONE_KEY,)
    return open_points(source.rules, datetime.now(UTC))


def _head(console: Console, described: Trust) -> None:
    console.print(
        f"{plain(str(described.file))} (sha256:{described.sha256}): {described.note}", markup=False
    )


def _warn(console: Console, warnings: Sequence[str]) -> None:
    for warning in warnings:
        console.print(f"  open: {plain(warning)}", markup=False, style="yellow")
    if not warnings:
        console.print("  nothing is left open", markup=False, style="green")
