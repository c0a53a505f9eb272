"""Controls of frameworks: how far the evidence goes towards each, and what it cannot show."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from auditkit.controls.assess import OUTCOMES, Assessment, assess
from auditkit.controls.pack import Control, Pack, Retention
from auditkit.controls.standing import Answer
from auditkit.reports.blocks import Badge, Cell, Column, Inline, Link, Phrase, Quoted, Strong, Table
from auditkit.reports.text import instant, plain
from auditkit.reports.view.context import Context
from auditkit.reports.view.criteria import applies_text, legal_status, past_review, review_text
from auditkit.reports.view.findings import anchor_of, listed_places
from auditkit.reports.wording import (
    outcome_badge,
    outcome_meaning,
    standing_badge,
)

MOST_LINKS = 4


@dataclass(frozen=True, slots=True)
class FrameworkView:
    """One framework's part: a notice where its pack is stale, and its controls."""

    title: str
    anchor: str
    document: Quoted
    notice: str
    note: Quoted | None
    controls: Table


@dataclass(frozen=True, slots=True)
class ControlsView:
    """Outcomes of controls, counted by framework, what they mean, and every control."""

    outcomes: Table
    meanings: tuple[tuple[Badge, str], ...]
    frameworks: tuple[FrameworkView, ...]


def build_controls(context: Context) -> ControlsView:
    """Return what this run's evidence shows for the controls of every framework chosen."""
    say = context.say
    assessed = [(each.pack, assess(each, context.run)) for each in context.options.frameworks]
    return ControlsView(
        outcomes=_outcomes(context, assessed),
        meanings=tuple((outcome_badge(say, each), outcome_meaning(say, each)) for each in OUTCOMES),
        frameworks=tuple(
            _framework(context, pack, assessments, f"{context.prefix}framework-{index}")
            for index, (pack, assessments) in enumerate(assessed, start=1)
        ),
    )


def _framework(
    context: Context, pack: Pack, assessments: Sequence[Assessment], anchor: str
) -> FrameworkView:
    say = context.say
    stale = say(
        "This pack is past the day of its review. The law may have changed; ask for a current pack "
        "before you rely on this section."
    )
    return FrameworkView(
        title=plain(pack.title),
        anchor=anchor,
        document=Quoted(plain(f"{pack.document}, {pack.edition}", 600), pack.language),
        notice=stale if past_review(pack, _today(context)) else "",
        note=Quoted(plain(pack.note, 2000), pack.language) if pack.note else None,
        controls=_controls(context, pack, assessments),
    )


def _today(context: Context) -> dt.date:
    return instant(context.options.generated_at).date()


def _outcomes(context: Context, assessed: Sequence[tuple[Pack, Sequence[Assessment]]]) -> Table:
    say = context.say
    return Table(
        caption=say("Controls by outcome"),
        columns=(
            Column(say("Framework"), 36),
            *(Column(outcome_badge(say, each).word, 16, "number") for each in OUTCOMES),
        ),
        rows=tuple(
            (plain(pack.title), *_counts(context, assessments)) for pack, assessments in assessed
        ),
        empty="",
    )


def _counts(context: Context, assessments: Sequence[Assessment]) -> tuple[Cell, ...]:
    counts = Counter(each.outcome for each in assessments)
    return tuple(context.say.of(counts[each], len(assessments)) for each in OUTCOMES)


def _controls(context: Context, pack: Pack, assessments: Sequence[Assessment]) -> Table:
    say = context.say
    return Table(
        caption=say("Controls of {name}", name=plain(pack.title)),
        columns=(
            Column(say("Control"), 30),
            Column(say("Outcome and evidence in this record"), 40),
            Column(say("What it cannot show"), 30),
        ),
        rows=tuple(_row(context, pack, each) for each in assessments),
        empty="",
    )


def _row(context: Context, pack: Pack, each: Assessment) -> tuple[Cell, ...]:
    control = each.control
    return (
        _what(pack, control),
        (
            Phrase((outcome_badge(context.say, each.outcome), context.say.reason(each.reason))),
            *(_evidence(context, answer) for answer in each.answers),
        ),
        _limits(pack, control),
    )


