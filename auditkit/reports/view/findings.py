"""Findings as tables: exceptions, what was skipped, the ten steps, and the full list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from auditkit.findings import STEPS, Finding, Location, Status, overall
from auditkit.reports.blocks import Badge, Cell, Column, Link, Quoted, Table
from auditkit.reports.language import Language
from auditkit.reports.tally import STATUS_ORDER, by_status
from auditkit.reports.text import NOTHING, is_digest, plain
from auditkit.reports.view.context import Context
from auditkit.reports.wording import status_badge, step_name, step_question

MOST_FINDINGS = 200
MOST_EXCEPTIONS = 12
MOST_IN_PERIOD = 6


@dataclass(frozen=True, slots=True)
class Numbered:
    """A finding with the number that the report gives it, and a place to link to if it has one."""

    context: Context
    number: int
    finding: Finding

    @property
    def reference(self) -> str | Link:
        """The number, as a link where the finding is listed."""
        label = self.context.say.number(self.number)
        listed = self.number - 1 in listed_places(self.context.run.verdict.findings)
        return Link(label, anchor_of(self.context, self.number)) if listed else label


def anchor_of(context: Context, number: int) -> str:
    """Return where the list of findings has the finding with this number."""
    return f"{context.prefix}finding-{number}"


def numbered(context: Context) -> tuple[Numbered, ...]:
    """Return all findings of a run, counted from 1 in the order of the verdict."""
    return tuple(
        Numbered(context, number, each)
        for number, each in enumerate(context.run.verdict.findings, start=1)
    )


def listed_places(findings: Sequence[Finding]) -> frozenset[int]:
    """Return the places, from 0, of the findings that the list shows: the worst of them."""
    if len(findings) <= MOST_FINDINGS:
        return frozenset(range(len(findings)))
    places = sorted(range(len(findings)), key=lambda at: STATUS_ORDER.index(findings[at].status))
    return frozenset(places[:MOST_FINDINGS])


def exceptions_table(
    say: Language, found: Sequence[Numbered], *, several: bool, period: bool = False
) -> Table:
    """Return what needs attention, worst first; says "None noted." when there is nothing."""
    columns = (
        *_run_column(say, several),
        Column(say("Check"), 18, "code"),
        Column(say("Subject"), 23),
        Column(say("Outcome"), 22, "badge"),
        Column(say("What was found"), 28 if several else 37),
    )
    shown = found[: MOST_IN_PERIOD if period else MOST_EXCEPTIONS]
    return Table(
        caption=say("Exceptions"),
        columns=columns,
        rows=tuple(
            (
                *((_run_name(each),) if several else ()),
                check_name(each.finding),
                plain(each.finding.subject, 80),
                status_badge(say, each.finding.status),
                _what(say, each.finding),
            )
            for each in shown
        ),
        empty=say("None noted."),
        note=_more(say, len(found) - len(shown), period=period),
    )


def skipped_table(say: Language, found: Sequence[Numbered], *, several: bool) -> Table:
    """Return the checks that were not made, and why."""
    columns = (
        *_run_column(say, several),
        Column(say("Check"), 18, "code"),
        Column(say("Subject"), 25),
        Column(say("Why it was not checked"), 48 if several else 57),
    )
    shown = found[:MOST_EXCEPTIONS]
    return Table(
        caption=say("Not checked"),
        columns=columns,
        rows=tuple(
            (
                *((_run_name(each),) if several else ()),
                check_name(each.finding),
                plain(each.finding.subject, 80),
                Quoted(plain(each.finding.detail, 200)),
            )
            for each in shown
        ),
        empty=say("No check was skipped."),
        note=_more(say, len(found) - len(shown)),
    )


def skipped_together(say: Language, found: Sequence[Numbered], runs: int) -> Table:
    """Return the checks that were not made in so many runs, the most frequent first."""
    by_reason: dict[tuple[str, str], set[int]] = {}
    for each in found:
        reason = (check_name(each.finding), plain(each.finding.detail, 200))
        by_reason.setdefault(reason, set()).add(each.context.index)
    shown = sorted(by_reason.items(), key=lambda pair: -len(pair[1]))[:MOST_EXCEPTIONS]
    return Table(
        caption=say("Not checked"),
        columns=(
            Column(say("Check"), 22, "code"),
            Column(say("Why it was not checked"), 60),
            Column(say("Runs"), 18, "number"),
        ),
        rows=tuple(
            (name, Quoted(detail), say.of(len(indexes), runs)) for (name, detail), indexes in shown
        ),
        empty=say("No check was skipped."),
        note=_more(say, len(by_reason) - len(shown), period=True),
    )


def steps_table(say: Language, findings: Iterable[Finding]) -> Table:
    """Return one row per verification step with its outcome; a step without findings says so."""
    grouped: dict[int, list[Finding]] = {step: [] for step in STEPS}
    for finding in findings:
        grouped.setdefault(finding.step, []).append(finding)
    return Table(
        caption=say("The verification steps and their outcome"),
        columns=(
            Column(say("Step"), 17),
            Column(say("Question"), 48),
            Column(say("Outcome"), 22, "badge"),
            Column(say("Checks passed"), 13, "number"),
        ),
        rows=tuple(
            (step_name(say, step), step_question(say, step), *_outcome(say, found))
            for step, found in sorted(grouped.items())
        ),
        empty="",
    )


def findings_table(context: Context) -> Table:
    """Return all findings by step, or the worst of them where there are very many."""
    say, findings = context.say, context.run.verdict.findings
    places = listed_places(findings)
    shown = [each for each in numbered(context) if each.number - 1 in places]
    left = len(findings) - len(shown)
    note = say(
        "{shown} findings, the worst first; the attached verdict has them all.",
        shown=say.of(len(shown), len(findings)),
    )
    return Table(
        caption=say("Findings of every check, in the order of the steps"),
        columns=(
            Column(say("No."), 6),
            Column(say("Check"), 17, "code"),
            Column(say("Subject"), 23),
            Column(say("Outcome"), 22, "badge"),
            Column(say("What was found"), 32),
        ),
        rows=tuple(
            (
                say.number(each.number),
                check_name(each.finding),
                plain(each.finding.subject, 120),
                status_badge(say, each.finding.status),
                _in_detail(say, each.finding),
            )
            for each in shown
        ),
        empty=say("The verdict has no findings."),
        note=note if left else "",
        anchors=tuple(anchor_of(context, each.number) for each in shown),
    )


def place(say: Language, location: Location) -> str:
    """Return where in a data set something was found, as far down as is known."""
    parts = []
    if location.file is not None:
        parts.append(say("file {file}", file=plain(location.file, 200)))
    if location.row_group is not None:
        parts.append(say("row group {number}", number=say.number(location.row_group)))
    if location.column is not None:
        parts.append(say("column {column}", column=plain(location.column, 80)))
    if location.rows is not None:
        parts.append(rows_text(say, *location.rows))
    return ", ".join(parts)


def rows_text(say: Language, first: int, last: int) -> str:
    """Return a stretch of rows, counted from 0, both ends included."""
    if first == last:
        return say("row {number}", number=say.number(first))
    return say("rows {first} to {last}", first=say.number(first), last=say.number(last))


def check_name(finding: Finding) -> str:
    """Return a check with its step: `9 dataset.bytes`."""
    return f"{finding.step} {plain(finding.check, 60)}"


def where(say: Language, finding: Finding) -> tuple[str, ...]:
    """Return a line on where something was found, or none."""
    known = place(say, finding.location) if finding.location else ""
    return (say("In {place}", place=known),) if known else ()


def compared(say: Language, finding: Finding) -> tuple[str, ...]:
    """Return lines with what was expected and what was found, a digest on a line of its own."""
    return (
        *_compared(say("Expected"), finding.expected),
        *_compared(say("Found"), finding.found),
    )


def _compared(label: str, value: str | None) -> tuple[str, ...]:
    if value is None:
        return ()
    digits = value.removeprefix("sha256:")
    if is_digest(digits):
        return (f"{label} SHA-256", digits)
    return (f"{label} {plain(value, 200)}",)


def _run_column(say: Language, several: bool) -> tuple[Column, ...]:
    return (Column(say("Run"), 9),) if several else ()


def _run_name(each: Numbered) -> str:
    say = each.context.say
    return say("Run {number}", number=say.number(each.context.index))


def _more(say: Language, rest: int, *, period: bool = False) -> str:
    if period and rest > 0:
        return say("{number} more are in the attached report.", number=say.number(rest))
    text = say("{number} more under “All findings”.", number=say.number(rest))
    return text if rest > 0 else ""


def _what(say: Language, finding: Finding) -> Cell:
    return (Quoted(plain(finding.detail, 200)), *where(say, finding))


def _in_detail(say: Language, finding: Finding) -> Cell:
    differing = () if finding.status == "passed" else compared(say, finding)
    return (Quoted(plain(finding.detail)), *where(say, finding), *differing)


def _outcome(say: Language, found: Sequence[Finding]) -> tuple[Badge, str]:
    if not found:
        return Badge(say("Not run"), "—", "skipped"), NOTHING
    tally = by_status(found)
    if tally["skipped"] == len(found):
        return status_badge(say, "skipped"), say.of(0, len(found))
    status: Status = overall(each.status for each in found)
    return status_badge(say, status), say.of(tally["passed"], len(found))
