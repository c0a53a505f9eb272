"""`auditkit explain CHECK`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from auditkit.cli.output import emit, json_option
from auditkit.errors import UsageError
from auditkit.verification.catalog import CHECKS
from auditkit.verification.checkinfo import CheckInfo

if TYPE_CHECKING:
    from rich.console import Console

_OUTCOMES = ("passed", "failed", "indeterminate", "skipped")


@click.command()
@click.argument("check", required=False)
@json_option
def explain(check: str | None, as_json: bool) -> None:
    """Tell what CHECK does, what each outcome means and what to do; without CHECK, list them."""
    if check is None:
        listed = [asdict(info) for info in CHECKS.values()]
        emit(as_json, listed, _draw_list)
        return
    info = CHECKS.get(check.replace("output.", "dataset."))
    if info is None:
        raise UsageError(f"no check is called {check!r}", hint="auditkit explain lists them.")
    emit(as_json, asdict(info), lambda console: _draw(console, info))


def _draw_list(console: Console) -> None:
    for info in CHECKS.values():
        console.print(f"{info.step:>3}  {info.id:<16} {info.title}", markup=False)


def _draw(console: Console, info: CheckInfo) -> None:
    outputs = ", and step 10 for outputs" if info.id.startswith("dataset.") else ""
    console.print(f"{info.id}: {info.title} (step {info.step}{outputs})\n", style="bold")
    console.print(f"{info.what}\n", markup=False)
    for outcome in _OUTCOMES:
        if meaning := getattr(info, outcome):
            console.print(f"{outcome + ':':<15} {meaning}", markup=False)
    if info.action:
        console.print(f"\nWhat to do: {info.action}", markup=False)
