"""The one-page summary: exceptions first, then what was checked and what was not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from auditkit.evidence import Evidence, RunEvidence
from auditkit.findings import Finding, Status
from auditkit.reports.blocks import Badge, Column, Fact, Table
from auditkit.reports.tally import (
    Totals,
    by_condition,
    by_status,
    exceptions,
    judged,
    skipped,
    totals,
)
from auditkit.reports.text import exact_size, moment, number, of, plain, size
from auditkit.reports.view.findings import Labelled, exceptions_table, skipped_table
from auditkit.reports.wording import (
    CONDITION,
    MODE,
    condition_badge,
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


def build_summary(evidence: Evidence) -> Summary:
    """Return the summary of all runs together."""
    several = len(evidence.runs) != 1
    verdicts = [verdict for run in evidence.runs for _, verdict in judged(run)]
    findings = [finding for run in evidence.runs for finding in run.verdict.findings]
    tally = by_status(findings)
    return Summary(
        exceptions=exceptions_table(
            sorted(_labelled(evidence.runs, exceptions), key=_severity), several=several
        ),
        runs=_runs_table(evidence.runs) if several else None,
        checked=_checked(evidence, totals(verdicts)),
        outcomes=Table(
            caption="Checks by outcome",
            columns=(Column("Outcome", 62, "badge"), Column("Checks", 38, "number")),
            rows=tuple(
                (_counted(status, found), of(found, len(findings)))
                for status, found in tally.items()
            ),
        ),
        conditions=Table(
            caption="Data sets by condition",
            columns=(
                Column("Condition", 30, "badge"),
                Column("Data sets", 20, "number"),
                Column("What it means", 50),
            ),
            rows=tuple(
                (condition_badge(condition), of(found, len(verdicts)), CONDITION[condition][2])
                for condition, found in by_condition(verdicts).items()
            ),
            empty="No data set was compared with an authenticated record.",
        ),
        skipped=skipped_table(_labelled(evidence.runs, skipped), several=several),
    )


def run_label(run: RunEvidence) -> str:
    """Return a short name for a run: its id if it was authenticated, else where it was found."""
    if run.statement is None:
        return plain(run.verdict.source, 120)
    return run.statement.predicate.run.id


def _labelled(
    runs: Iterable[RunEvidence], select: Callable[[RunEvidence], tuple[Finding, ...]]
) -> list[Labelled]:
    """Return the findings with the number of their run in this report."""
    return [
        (f"Run {number(index)}", finding)
        for index, run in enumerate(runs, start=1)
        for finding in select(run)
    ]


def _counted(status: Status, found: int) -> Badge:
    """Return the status as a badge, without alarm where nothing has it."""
    badge = status_badge(status)
    return badge if found else Badge(badge.word, badge.symbol, "plain")


def _severity(labelled: Labelled) -> int:
    return ("failed", "indeterminate", "skipped", "passed").index(labelled[1].status)


def _checked(evidence: Evidence, covered: Totals) -> tuple[Fact, ...]:
    verdict = evidence.verdict
    authenticated = sum(run.statement is not None for run in evidence.runs)
    return (
        Fact("Runs authenticated", of(authenticated, len(evidence.runs))),
        *_covered(covered),
        Fact("Mode", MODE[verdict.mode]),
        Fact("Trust", trust_text(verdict.trust)),
        Fact("Verified", f"{moment(verdict.verified_at)} by {tool_text(verdict)}"),
    )


def _covered(covered: Totals) -> Iterator[Fact]:
    if not covered.datasets:
        yield Fact("Data sets", "none was opened")
        return
    yield Fact("Data sets re-read in full", of(covered.datasets_in_full, covered.datasets))
    yield Fact("Files re-read", of(covered.files, covered.files_total))
    yield Fact("Bytes re-read", f"{size(covered.bytes)} of {exact_size(covered.bytes_total)}")
    if covered.rows_total:
        yield Fact("Rows re-read", of(covered.rows, covered.rows_total))


def _runs_table(runs: tuple[RunEvidence, ...]) -> Table:
    return Table(
        caption="The runs of this report",
        columns=(
            Column("No.", 5),
            Column("Run", 38, "code"),
            Column("Project", 15),
            Column("Outcome", 19, "badge"),
            Column("Exceptions", 12, "number"),
            Column("Re-read", 11, "number"),
        ),
        rows=tuple(
            (
                number(index),
                run_label(run),
                "not authenticated" if run.statement is None else _project(run),
                status_badge(run.verdict.status),
                number(len(exceptions(run))),
                _in_full(run),
            )
            for index, run in enumerate(runs, start=1)
        ),
        empty="The verdict is about no run.",
        note="Re-read: data sets whose bytes were all read again, out of those recorded.",
    )


def _project(run: RunEvidence) -> str:
    return "" if run.statement is None else run.statement.predicate.run.project


def _in_full(run: RunEvidence) -> str:
    covered = totals(verdict for _, verdict in judged(run))
    return of(covered.datasets_in_full, covered.datasets)