def _what(pack: Pack, control: Control) -> Cell:
    asked = (Quoted(plain(control.paraphrase, 2000), pack.language),) if control.paraphrase else ()
    return (
        Phrase((Strong(plain(control.id)), Quoted(plain(control.title), pack.language))),
        *asked,
    )


def _limits(pack: Pack, control: Control) -> Cell:
    notes = (Quoted(plain(control.note, 2000), pack.language),) if control.note else ()
    return (Quoted(plain(control.cannot_evidence, 2000), pack.language), *notes)


def _evidence(context: Context, answer: Answer) -> Phrase:
    say = context.say
    badge: Badge = standing_badge(say, answer.standing)
    return Phrase((badge, say.reason(answer.reason), *_links(context, answer)))


def _links(context: Context, answer: Answer) -> tuple[Inline, ...]:
    """Return links to the findings behind an answer, as far as the report lists them."""
    say = context.say
    listed = listed_places(context.run.verdict.findings)
    numbers = [place + 1 for place in answer.findings if place in listed]
    if not numbers:
        return ()
    links = tuple(
        Link(f"[{say.number(number)}]", anchor_of(context, number))
        for number in numbers[:MOST_LINKS]
    )
    rest = len(answer.findings) - len(links)
    more = (say("and {number} more", number=say.number(rest)),) if rest else ()
    return (*links, *more)


def retention_table(context: Context) -> Table:
    """Return legal status, dates and rules on keeping records, with the controls under each."""
    say = context.say
    groups: dict[tuple[Cell, ...], list[str]] = {}
    for pack in (each.pack for each in context.options.frameworks):
        for control in pack.controls:
            groups.setdefault(_terms(context, pack, control), []).append(plain(control.id))
    return Table(
        caption=say("Legal status and retention of the controls"),
        columns=(
            Column(say("Framework"), 15),
            Column(say("Controls"), 23),
            Column(say("Legal status"), 12),
            Column(say("Applies from"), 18),
            Column(say("Retention and its source"), 21),
            Column(say("Review by"), 11),
        ),
        rows=tuple((terms[0], "; ".join(ids), *terms[1:]) for terms, ids in groups.items()),
        empty=say(
            "No framework was chosen, so this report knows no period for which records are to be "
            "kept."
        ),
    )


def _terms(context: Context, pack: Pack, control: Control) -> tuple[Cell, ...]:
    say = context.say
    return (
        plain(pack.title),
        legal_status(say, pack.legal_status_of(control)),
        applies_text(say, pack.applies_to(control)),
        _retention(context, pack, pack.retention_of(control)),
        review_text(say, pack.review_of(control), _today(context)),
    )


def _retention(context: Context, pack: Pack, rule: Retention) -> Cell:
    say = context.say
    values = {"period": period_text(context, rule.period or ""), "anchor": plain(rule.anchor or "")}
    text = {
        "fixed": say("{period} from when {anchor}", **values),
        "floor": say("at least {period} from when {anchor}", **values),
        "none-stated": say("no period stated"),
        "inherited": say("as {anchor}", anchor=values["anchor"]),
        "not-assessed": say("not assessed"),
    }[rule.kind]
    if rule.source is None:
        return text
    basis = {"cited": say("cited"), "inferred": say("inferred"), None: ""}[rule.basis]
    return (text, Phrase((f"{basis}:", Quoted(plain(rule.source), pack.language))))


def period_text(context: Context, period: str) -> str:
    """Return an ISO 8601 duration of years, months or days in words."""
    say = context.say
    if not period:
        return ""
    number, unit = int(period[1:-1]), period[-1]
    return {
        "Y": say.count(number, "{number} year", "{number} years"),
        "M": say.count(number, "{number} month", "{number} months"),
        "D": say.count(number, "{number} day", "{number} days"),
    }[unit]
