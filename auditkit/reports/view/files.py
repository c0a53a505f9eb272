"""Recorded files by digest, bounded, and the files handed over beside the pages."""

from __future__ import annotations

from auditkit.digests import sha256_hex
from auditkit.evidence import Attachment, InventoryExcerpt
from auditkit.reports.blocks import Column, Quoted, Table
from auditkit.reports.language import Language
from auditkit.reports.tally import judged
from auditkit.reports.text import plain
from auditkit.reports.view.context import Context
from auditkit.reports.wording import basis_badge

MOST_FILES = 200
MOST_ATTACHMENTS = 300


def files_tables(context: Context) -> tuple[Table, ...]:
    """Return the recorded files per data set, at most 200 in all; the rest is in attachments."""
    excerpts = {each.dataset: each for each in context.run.inventories}
    left = MOST_FILES
    tables = []
    for record, _ in judged(context.run):
        excerpt = excerpts.get(record.name)
        if excerpt is not None:
            tables.append(_table(context.say, excerpt, left, record.inventory.list.name))
            left -= len(tables[-1].rows)
    return tuple(tables)


def attachments_table(
    say: Language, attachments: tuple[Attachment, ...], *, without: int = 0
) -> Table:
    """Return the files handed over with this report, at most 300, with their digests.

    The first `without` of them, those of the runs of a period, are only counted.
    """
    shown = attachments[without:][:MOST_ATTACHMENTS]
    note = say(
        "{shown} files; hashes.json in the PDF lists them all.",
        shown=say.of(len(shown), len(attachments)),
    )
    return Table(
        caption=say("Files handed over with this report"),
        columns=(
            Column(say("Name"), 28, "code"),
            Column(say("What it is"), 26),
            Column(say("Size"), 13, "number"),
            Column("SHA-256", 33, "digest"),
        ),
        rows=tuple(
            (
                plain(each.name, 120),
                Quoted(plain(each.description, 200)),
                say.size(len(each.content)),
                sha256_hex(each.content),
            )
            for each in shown
        ),
        empty=say("No file was handed over with this report."),
        note=note if len(shown) < len(attachments) else "",
    )


def _table(say: Language, excerpt: InventoryExcerpt, most: int, complete: str) -> Table:
    shown = excerpt.entries[: max(most, 0)]
    listed = say(
        "{shown} files; {name} has the complete list.",
        shown=say.of(len(shown), excerpt.total),
        name=plain(complete),
    )
    return Table(
        caption=say("Files of {name}", name=plain(excerpt.dataset)),
        columns=(
            Column(say("Path"), 43, "code"),
            Column(say("Bytes"), 13, "number"),
            Column(say("Rows"), 11, "number"),
            Column("SHA-256", 33, "digest"),
        ),
        rows=tuple(
            (plain(each.path), say.number(each.size), say.optional(each.rows), each.sha256)
            for each in shown
        ),
        empty=listed,
        note=listed if len(shown) < excerpt.total else "",
        basis=basis_badge(say, "observed"),
    )
