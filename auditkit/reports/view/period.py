"""All runs of a period together: counted, listed, and what they have in common."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from auditkit.controls.assess import OUTCOMES, assess
from auditkit.findings import Status
from auditkit.reports.blocks import Cell, Column, Command, Fact, Table
from auditkit.reports.language import Language
from auditkit.reports.options import Period
from auditkit.reports.tally import STATUS_ORDER, exceptions, judged, totals
from auditkit.reports.text import NOTHING, parse_time, plain
from auditkit.reports.view.context import Context
from auditkit.reports.view.custody import log_facts
from auditkit.reports.view.exceptions import details_of_all
from auditkit.reports.view.limits import keys_text
from auditkit.reports.view.period_data import datasets_table
from auditkit.reports.view.summary import run_label
from auditkit.reports.wording import outcome_badge, status_badge

MOST_RUNS: Final = 2_000
MOST_PEOPLE: Final = 100
_MONTHS: Final = 60


@dataclass(frozen=True, slots=True)
class PeriodView:
    """What the pages say of all runs of a period; nothing is said of one run but its outcome."""

    months: Table
    runs: Table
    exceptions: Table
    datasets: Table
    controls: tuple[Table, ...]
    signers: Table
    approvals: Table
    log: tuple[Fact, ...]
    limits: Table
    verify: tuple[Command, ...]


def period_view(say: Language, period: Period, contexts: Sequence[Context]) -> PeriodView:
    """Return the tables of a report about all runs of a period."""
    return PeriodView(
        months=_months(say, contexts),
        runs=_runs(say, contexts),
        exceptions=details_of_all(say, contexts),
        datasets=datasets_table(say, contexts),
        controls=tuple(_controls(say, contexts)),
        signers=_signers(say, contexts),
        approvals=_approvals(say, contexts),
        log=_log(contexts),
        limits=_limits(say, period, contexts),
        verify=tuple(_commands(say, period)),
    )


def recorded(context: Context) -> str:
    """Return when a run's manifest says that it was made; nothing if it was not authenticated."""
    statement = context.statement
    return statement.predicate.capture.created_at if statement else ""


def _months(say: Language, contexts: Sequence[Context]) -> Table:
    found: dict[str, Counter[Status]] = {}
    for each in contexts:
        at = parse_time(recorded(each))
        month = f"{at:%Y-%m}" if at else ""
        found.setdefault(month, Counter())[each.run.verdict.status] += 1
    shown = sorted(found.items())[:_MONTHS]
    outcomes = STATUS_ORDER[:3]
    return Table(
        caption=say("Runs by month and outcome"),
        columns=(
            Column(say("Month"), 28),
            Column(say("Runs"), 18, "number"),
            *(Column(status_badge(say, each).word, 18, "number") for each in outcomes),
        ),
        rows=tuple(
            (
                month or say("not authenticated"),
                say.number(counts.total()),
                *(say.of(counts[each], counts.total()) for each in outcomes),
            )
            for month, counts in shown
        ),
        empty=say("There is no run."),
        note=say("By the time at which the recording machine's clock says it was recorded."),
    )


def _runs(say: Language, contexts: Sequence[Context]) -> Table:
    shown = contexts[:MOST_RUNS]
    note = say("{shown} runs; the attached report has them all.", shown=_of(say, shown, contexts))
    return Table(
        caption=say("Every run of the period"),
        columns=(
            Column(say("No."), 7),
            Column(say("Run"), 36, "code"),
            Column(say("Recorded"), 13),
            Column(say("Outcome"), 22, "badge"),
            Column(say("Exceptions"), 12, "number"),
            Column(say("Re-read"), 10, "number"),
        ),
        rows=tuple(_run(say, each) for each in shown),
        empty=say("There is no run."),
        note=note
        if len(shown) < len(contexts)
        else say("Re-read: data sets whose bytes were all read again, out of those recorded."),
    )


def _run(say: Language, context: Context) -> tuple[Cell, ...]:
    at = parse_time(recorded(context))
    covered = totals(verdict for _, verdict in judged(context.run))
    return (
        say.number(context.index),
        run_label(context.run),
        say.date(at.date()) if at else NOTHING,
        status_badge(say, context.run.verdict.status),
        say.number(len(exceptions(context.run))),
        say.of(covered.datasets_in_full, covered.datasets),
    )


def _controls(say: Language, contexts: Sequence[Context]) -> Iterator[Table]:
    """Yield for each framework in how many runs a control came out how."""
    frameworks = contexts[0].options.frameworks if contexts else ()
    for framework in frameworks:
        counted: dict[str, Counter[str]] = {}
        titles: dict[str, str] = {}
        for context in contexts:
            for each in assess(framework, context.run):
                counted.setdefault(each.control.id, Counter())[each.outcome] += 1
                titles[each.control.id] = each.control.title
        yield Table(
            caption=plain(framework.pack.title),
            columns=(
                Column(say("Control"), 40),
                *(Column(outcome_badge(say, each).word, 15, "number") for each in OUTCOMES),
            ),
            rows=tuple(
                (
                    plain(f"{name} {titles[name]}", 160),
                    *(say.of(counts[each], len(contexts)) for each in OUTCOMES),
                )
                for name, counts in counted.items()
            ),
            empty=say("The pack has no controls."),
            note=say(
                "Each number is of runs. What a control cannot be shown by, whatever the runs, "
                "stands in the pack, which is attached."
            ),
        )


