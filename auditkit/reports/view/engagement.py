"""For whom the report is, what it may be used for, and what the responsible party asserts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditkit.reports.blocks import Fact
from auditkit.reports.language import Language
from auditkit.reports.options import Engagement
from auditkit.reports.text import plain
from auditkit.reports.view.context import Context
from auditkit.reports.wording import basis_badge

LONGEST = 2000


@dataclass(frozen=True, slots=True)
class AssertionView:
    """What the responsible party says, apart from what auditkit observed; empty where nothing."""

    text: str
    facts: tuple[Fact, ...]


def use_facts(say: Language, engagement: Engagement) -> tuple[Fact, ...]:
    """Return addressee, intended use and restrictions, as far as they were stated."""
    declared = basis_badge(say, "declared")
    rows = (
        (say("Addressee"), engagement.addressee),
        (say("Intended use"), engagement.purpose),
        (say("Restrictions"), engagement.restrictions),
    )
    return tuple(
        Fact(label, plain(value, LONGEST), "text", declared) for label, value in rows if value
    )


def assertion_view(context: Context) -> AssertionView:
    """Return the assertion given with the report and the declarations signed in the manifest."""
    assertion = context.options.engagement.assertion
    return AssertionView(
        text=plain(assertion, LONGEST) if assertion else "",
        facts=tuple(_statements(context)),
    )


def _statements(context: Context) -> Iterator[Fact]:
    say = context.say
    responsible = context.options.engagement.responsible
    if responsible:
        declared = basis_badge(say, "declared")
        yield Fact(say("Responsible party"), plain(responsible, LONGEST), "text", declared)
    stated = context.statement.predicate.declarations if context.statement else None
    if stated is None:
        return
    rows = (
        (say("Purpose"), stated.purpose),
        (say("Owner"), stated.owner),
        (say("Contact"), stated.contact),
        (say("Notes"), stated.notes),
    )
    for label, value in rows:
        if value is not None:
            yield Fact(label, plain(value), "text", basis_badge(say, stated.basis))
