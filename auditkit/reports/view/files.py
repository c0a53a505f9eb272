"""Recorded files by digest, bounded, and the files handed over beside the pages."""

from __future__ import annotations

from auditkit.digests import sha256_hex
from auditkit.evidence import Attachment, InventoryExcerpt, RunEvidence
from auditkit.reports.blocks import Column, Table
from auditkit.reports.tally import judged
from auditkit.reports.text import number, of, optional, plain, size

MOST_FILES = 200


def files_tables(run: RunEvidence) -> tuple[Table, ...]:
    """Return the recorded files per data set, at most 200 in all; the rest is in attachments."""
    excerpts = {each.dataset: each for each in run.inventories}
    left = MOST_FILES
    tables = []
    for record, _ in judged(run):
        excerpt = excerpts.get(record.name)
        if excerpt is not None:
            tables.append(_table(excerpt, left, record.inventory.list.name))
            left -= len(tables[-1].rows)
    return tuple(tables)


def attachments_table(attachments: tuple[Attachment, ...]) -> Table:
    """Return the files handed over with this report, with the digest of each."""
    return Table(
        caption="Files handed over with this report",
        columns=(
            Column("Name", 28, "code"),
            Column("What it is", 26),
            Column("Size", 13, "number"),
            Column("SHA-256", 33, "digest"),
        ),
        rows=tuple(
            (
                plain(each.name, 120),
                plain(each.description, 200),
                size(len(each.content)),
                sha256_hex(each.content),
            )
            for each in attachments
        ),
        empty="No file was handed over with this report.",
    )


def _table(excerpt: InventoryExcerpt, most: int, complete: str) -> Table:
    shown = excerpt.entries[: max(most, 0)]
    note = f"{of(len(shown), excerpt.total)} files; {plain(complete)} has the complete list."
    return Table(
        caption=f"Files of {plain(excerpt.dataset)}",
        columns=(
            Column("Path", 43, "code"),
            Column("Bytes", 13, "number"),
            Column("Rows", 11, "number"),
            Column("SHA-256", 33, "digest"),
        ),
        rows=tuple(
            (plain(each.path), number(each.size), optional(each.rows), each.sha256)
            for each in shown
        ),
        empty=f"{number(excerpt.total)} files; {plain(complete)} has the complete list.",
        note=note if len(shown) < excerpt.total else "",
    )
