"""Until when the recorded data can be read, as its stores say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from auditkit.evidence import RetentionOutcome, RetentionRow
from auditkit.reports.blocks import Badge, Cell, Column, Quoted, Strong, Table
from auditkit.reports.language import Language, message
from auditkit.reports.text import instant, plain
from auditkit.reports.view.context import Context

_OUTCOME: Final[Mapping[RetentionOutcome, Badge]] = {
    "kept": Badge(message("Kept"), "✓", "passed"),
    "lost": Badge(message("Lost"), "✗", "failed"),
    "too-early": Badge(message("Lost too early"), "✗", "failed"),
    "unknown": Badge(message("Not known"), "?", "indeterminate"),
    "erased": Badge(message("Erased"), "—", "skipped"),
}


def readable_table(context: Context) -> Table:
    """Return until when each recorded version is readable, what decides that, and what to do."""
    say, found = context.say, context.run.retention
    note = "" if found is None else _note(say, found.checked_at, found.years)
    return Table(
        caption=say("Until when the recorded data can be read"),
        columns=(
            Column(say("Data set"), 14),
            Column(say("Readable until"), 12),
            Column(say("Needed until"), 12),
            Column(say("Outcome"), 20, "badge"),
            Column(say("What decides"), 22),
            Column(say("What to do"), 20),
        ),
        rows=tuple(_row(say, each) for each in found.rows) if found else (),
        empty=say(
            "The stores were not asked until when the data can be read. auditkit report "
            "--retention asks them, and so does auditkit retention at any time."
        ),
        note=note,
    )


def _note(say: Language, checked_at: str, years: int) -> str:
    return say(
        "As the stores said on {moment}. Needed for {years} from the time of the record, which is "
        "the period asked for, and not one of a framework. No outcome of the verification depends "
        "on this.",
        moment=say.moment(checked_at),
        years=say.count(years, "{number} year", "{number} years"),
    )


def _row(say: Language, row: RetentionRow) -> tuple[Cell, ...]:
    badge = _OUTCOME[row.outcome]
    name = (
        plain(row.dataset) if row.version is None else f"{plain(row.dataset)} @{plain(row.version)}"
    )
    until = say("no date known") if row.readable_until is None else _day(say, row.readable_until)
    return (
        name,
        until,
        _day(say, row.keep_until),
        Badge(say(badge.word), badge.symbol, badge.tone),
        (Strong(plain(row.setting)), Quoted(plain(row.detail, 600))),
        Quoted(plain(row.action, 600))
        if row.outcome not in {"kept", "erased"}
        else say("Nothing."),
    )


def _day(say: Language, moment: str) -> str:
    return say.date(instant(moment).date())
