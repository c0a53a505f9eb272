"""Who stands behind a manifest: its signers, and apart from them the persons who approved it."""

from __future__ import annotations

from auditkit.findings import TargetVerdict
from auditkit.reports.blocks import Column, Table
from auditkit.reports.text import moment, plain
from auditkit.reports.wording import status_badge


def people_table(verdict: TargetVerdict) -> Table:
    """Return the approvals whose signatures verified, with what each is worth."""
    return Table(
        caption="Approvals by persons",
        columns=(
            Column("Name", 20),
            Column("Role", 18),
            Column("Meaning", 26),
            Column("When", 20),
            Column("Outcome", 16, "badge"),
        ),
        rows=tuple(
            (
                plain(each.name, 200),
                plain(each.role, 200),
                plain(each.meaning, 500),
                (
                    f"{moment(each.approved_at)}, by the approver's clock",
                    *([f"proven by {moment(each.known_since)}"] if each.known_since else ()),
                ),
                status_badge(each.status),
            )
            for each in verdict.approvals
        ),
        empty="No approval was found that counts.",
        note="A person's approval is a signature with that person's own key; the signers of the "
        "manifest itself are not listed here.",
    )
