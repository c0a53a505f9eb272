"""Findings as tables: exceptions, what was skipped, the ten steps, and the full list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from auditkit.findings import STEPS, Finding, Location, Status, overall
from auditkit.reports.blocks import Badge, Cell, Column, Table
from auditkit.reports.tally import STATUS_ORDER, by_status
from auditkit.reports.text import NOTHING, is_digest, number, of, plain
from auditkit.reports.wording import STEP, status_badge, step_name

MOST_FINDINGS = 200
MOST_EXCEPTIONS = 12

Labelled = tuple[str, Finding]
"""A run's label, empty where the report is about one run, and one of its findings."""


def exceptions_table(found: Sequence[Labelled], *, several: bool) -> Table:
    """Return what needs attention, worst first; says "None noted." when there is nothing."""
    columns = (
        *_run_column(several),
        Column("Check", 18, "code"),
        Column("Subject", 24),
        Column("Outcome", 19, "badge"),
        Column("What was found", 30 if several else 39),
    )
    shown = found[:MOST_EXCEPTIONS]
    rest = len(found) - len(shown)
    return Table(
        caption="Exceptions",
        columns=columns,
        rows=tuple(
            (
                *((label,) if several else ()),
                _check(finding),
                plain(finding.subject, 80),
                status_badge(finding.status),
                _what(finding),
            )
            for label, finding in shown
        ),
        empty="None noted.",
        note=f"{number(rest)} more under “All findings”." if rest else "",
    )


def skipped_table(found: Sequence[Labelled], *, several: bool) -> Table:
    """Return the checks that were not made, and why."""
    columns = (
        *_run_column(several),
        Column("Check", 18, "code"),
        Column("Subject", 25),
        Column("Why it was not checked", 48 if several else 57),
    )
    shown = found[:MOST_EXCEPTIONS]
    rest = len(found) - len(shown)
    return Table(
        caption="Not checked",
        columns=columns,
        rows=tuple(
            (
                *((label,) if several else ()),
                _check(finding),
                plain(finding.subject, 80),
                plain(finding.detail, 200),
            )
            for label, finding in shown
        ),
        empty="No check was skipped.",
        note=f"{number(rest)} more under “All findings”." if rest else "",
    )


def steps_table(findings: Iterable[Finding]) -> Table:
    """Return one row per verification step with its outcome; a step without findings says so."""
    grouped: dict[int, list[Finding]] = {step: [] for step in STEPS}
    for finding in findings:
        grouped.setdefault(finding.step, []).append(finding)
    columns = (
        Column("Step", 15),
        Column("Question", 53),
        Column("Outcome", 19, "badge"),
        Column("Checks passed", 13, "number"),
    )
    return Table(
        caption="The verification steps and their outcome",
        columns=columns,
        rows=tuple(
            (step_name(step), STEP[step][1] if step in STEP else "", *_outcome(found))
            for step, found in sorted(grouped.items())
        ),
    )


def findings_table(findings: Sequence[Finding]) -> Table:
    """Return all findings by step, or the worst of them where there are very many."""
    worst_first = sorted(findings, key=lambda each: STATUS_ORDER.index(each.status))
    shown = sorted(worst_first[:MOST_FINDINGS], key=lambda each: each.step)
    rest = len(findings) - len(shown)
    return Table(
        caption="Findings of every check, in the order of the steps",
        columns=(
            Column("Check", 18, "code"),
            Column("Subject", 29),
            Column("Outcome", 19, "badge"),
            Column("What was found", 34),
        ),
        rows=tuple(
            (
                _check(each),
                plain(each.subject, 120),
                status_badge(each.status),
                _in_detail(each),
            )
            for each in shown
        ),
        empty="The verdict has no findings.",
        note=(
            f"{of(len(shown), len(findings))} findings, the worst first; the attached verdict "
            "has them all."
        )
        if rest
        else "",
    )


def place(location: Location) -> str:
    """Return where in a data set something was found, as far down as is known."""
    parts = (
        None if location.file is None else f"file {plain(location.file, 200)}",
        None if location.row_group is None else f"row group {number(location.row_group)}",
        None if location.column is None else f"column {plain(location.column, 80)}",
        None if location.rows is None else _rows(*location.rows),
    )
    return ", ".join(part for part in parts if part)


def _rows(first: int, last: int) -> str:
    if first == last:
        return f"row {number(first)}"
    return f"rows {number(first)} to {number(last)}"


def _run_column(several: bool) -> tuple[Column, ...]:
    return (Column("Run", 9),) if several else ()


def _check(finding: Finding) -> str:
    return f"{number(finding.step)} {plain(finding.check, 60)}"


def _what(finding: Finding) -> Cell:
    where = place(finding.location) if finding.location else ""
    return (plain(finding.detail, 200), *([f"In {where}"] if where else []))


def _in_detail(finding: Finding) -> tuple[str, ...]:
    where = place(finding.location) if finding.location else ""
    lines = [plain(finding.detail), *([f"In {where}"] if where else [])]
    if finding.status != "passed":
        lines += _compared("Expected", finding.expected)
        lines += _compared("Found", finding.found)
    return tuple(lines)


def _compared(label: str, value: str | None) -> list[str]:
    """Return a value with its label, a digest on a line of its own."""
    if value is None:
        return []
    digits = value.removeprefix("sha256:")
    if is_digest(digits):
        return [f"{label} SHA-256", digits]
    return [f"{label} {plain(value, 200)}"]


def _outcome(found: Sequence[Finding]) -> tuple[Badge, str]:
    if not found:
        return Badge("Not run", "—", "skipped"), NOTHING
    tally = by_status(found)
    if tally["skipped"] == len(found):
        return status_badge("skipped"), of(0, len(found))
    status: Status = overall(each.status for each in found)
    return status_badge(status), of(tally["passed"], len(found))