def _signers(say: Language, contexts: Sequence[Context]) -> Table:
    counts = Counter(name for each in contexts for name in set(each.run.verdict.signers))
    shown = counts.most_common(MOST_PEOPLE)
    return Table(
        caption=say("Who signed the manifests"),
        columns=(Column(say("Name in the trust policy"), 70), Column(say("Runs"), 30, "number")),
        rows=tuple((plain(name, 200), say.of(count, len(contexts))) for name, count in shown),
        empty=say("No policy was given, so the verdict knows a key and no names."),
    )


def _approvals(say: Language, contexts: Sequence[Context]) -> Table:
    counts = Counter(
        key
        for each in contexts
        for key in {
            (found.name, found.role)
            for found in each.run.verdict.approvals
            if found.status == "passed"
        }
    )
    shown = counts.most_common(MOST_PEOPLE)
    return Table(
        caption=say("Who approved runs"),
        columns=(
            Column(say("Name"), 40),
            Column(say("Role"), 30),
            Column(say("Runs"), 30, "number"),
        ),
        rows=tuple(
            (plain(name, 200), plain(role, 200), say.of(count, len(contexts)))
            for (name, role), count in shown
        ),
        empty=say("No approval was found that counts."),
    )


def _log(contexts: Sequence[Context]) -> tuple[Fact, ...]:
    """Return the largest checkpoint that a run was found in."""
    logged = [each for each in contexts if each.run.verdict.checkpoint is not None]
    largest = max(logged, key=_size, default=None)
    return () if largest is None else tuple(log_facts(largest))


def _size(context: Context) -> int:
    checkpoint = context.run.verdict.checkpoint
    return checkpoint.size if checkpoint else 0


def _limits(say: Language, period: Period, contexts: Sequence[Context]) -> Table:
    covered = totals(verdict for each in contexts for _, verdict in judged(each.run))
    reread = say.of(covered.datasets_in_full, covered.datasets)
    runs = say.count(len(contexts), "{number} run", "{number} runs")
    return Table(
        caption=say("What is caught, and what is not"),
        columns=(
            Column(say("If this happens"), 26),
            Column(say("Then"), 37),
            Column(say("In this report"), 37),
        ),
        rows=(
            (
                say("A run is never recorded"),
                say("Not detectable."),
                say("This report is about {runs} and no other.", runs=runs),
            ),
            (
                say("A recorded run is dropped, or rewritten"),
                say("Caught where the log is held against a checkpoint that was kept elsewhere."),
                _in_log(say, period, contexts),
            ),
            (
                say("A recording machine's clock is wrong"),
                say("The run counts to another period. A log or a time stamp bounds by how much."),
                say("Runs were chosen by what their manifests say."),
            ),
            (
                say("Stored bytes rot or are edited"),
                say("Caught, and located, wherever the bytes are re-read in full."),
                say("{count} data sets were re-read in full.", count=reread),
            ),
            (
                say("Data is swapped and the manifest signed again with another key"),
                say("Caught where the verifier brings the right key from elsewhere."),
                keys_text(say, contexts[0].evidence.verdict.trust),
            ),
        ),
        empty="",
    )


def _in_log(say: Language, period: Period, contexts: Sequence[Context]) -> str:
    if not period.logged:
        return say("Runs were listed from a folder. What was taken out of it does not show.")
    logged = sum(
        any(found.check == "log.inclusion" and found.status == "passed" for found in findings)
        for findings in (each.run.verdict.findings for each in contexts)
    )
    count = say.of(logged, len(contexts))
    return say("{count} manifests were found in a log that the verifier trusts.", count=count)


def _commands(say: Language, period: Period) -> Iterator[Command]:
    times = [
        f"{flag} {value}"
        for flag, value in (("--since", period.since), ("--until", period.until))
        if value
    ]
    place = f"--registry {shlex.quote(period.source)}" if period.logged else "--no-registry"
    query = " ".join(["auditkit report --project", period.project, *times])
    if period.logged:
        yield Command(
            say("Check the whole log"),
            say("Every entry is held against its blob, and all of them against the checkpoint."),
            (plain(f"auditkit log verify {place}", 600),),
        )
    yield Command(
        say("Make this report again"),
        say("With your own trust policy, or the public key as you received it from its owner."),
        (f"{plain(query)} \\", plain(f"  {place} -o again.pdf", 600)),
    )
    yield Command(
        say("Check the files in the PDF"),
        say("Save the attachments, then hold them against their list. OK must follow each name."),
        (
            "pdfdetach -saveall report.pdf",
            """jq -r '.files | to_entries[] | .value + "  " + .key' hashes.json | sha256sum -c""",
        ),
    )


def _of(say: Language, shown: Sequence[object], whole: Sequence[object]) -> str:
    return say.of(len(shown), len(whole))
