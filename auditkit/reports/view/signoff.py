"""Sign-off by natural persons: those who approved, and lines for those who sign on paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditkit.reports.blocks import Blank, Cell, Column, Table
from auditkit.reports.language import Language
from auditkit.reports.text import plain, short
from auditkit.reports.view.context import Context
from auditkit.reports.wording import status_badge

MOST_SIGNED = 100
PAPER_LINES = 3
_BLANKS = (Blank(""),) * 5


def signed_table(say: Language, contexts: Sequence[Context]) -> Table:
    """Return the persons whose approvals verified, with the key that each signed with."""
    rows = tuple(row for context in contexts for row in _rows(context))
    note = say(
        "{shown} approvals; the attached verdict has them all.",
        shown=say.of(MOST_SIGNED, len(rows)),
    )
    return Table(
        caption=say("Signed electronically"),
        columns=(
            Column(say("Name"), 18),
            Column(say("Role"), 15),
            Column(say("Meaning of the signature"), 22),
            Column(say("Date and time"), 23),
            Column(say("Outcome"), 22, "badge"),
        ),
        rows=rows[:MOST_SIGNED],
        note=note if len(rows) > MOST_SIGNED else "",
        empty=say("No person has approved this manifest with a key that the verifier trusts."),
    )


def _rows(context: Context) -> Iterator[tuple[Cell, ...]]:
    say = context.say
    for each in context.run.verdict.approvals:
        run = (say("Run {number}", number=say.number(context.index)),) if context.several else ()
        known = each.known_since
        proven = (say("proven by {time}", time=say.moment(known)),) if known else ()
        keys = ", ".join(f"{short(keyid)}…" for keyid in each.keyids)
        yield (
            (plain(each.name, 200), say("Key {key}", key=plain(keys, 200)), *run),
            plain(each.role, 200),
            plain(each.meaning, 500),
            (say.moment(each.approved_at), say("by the approver's clock"), *proven),
            status_badge(say, each.status),
        )


def paper_table(say: Language) -> Table:
    """Return empty lines to be filled in and signed by hand."""
    return Table(
        caption=say("To be signed on paper"),
        columns=(
            Column(say("No."), 5),
            Column(say("Name"), 20),
            Column(say("Role"), 17),
            Column(say("Meaning: reviewed, approved, rejected"), 23),
            Column(say("Date"), 13),
            Column(say("Signature"), 22),
        ),
        rows=tuple((say.number(line), *_BLANKS) for line in range(1, PAPER_LINES + 1)),
        empty="",
    )
