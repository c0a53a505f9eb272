"""Facts that stand or fall with findings of the verification."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from auditkit.controls import facts
from auditkit.controls.standing import Answer, Reason, Standing
from auditkit.evidence import RunEvidence
from auditkit.findings import Status
from auditkit.manifest.model import Dataset, TrainingRun
from auditkit.schemes import OUTPUT_ROLE

_UNCHANGED: Final = frozenset({"intact", "relaid"})


def signature(_: facts.Signature, run: RunEvidence, __: TrainingRun) -> Answer:
    """Answer for the signature: only authenticated runs come here."""
    places = _places(run, ("signature", "signer"))
    reason = Reason("The signature verified, by a signer whom the verifier trusts.")
    return Answer("shown", reason, _with_status(run, places, "passed"))


def approval(fact: facts.Approval, run: RunEvidence, _: TrainingRun) -> Answer:
    """Answer for approvals by persons, in one role if the pack names one."""
    places = _places(run, ("approval",))
    found = [each for each in run.verdict.approvals if fact.role in (None, each.role)]
    names = ", ".join(each.name for each in found if each.status == "passed")
    failed = _with_status(run, places, "failed")
    if failed:
        return Answer("contradicted", Reason("A check of approvals failed."), failed)
    passed = _with_status(run, places, "passed")
    if names:
        return Answer("shown", Reason("Approved by {names}.", {"names": names}), passed)
    if found:
        open_ones = _with_status(run, places, "indeterminate")
        return Answer("unchecked", Reason("It is open whether an approval counts."), open_ones)
    if fact.role is None:
        return Answer("absent", Reason("No person's approval was found that counts."))
    reason = Reason("No person approved in the role {role}.", {"role": fact.role})
    return Answer("absent", reason)


def check(fact: facts.Check, run: RunEvidence, predicate: TrainingRun) -> Answer:
    """Answer for the findings of one check.

    A check of data counts only if it was made on every data set concerned; of other checks one
    passed finding is enough, because what does not count is listed as skipped beside it.
    """
    subjects = None if fact.role is None else _names(_selected(predicate, fact.role))
    places = _places(run, (fact.id,), subjects)
    passed = _with_status(run, places, "passed")
    values: dict[str, str | int] = {"check": fact.id, "found": len(passed), "total": len(places)}
    failed = _with_status(run, places, "failed")
    if failed:
        return Answer("contradicted", Reason("The check {check} failed.", values), failed)
    if not passed:
        open_ones = _with_status(run, places, "indeterminate", "skipped")
        standing: Standing = "unchecked" if _with_status(run, places, "indeterminate") else "absent"
        return Answer(standing, Reason("The check {check} was not made.", values), open_ones)
    reason = Reason("The check {check} passed: {found} of {total}.", values)
    rest = _with_status(run, places, "indeterminate")
    if fact.id.startswith("dataset"):
        rest += _with_status(run, places, "skipped")
    return Answer("unchecked", reason, rest) if rest else Answer("shown", reason, passed)


def datasets(fact: facts.Datasets, run: RunEvidence, predicate: TrainingRun) -> Answer:
    """Answer for the inputs, or those with one role."""
    if fact.role is None:
        absent = Reason("No input is recorded.")
    else:
        absent = Reason("No data set with the role {role} is recorded.", {"role": fact.role})
    return _reread(_selected(predicate, fact.role), run, absent)


def outputs(_: facts.Outputs, run: RunEvidence, predicate: TrainingRun) -> Answer:
    """Answer for the outputs."""
    return _reread(_selected(predicate, OUTPUT_ROLE), run, Reason("No output is recorded."))


def _reread(records: Sequence[Dataset], run: RunEvidence, absent: Reason) -> Answer:
    if not records:
        return Answer("absent", absent)
    names = _names(records)
    places = [
        place
        for place, each in enumerate(run.verdict.findings)
        if each.step in (9, 10) and each.subject in names
    ]
    judged = [each for each in run.verdict.datasets if each.name in names]
    bad = [each.name for each in judged if each.status == "failed"]
    if bad:
        reason = Reason("Altered or missing: {names}.", {"names": ", ".join(bad)})
        return Answer("contradicted", reason, _with_status(run, places, "failed"))
    whole = [each for each in judged if each.condition in _UNCHANGED and each.status == "passed"]
    reason = Reason(
        "Re-read in full and unchanged: {found} of {total}.",
        {"found": len(whole), "total": len(records)},
    )
    if len(whole) == len(records):
        return Answer("shown", reason, _with_status(run, places, "passed"))
    return Answer("unchecked", reason, _with_status(run, places, "indeterminate", "skipped"))


def _selected(predicate: TrainingRun, role: str | None) -> tuple[Dataset, ...]:
    """Return the data sets with this role; without one, all inputs."""
    return tuple(
        each
        for each in predicate.datasets
        if (each.role != OUTPUT_ROLE if role is None else each.role == role)
    )


def _names(records: Sequence[Dataset]) -> frozenset[str]:
    return frozenset(each.name for each in records)


def _places(
    run: RunEvidence, checks: Collection[str], subjects: frozenset[str] | None = None
) -> tuple[int, ...]:
    """Return where findings of these checks stand, on these subjects if any are named.

    A check's name covers what it is divided into: `log` covers `log.inclusion`.
    """
    prefixes = tuple(f"{name}." for name in checks)
    return tuple(
        place
        for place, each in enumerate(run.verdict.findings)
        if (each.check in checks or each.check.startswith(prefixes))
        and (subjects is None or each.subject in subjects)
    )


def _with_status(run: RunEvidence, places: Sequence[int], *statuses: Status) -> tuple[int, ...]:
    return tuple(place for place in places if run.verdict.findings[place].status in statuses)
