"""What came of the controls of a pack, as values for JSON."""

from __future__ import annotations

import datetime as dt

import msgspec

from auditkit.controls.assess import Assessment, Framework, Outcome, assess
from auditkit.controls.facts import kind_of
from auditkit.controls.pack import Application, LegalStatus, Pack, Retention
from auditkit.controls.standing import Answer, Standing
from auditkit.evidence import RunEvidence


class _Value(msgspec.Struct, frozen=True, kw_only=True):
    pass


class FactResult(_Value, frozen=True, kw_only=True):
    """One fact. `findings` are places in the list of the run's findings, from 0."""

    fact: str
    standing: Standing
    reason: str
    findings: tuple[int, ...]


class ControlResult(_Value, frozen=True, kw_only=True):
    """One control, how far the evidence goes, and what it cannot show."""

    id: str
    title: str
    paraphrase: str | None
    source: str
    legal_status: LegalStatus
    applies_from: tuple[Application, ...]
    review_by: dt.date
    past_review: bool
    retention: Retention
    outcome: Outcome
    reason: str
    facts: tuple[FactResult, ...]
    cannot_evidence: str
    note: str | None


class FrameworkResult(_Value, frozen=True, kw_only=True):
    """The controls of one framework over one run."""

    id: str
    title: str
    document: str
    edition: str
    source: str
    note: str | None
    controls: tuple[ControlResult, ...]


def framework_result(framework: Framework, run: RunEvidence, today: dt.date) -> FrameworkResult:
    """Return what one run shows for every control; `today` decides what is past its review."""
    pack = framework.pack
    return FrameworkResult(
        id=pack.id,
        title=pack.title,
        document=pack.document,
        edition=pack.edition,
        source=pack.source,
        note=pack.note,
        controls=tuple(_control(pack, each, today) for each in assess(framework, run)),
    )


def _control(pack: Pack, assessment: Assessment, today: dt.date) -> ControlResult:
    control = assessment.control
    return ControlResult(
        id=control.id,
        title=control.title,
        paraphrase=control.paraphrase,
        source=control.source,
        legal_status=pack.legal_status_of(control),
        applies_from=pack.applies_to(control),
        review_by=pack.review_of(control),
        past_review=pack.past_review(control, today),
        retention=pack.retention_of(control),
        outcome=assessment.outcome,
        reason=str(assessment.reason),
        facts=tuple(
            _fact(kind_of(fact), answer)
            for fact, answer in zip(control.evidence, assessment.answers, strict=False)
        ),
        cannot_evidence=control.cannot_evidence,
        note=control.note,
    )


def _fact(name: str, answer: Answer) -> FactResult:
    return FactResult(
        fact=name,
        standing=answer.standing,
        reason=str(answer.reason),
        findings=answer.findings,
    )
