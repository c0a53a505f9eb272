"""Who stands behind a manifest: what the policy demands, who signed, who approved, who stamped."""

from __future__ import annotations

from collections.abc import Iterator

from auditkit.findings import TargetVerdict, Trust, TrustedSigner, TrustRequirements
from auditkit.reports.blocks import Column, Fact, Quoted, Table
from auditkit.reports.language import Language
from auditkit.reports.text import NOTHING, plain
from auditkit.reports.view.context import Context
from auditkit.reports.wording import basis_badge, status_badge, trust_text

MOST_ROWS = 60


def demands(say: Language, trust: Trust) -> tuple[Fact, ...]:
    """Return whom the verifier trusts, and what it requires of a manifest."""
    return tuple(_demands(say, trust))


def _demands(say: Language, trust: Trust) -> Iterator[Fact]:
    yield Fact(say("Trusted"), trust_text(say, trust))
    if trust.sha256:
        what = (
            say("SHA-256 of the policy")
            if trust.kind == "policy"
            else say("SHA-256 of the key file")
        )
        yield Fact(what, trust.sha256, "digest")
    if trust.requires is None:
        return
    yield from _required(say, trust.requires)
    names = ", ".join(trust.authorities)
    yield Fact(say("Time-stamping authorities that count"), plain(names) or say("none"))


def _required(say: Language, requires: TrustRequirements) -> Iterator[Fact]:
    signers = say.count(requires.signatures, "{number} signer", "{number} signers")
    yield Fact(say("Signers required"), signers)
    roles = ", ".join(
        say(
            "{count} as {role}",
            count=say.count(number, "{number} person", "{number} persons"),
            role=plain(role, 100),
        )
        for role, number in requires.approvals.items()
    )
    yield Fact(say("Approvals required"), roles or say("none"))
    stamp = say("over each signature") if requires.timestamp else say("no")
    yield Fact(say("Time stamp required"), stamp)
    if requires.steps:
        yield Fact(say("Steps that may not be skipped"), plain(", ".join(requires.steps)))
    if requires.strict_layout:
        yield Fact(say("Layout"), say("data sets must be in the recorded files"))


def signers_table(say: Language, trust: Trust) -> Table:
    """Return whom the trust policy names, and what each may sign."""
    shown = trust.signers[:MOST_ROWS]
    left = len(trust.signers) > len(shown)
    note = say(
        "{shown} signers; the attached verdict has them all.",
        shown=say.of(len(shown), len(trust.signers)),
    )
    return Table(
        caption=say("Signers that the trust policy names"),
        columns=(
            Column(say("Name"), 26),
            Column(say("Kind"), 12),
            Column(say("Role"), 24),
            Column(say("May sign"), 38),
        ),
        rows=tuple(
            (
                plain(each.name, 200),
                _kind(say, each),
                plain(each.role, 200) if each.role else NOTHING,
                _allowed(say, each),
            )
            for each in shown
        ),
        empty=say("No policy was given, so the verdict knows a key and no names."),
        note=note if left else "",
    )


def _kind(say: Language, signer: TrustedSigner) -> str:
    return {"machine": say("machine"), "person": say("person")}[signer.kind]


def _allowed(say: Language, signer: TrustedSigner) -> str:
    known = {
        "training-run": say("training runs"),
        "approval": say("approvals"),
        "report": say("reports"),
    }
    what = ", ".join(known.get(each, plain(each, 80)) for each in signer.statements)
    if signer.projects is None:
        return say("{what} for any project", what=what)
    return say("{what} for {projects}", what=what, projects=plain(", ".join(signer.projects)))


def approvals_table(context: Context) -> Table:
    """Return the approvals whose signatures verified, with what each is worth."""
    say = context.say
    return Table(
        caption=say("Approvals by persons"),
        columns=(
            Column(say("Name"), 18),
            Column(say("Role"), 15),
            Column(say("Meaning"), 22),
            Column(say("When"), 23),
            Column(say("Outcome"), 22, "badge"),
        ),
        rows=tuple(
            (
                plain(each.name, 200),
                plain(each.role, 200),
                plain(each.meaning, 500),
                (
                    say("{time}, by the approver's clock", time=say.moment(each.approved_at)),
                    *_proven(say, each.known_since),
                ),
                status_badge(say, each.status),
            )
            for each in context.run.verdict.approvals
        ),
        empty=say("No approval was found that counts."),
        note=say(
            "A person's approval is a signature with that person's own key. Name and role are "
            "those that the trust policy gives the key."
        ),
    )


def _proven(say: Language, known_since: str | None) -> tuple[str, ...]:
    return (say("proven by {time}", time=say.moment(known_since)),) if known_since else ()


def timestamps_table(say: Language, verdict: TargetVerdict) -> Table:
    """Return every time-stamp token over the signatures, with what it is worth."""
    shown = verdict.timestamps[:MOST_ROWS]
    rest = len(verdict.timestamps) - len(shown)
    notes = [
        say(
            "The earliest time stamp over a signature counts. One that is skipped proves nothing "
            "here, and does no harm."
        )
    ]
    if rest > 0:
        notes.append(say("The attached verdict has {number} more.", number=say.number(rest)))
    return Table(
        caption=say("Time stamps over these signatures"),
        columns=(
            Column(say("Authority"), 20),
            Column(say("Signature"), 34),
            Column(say("Existed by"), 24),
            Column(say("Outcome"), 22, "badge"),
        ),
        rows=tuple(
            (
                plain(each.authority, 200) if each.authority else say("not known"),
                (say("{signer}, in", signer=plain(each.signer, 200)), plain(each.bundle, 200)),
                say.moment(each.at) if each.at else Quoted(plain(each.detail, 300)),
                status_badge(say, each.status),
            )
            for each in shown
        ),
        empty=say("No time stamp was found: when these were signed is not proven."),
        note=" ".join(notes),
        basis=basis_badge(say, "observed"),
    )
