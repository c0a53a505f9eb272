"""What was added to the evidence after the manifest was made, which never changes itself."""

from __future__ import annotations

from collections.abc import Iterator

from auditkit.reports.blocks import Cell, Column, Table
from auditkit.reports.text import plain
from auditkit.reports.view.context import Context


def additions_table(context: Context) -> Table:
    """Return later time stamps and approvals, in the order of their times."""
    say = context.say
    rows = sorted(_additions(context), key=lambda each: each[0])
    return Table(
        caption=say("What was added to this evidence later"),
        columns=(
            Column(say("When"), 30),
            Column(say("What"), 40),
            Column(say("File"), 30, "code"),
        ),
        rows=tuple((say.moment(when), *rest) for when, *rest in rows),
        empty=say("Nothing was added: the evidence is as it was signed."),
        note=say("A manifest is never changed. A change would give it another digest."),
    )


def _additions(context: Context) -> Iterator[tuple[str, Cell, Cell]]:
    say, verdict = context.say, context.run.verdict
    for stamp in verdict.timestamps:
        if stamp.at is not None and stamp.token != stamp.bundle:
            name = plain(stamp.authority or "", 200)
            yield (stamp.at, say("Time stamp by {name}", name=name), plain(stamp.token, 200))
    for each in verdict.approvals:
        name = plain(f"{each.name}, {each.role}", 200)
        yield (each.approved_at, say("Approval by {name}", name=name), plain(each.bundle, 200))
