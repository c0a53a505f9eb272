"""A verdict over many runs as a table: one line each, and more only where something is wrong."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from auditkit.cli.output import plain
from auditkit.cli.verdict import STYLE, describe_trust
from auditkit.findings import TargetVerdict, Verdict

if TYPE_CHECKING:
    from rich.console import Console

_SHOWN = 3
"""Findings of a run that are named; verifying that run alone names all of them."""


def draw_summary(console: Console, verdict: Verdict) -> None:
    """Print each run with its outcome, then how many there are of each, and what was trusted."""
    from rich.text import Text

    titles = ("outcome", "run", "project", "name", "data sets", "exceptions")
    rows: list[tuple[str, ...]] = [titles, *(_row(target) for target in verdict.targets)]
    widths = [max(len(row[number]) for row in rows) for number in range(len(rows[0]))]
    for row in rows:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        line = Text("  ".join(cells).rstrip(), style="bold" if row is rows[0] else "")
        line.stylize(STYLE.get(row[0], "bold"), 0, widths[0])  # type: ignore[call-overload]
        console.print(line)
    counts = Counter(target.status for target in verdict.targets)
    summary = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    runs = "1 run" if len(verdict.targets) == 1 else f"{len(verdict.targets)} runs"
    console.print(Text(f"{verdict.status.upper()}: {runs}, {summary}", style=STYLE[verdict.status]))
    console.print(f"trust: {describe_trust(verdict.trust)}", markup=False, style="dim")


def _row(target: TargetVerdict) -> tuple[str, ...]:
    whole = sum(each.status == "passed" for each in target.datasets)
    named = target.run or target.source
    return (
        target.status,
        plain(named),
        plain(target.project or ""),
        plain(target.name or ""),
        f"{whole}/{len(target.datasets)}",
        plain(_exceptions(target)),
    )


def _exceptions(target: TargetVerdict) -> str:
    """Return what did not pass, and what was excused."""
    bad = [each for each in target.findings if each.status in {"failed", "indeterminate"}]
    bad.sort(key=lambda each: each.status != "failed")
    named = list(dict.fromkeys(f"{each.check} {each.subject}" for each in bad))
    named += (f"erased {each.name}" for each in target.datasets if each.condition == "erased")
    more = f", and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
    return ", ".join(named[:_SHOWN]) + more
