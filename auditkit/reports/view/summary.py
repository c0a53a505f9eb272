"""The one-page summary: exceptions first, then what was checked and what was not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from auditkit.evidence import Evidence, RunEvidence
from auditkit.findings import Finding, Status, Verdict
from auditkit.reports.blocks import Badge, Column, Fact, Table
from auditkit.reports.language import Language
from auditkit.reports.tally import (
    Totals,
    by_condition,
    by_status,
    exceptions,
    judged,
    skipped,
    totals,
)
from auditkit.reports.text import plain
from auditkit.reports.view.context import Context
from auditkit.reports.view.findings import (
    Numbered,
    exceptions_table,
    numbered,
    skipped_table,
    skipped_together,
)
from auditkit.reports.wording import (
    alarmless,
    condition_badge,
    condition_meaning,
    mode_text,
    status_badge,
    tool_text,
    trust_text,
)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a reader needs in two minutes. `runs` is None in a report about one run."""

    exceptions: Table
    runs: Table | None
    checked: tuple[Fact, ...]
    outcomes: Table
    conditions: Table
    skipped: Table


def build_summary(say: Language, evidence: Evidence, contexts: Sequence[Context]) -> Summary:
    """Return the summary of all runs together."""
    several = len(contexts) != 1
    period = bool(contexts) and contexts[0].options.period is not None
    found = sorted(_selected(contexts, exceptions), key=_severity)
    left_out = _selected(contexts, skipped)
    return Summary(
        exceptions=exceptions_table(say, found, several=several, period=period),
        runs=_runs_table(say, contexts) if several and not period else None,
        checked=_checked(say, evidence),
        outcomes=_outcomes(say, evidence),
        conditions=_conditions(say, evidence),
        skipped=skipped_together(say, left_out, len(contexts))
        if period
        else skipped_table(say, left_out, several=several),
    )


def run_label(run: RunEvidence) -> str:
    """Return a short name for a run: its id if it was authenticated, else where it was found."""
    if run.statement is None:
        return plain(run.verdict.source, 120)
    return run.statement.predicate.run.id


def _selected(
    contexts: Sequence[Context], select: Callable[[RunEvidence], tuple[Finding, ...]]
) -> list[Numbered]:
    """Return the selected findings of every run, in the order that `select` gives them."""
    found = []
    for context in contexts:
        by_identity = {id(each.finding): each for each in numbered(context)}
        found += [by_identity[id(each)] for each in select(context.run)]
    return found


def _severity(each: Numbered) -> int:
    return ("failed", "indeterminate", "skipped", "passed").index(each.finding.status)


def _checked(say: Language, evidence: Evidence) -> tuple[Fact, ...]:
    verdict = evidence.verdict
    authenticated = sum(run.statement is not None for run in evidence.runs)
    covered = totals(verdict for run in evidence.runs for _, verdict in judged(run))
    return (
        Fact(say("Runs authenticated"), say.of(authenticated, len(evidence.runs))),
        *_covered(say, covered),
        Fact(say("Mode"), mode_text(say, verdict.mode)),
        *_against(say, verdict),
        Fact(say("Trust"), trust_text(say, verdict.trust)),
        Fact(say("Verified"), verified_text(say, evidence)),
    )


def _against(say: Language, verdict: Verdict) -> Iterator[Fact]:
    if verdict.against == "latest":
        text = say("read as they are now, not at the recorded version")
        yield Fact(say("Tables with versions"), text)


def verified_text(say: Language, evidence: Evidence) -> str:
    """Return when and by which program the evidence was verified."""
    verdict = evidence.verdict
    return say("{time} by {tool}", time=say.moment(verdict.verified_at), tool=tool_text(verdict))


def _covered(say: Language, covered: Totals) -> Iterator[Fact]:
    if not covered.datasets:
        yield Fact(say("Data sets"), say("none was opened"))
        return
    yield Fact(say("Data sets re-read in full"), say.of(covered.datasets_in_full, covered.datasets))
    yield Fact(say("Files re-read"), say.of(covered.files, covered.files_total))
    sizes = say.share(say.size(covered.bytes), say.exact_size(covered.bytes_total))
    yield Fact(say("Bytes re-read"), sizes)
    if covered.rows_total:
        yield Fact(say("Rows re-read"), say.of(covered.rows, covered.rows_total))


def _outcomes(say: Language, evidence: Evidence) -> Table:
    findings = [finding for run in evidence.runs for finding in run.verdict.findings]
    return Table(
        caption=say("Checks by outcome"),
        columns=(Column(say("Outcome"), 54, "badge"), Column(say("Checks"), 46, "number")),
        rows=tuple(
            (_counted(say, status, found), say.of(found, len(findings)))
            for status, found in by_status(findings).items()
        ),
        empty="",
    )


def _counted(say: Language, status: Status, found: int) -> Badge:
    badge = status_badge(say, status)
    return badge if found else alarmless(badge)


def _conditions(say: Language, evidence: Evidence) -> Table:
    verdicts = [verdict for run in evidence.runs for _, verdict in judged(run)]
    return Table(
        caption=say("Data sets by condition"),
        columns=(
            Column(say("Condition"), 30, "badge"),
            Column(say("Data sets"), 20, "number"),
            Column(say("What it means"), 50),
        ),
        rows=tuple(
            (
                condition_badge(say, condition),
                say.of(found, len(verdicts)),
                condition_meaning(say, condition),
            )
            for condition, found in by_condition(verdicts).items()
        ),
        empty=say("No data set was compared with an authenticated record."),
    )


def _runs_table(say: Language, contexts: Sequence[Context]) -> Table:
    return Table(
        caption=say("The runs of this report"),
        columns=(
            Column(say("No."), 5),
            Column(say("Run"), 37, "code"),
            Column(say("Project"), 13),
            Column(say("Outcome"), 22, "badge"),
            Column(say("Exceptions"), 12, "number"),
            Column(say("Re-read"), 11, "number"),
        ),
        rows=tuple(
            (
                say.number(each.index),
                run_label(each.run),
                _project(say, each.run),
                status_badge(say, each.run.verdict.status),
                say.number(len(exceptions(each.run))),
                _in_full(say, each.run),
            )
            for each in contexts
        ),
        empty=say("The verdict is about no run."),
        note=say("Re-read: data sets whose bytes were all read again, out of those recorded."),
    )


def _project(say: Language, run: RunEvidence) -> str:
    if run.statement is None:
        return say("not authenticated")
    return run.statement.predicate.run.project


def _in_full(say: Language, run: RunEvidence) -> str:
    covered = totals(verdict for _, verdict in judged(run))
    return say.of(covered.datasets_in_full, covered.datasets)
