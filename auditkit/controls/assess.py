"""From the facts of one run to an outcome per control.

A failed check outweighs everything else, what is only declared never supports a control alone,
and no control is supported because of evidence that reaches only a part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from auditkit.controls import facts, recorded, verified
from auditkit.controls.facts import Fact
from auditkit.controls.pack import Control, Pack
from auditkit.controls.standing import Answer, Reason, Standing
from auditkit.evidence import RunEvidence
from auditkit.manifest.model import TrainingRun

Outcome = Literal["supported", "partial", "not-evidenced", "not-applicable"]

OUTCOMES: Final[tuple[Outcome, ...]] = ("supported", "partial", "not-evidenced", "not-applicable")


@dataclass(frozen=True, slots=True)
class Assessment:
    """How far one run's evidence goes towards one control; an answer for each fact."""

    control: Control
    outcome: Outcome
    reason: Reason
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Framework:
    """A pack to hold evidence against.

    `set_aside` are controls by id with the reason why somebody holds that they do not apply.
    """

    pack: Pack
    set_aside: Mapping[str, str] = field(default_factory=dict)


def assess(framework: Framework, run: RunEvidence) -> tuple[Assessment, ...]:
    """Return an outcome for every control of a pack, in the pack's order."""
    return tuple(
        _assess(each, run, framework.set_aside.get(each.id)) for each in framework.pack.controls
    )


def _assess(control: Control, run: RunEvidence, set_aside: str | None) -> Assessment:
    if set_aside is not None:
        reason = Reason("Set aside by whoever made the report: {why}", {"why": set_aside})
        return Assessment(control, "not-applicable", reason, ())
    if run.statement is None:
        reason = Reason("The manifest was not authenticated.")
        return Assessment(control, "not-evidenced", reason, ())
    predicate = run.statement.predicate
    answers = tuple(answer(fact, run, predicate) for fact in control.evidence)
    outcome, reason = judge([each.standing for each in answers], control.reach)
    return Assessment(control, outcome, reason, answers)


def judge(standings: Sequence[Standing], reach: Literal["whole", "part"]) -> tuple[Outcome, Reason]:
    """Return the outcome of a control whose facts stand like this, with the reason."""
    if not standings:
        return "not-evidenced", Reason("A manifest of a training run holds no such evidence.")
    if "contradicted" in standings:
        return "not-evidenced", Reason("A check of this evidence failed.")
    good = sum(each == "shown" for each in standings)
    values = {"found": good, "total": len(standings)}
    if not good and "declared" not in standings:
        return "not-evidenced", Reason("None of the evidence for it is recorded and checked.")
    if good < len(standings):
        return "partial", Reason("Facts shown: {found} of {total}.", values)
    if reach == "part":
        return "partial", Reason("All facts are shown ({total}); they reach only a part.", values)
    return "supported", Reason("All facts are shown ({total}).", values)


def answer(fact: Fact, run: RunEvidence, predicate: TrainingRun) -> Answer:
    """Return what is known of `fact` in an authenticated run."""
    return _ANSWERS[type(fact)](fact, run, predicate)


_ANSWERS: Final[dict[type, Callable[[Any, RunEvidence, TrainingRun], Answer]]] = {
    facts.Signature: verified.signature,
    facts.Approval: verified.approval,
    facts.Check: verified.check,
    facts.Datasets: verified.datasets,
    facts.Outputs: verified.outputs,
    facts.DeclaredOfData: recorded.declared_of_data,
    facts.DeclaredOfRun: recorded.declared_of_run,
    facts.Parents: recorded.parents,
    facts.CodeRecorded: recorded.code,
    facts.PackagesRecorded: recorded.packages,
    facts.LockFiles: recorded.lock_files,
    facts.Hardware: recorded.hardware,
    facts.ContainerRecorded: recorded.container,
    facts.Command: recorded.command,
    facts.Duration: recorded.duration,
    facts.ReadBeforeRun: recorded.read_before_run,
    facts.CiJobRecorded: recorded.ci_job,
    facts.Parameters: recorded.parameters,
    facts.Metrics: recorded.metrics,
    facts.Splits: recorded.splits,
    facts.Copies: recorded.copies,
}
