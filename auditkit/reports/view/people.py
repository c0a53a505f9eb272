"""Who stands behind a manifest: what the policy demands, who signed, who approved, who stamped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditkit.findings import (
    ApprovalVerdict,
    TargetVerdict,
    TimestampVerdict,
    Trust,
    TrustedSigner,
    TrustRequirements,
)
from auditkit.reports.blocks import Cell, Column, Fact, Table
from auditkit.reports.text import NOTHING, count, moment, of, plain
from auditkit.reports.wording import status_badge, trust_text

MOST_ROWS = 60

_STATEMENTS = {"training-run": "training runs", "approval": "approvals"}


@dataclass(frozen=True, slots=True)
class PeopleView:
    """Signers and persons, with what the verifier's trust demands of them."""

    demands: tuple[Fact, ...]
    signers: Table
    approvals: Table
    timestamps: Table


def build_people(trust: Trust, verdict: TargetVerdict) -> PeopleView:
    """Return who signed, approved and stamped one run, all as the verdict has it."""
    return PeopleView(
        demands=tuple(_demands(trust)),
        signers=_signers_table(trust, verdict),
        approvals=_approvals_table(verdict.approvals),
        timestamps=_timestamps_table(verdict.timestamps),
    )


def _demands(trust: Trust) -> Iterator[Fact]:
    yield Fact("Trusted", trust_text(trust))
    if trust.requires is None:
        return
    yield from _required(trust.requires)
    names = ", ".join(trust.authorities)
    yield Fact("Time-stamping authorities that count", plain(names) or "none")


def _required(requires: TrustRequirements) -> Iterator[Fact]:
    yield Fact("Signers required", count(requires.signatures, "signer"))
    roles = ", ".join(f"{count(n, 'person')} as {role}" for role, n in requires.approvals.items())
    yield Fact("Approvals required", plain(roles) or "none")
    yield Fact("Time stamp required", "over each signature" if requires.timestamp else "no")
    if requires.steps:
        yield Fact("Steps that may not be skipped", plain(", ".join(requires.steps)))
    if requires.strict_layout:
        yield Fact("Layout", "data sets must be in the recorded files")


def _signers_table(trust: Trust, verdict: TargetVerdict) -> Table:
    shown = trust.signers[:MOST_ROWS]
    return Table(
        caption="Signers that the trust policy names",
        columns=(
            Column("Name", 22),
            Column("Kind", 11),
            Column("Role", 17),
            Column("May sign", 28),
            Column("In this run", 22),
        ),
        rows=tuple(
            (
                plain(each.name, 200),
                each.kind,
                plain(each.role, 200) if each.role else NOTHING,
                _allowed(each),
                _part(each.name, verdict),
            )
            for each in shown
        ),
        empty="No policy was given, so the verdict knows a key and no names.",
        note=f"{of(len(shown), len(trust.signers))} signers; the attached verdict has them all."
        if len(shown) < len(trust.signers)
        else "",
    )


def _allowed(signer: TrustedSigner) -> str:
    what = " and ".join(_STATEMENTS.get(each, plain(each, 80)) for each in signer.statements)
    projects = "any project" if signer.projects is None else plain(", ".join(signer.projects))
    return f"{what} for {projects}"


def _part(name: str, verdict: TargetVerdict) -> Cell:
    parts = ["signed the manifest"] if name in verdict.signers else []
    if any(each.name == name and each.status == "passed" for each in verdict.approvals):
        parts.append("approved")
    return ", ".join(parts) or NOTHING


def _approvals_table(approvals: tuple[ApprovalVerdict, ...]) -> Table:
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
            for each in approvals
        ),
        empty="No approval was found that counts.",
        note="A person's approval is a signature with that person's own key; the signers of the "
        "manifest itself are not listed here.",
    )


def _timestamps_table(stamps: tuple[TimestampVerdict, ...]) -> Table:
    shown = stamps[:MOST_ROWS]
    rest = len(stamps) - len(shown)
    return Table(
        caption="Time stamps over these signatures",
        columns=(
            Column("Authority", 20),
            Column("Signature", 37),
            Column("Existed by", 24),
            Column("Outcome", 19, "badge"),
        ),
        rows=tuple(
            (
                plain(each.authority, 200) if each.authority else "not known",
                (f"{plain(each.signer, 200)}, in", plain(each.bundle, 200)),
                moment(each.at) if each.at else plain(each.detail, 300),
                status_badge(each.status),
            )
            for each in shown
        ),
        empty="No time stamp was found: when these were signed is not proven.",
        note="The earliest time stamp over a signature counts. One that is skipped proves nothing "
        f"here, and does no harm.{f' The attached verdict has {rest} more.' if rest > 0 else ''}",
    )
