"""`auditkit retention`: until when recorded data can be read, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditkit.api.opening import opened_targets
from auditkit.api.retention import RetentionOptions, check_retention
from auditkit.cli.flags import grouped
from auditkit.cli.output import emit, json_option, plain, stderr
from auditkit.cli.verifyopts import WHERE_OPTIONS, moved_data
from auditkit.config import Settings, load_settings, trust_from
from auditkit.evidence import RetentionRow
from auditkit.retention.calendar import calendar, dated
from auditkit.retention.result import RetentionResult
from auditkit.stores.atomic import replace
from auditkit.verification.options import VerifyOptions

if TYPE_CHECKING:
    from rich.console import Console

_STYLES = {"lost": "red", "too-early": "red", "unknown": "yellow", "kept": "green", "erased": "dim"}
_WORDS = {
    "lost": "LOST",
    "too-early": "TOO EARLY",
    "unknown": "NOT KNOWN",
    "kept": "KEPT",
    "erased": "ERASED",
}
_SUMMARY = {
    "passed": ("PASSED: everything is kept long enough", "green"),
    "failed": ("FAILED: something is lost, or will be lost too early", "red"),
    "indeterminate": ("INDETERMINATE: nothing shows that everything is kept", "yellow"),
}


@dataclass(frozen=True, slots=True)
class WhereFlags:
    """Whom to trust and where data is, as given."""

    key: str | None
    trust: str | None
    data: tuple[str, ...]
    data_root: Path | None
    only: tuple[str, ...]


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@grouped(WhereFlags, WHERE_OPTIONS)
@click.option(
    "--years",
    type=click.IntRange(1, 100),
    metavar="N",
    help="How long after a run its data must be readable; default from auditkit.toml, else 10.",
)
@click.option(
    "--ics",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the dates for a calendar, too (iCalendar).",
)
@json_option
def retention(
    flags: WhereFlags,
    targets: tuple[str, ...],
    years: int | None,
    ics: Path | None,
    as_json: bool,
) -> int:
    """Tell until when the recorded versions can be read, and which setting decides that.

    TARGET is as for verify; without one, everything under evidence/. No data is read and nothing is
    verified but who signed. Exit codes: 0 all of it is kept, 10 something is lost or will be lost
    too early, 11 that cannot be known, 3 nothing to look at.
    """
    settings = load_settings()
    options = RetentionOptions(
        verify=_verify_options(settings, flags), years=years or settings.file.retention.years
    )
    with opened_targets(targets, settings.evidence_dir) as opened:
        result = check_retention(opened.targets, options)
    if ics is not None:
        replace(ics, calendar(result))
        count = dated(result.rows)
        dates = "1 date" if count == 1 else f"{count} dates"
        stderr().print(f"wrote {ics}: {dates}", markup=False)
    emit(as_json, result, lambda console: _draw(console, result))
    return result.exit_code


def _verify_options(settings: Settings, flags: WhereFlags) -> VerifyOptions:
    return VerifyOptions(
        trust=trust_from(settings, flags.key, flags.trust),
        data_root=(flags.data_root or settings.root).resolve(),
        data=moved_data(flags.data),
        only=frozenset(flags.only),
        s3=settings.s3,
    )


def _draw(console: Console, result: RetentionResult) -> None:
    console.print("readable until  keep until  outcome    data set", markup=False)
    for row in result.rows:
        _draw_row(console, row)
    for target in result.unchecked:
        console.print(
            f"not looked at: {plain(target.source)}: {plain(target.detail)}",
            style=_SUMMARY[target.status][1],
            markup=False,
        )
    text, style = _SUMMARY[result.status]
    console.print(text, style=style, markup=False)


def _draw_row(console: Console, row: RetentionRow) -> None:
    until = row.readable_until[:10] if row.readable_until else "-"
    version = f" @{plain(row.version)}" if row.version else ""
    console.print(f"{until:<14}  {row.keep_until[:10]}  ", end="", markup=False)
    console.print(f"{_WORDS[row.outcome]:<9}  ", end="", style=_STYLES[row.outcome], markup=False)
    console.print(
        f"{row.dataset}{version} of {row.project}, run {row.run[:8]}: {plain(row.location)}",
        markup=False,
    )
    console.print(f"{'':<14}  decided by {plain(row.setting)}: {plain(row.detail)}", markup=False)
    if row.outcome not in {"kept", "erased"}:
        console.print(f"{'':<14}  {plain(row.action)}", markup=False)
