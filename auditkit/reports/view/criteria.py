"""What the evidence is held against: the verifier's trust, and frameworks with their editions."""

from __future__ import annotations

import datetime as dt

from auditkit.controls.pack import Application, LegalStatus, Pack
from auditkit.reports.blocks import Badge, Cell, Column, Quoted, Table
from auditkit.reports.language import Language
from auditkit.reports.options import ReportOptions
from auditkit.reports.text import NOTHING, instant, plain


def frameworks_table(say: Language, options: ReportOptions) -> Table:
    """Return the frameworks with edition, legal status, dates, and whether a pack is up to date."""
    today = instant(options.generated_at).date()
    return Table(
        caption=say("Frameworks that the evidence was held against"),
        columns=(
            Column(say("Framework"), 36),
            Column(say("Legal status"), 17),
            Column(say("Applies from"), 27),
            Column(say("Pack to be reviewed by"), 20),
        ),
        rows=tuple(
            (
                (
                    plain(each.pack.title),
                    Quoted(plain(f"{each.pack.document}, {each.pack.edition}", 600)),
                ),
                legal_status(say, each.pack.legal_status),
                applies_text(say, each.pack.applies_from),
                review_text(say, each.pack.review_by, today),
            )
            for each in options.frameworks
        ),
        empty=say("This report was made without a framework."),
        note=say(
            "The packs are paraphrases for orientation and no legal advice; the text of each "
            "document is what counts."
        ),
    )


def legal_status(say: Language, status: LegalStatus) -> str:
    """Return what force a document has."""
    return {
        "in-force": say("in force"),
        "guidance": say("guidance"),
        "voluntary": say("voluntary"),
        "draft": say("draft, not in force"),
        "rescinded": say("rescinded"),
    }[status]


def applies_text(say: Language, applies: tuple[Application, ...]) -> Cell:
    """Return from when something applies, and to what; a dash where no date is known."""
    lines = tuple(Quoted(f"{say.date(each.date)}: {plain(each.what)}") for each in applies)
    return lines or NOTHING


def review_text(say: Language, review_by: dt.date, today: dt.date) -> Cell:
    """Return the day of the review, and that it is past where it is."""
    day = say.date(review_by)
    if review_by >= today:
        return day
    return (day, Badge(say("past its review"), "✗", "failed"))


def past_review(pack: Pack, today: dt.date) -> bool:
    """Return whether any control of a pack is past the day of its review."""
    return any(pack.past_review(each, today) for each in pack.controls)
