"""What is required beyond signers: steps that may not be skipped, layout, clocks that agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from auditkit.findings import DatasetVerdict, Finding, Status
from auditkit.manifest.model import TrainingRun
from auditkit.trust.rules import Rules
from auditkit.trust.validity import KnownTime, utc

CLOCK_TOLERANCE: Final = timedelta(minutes=1)
"""How far two machines' clocks may be apart before one of them contradicts the other."""

_STEPS: Final = {"log": (5, "log.inclusion"), "lineage": (7, "lineage"), "code": (8, "code")}


def check_steps(findings: Sequence[Finding], rules: Rules) -> list[Finding]:
    """Return a failed finding for every required step of which all findings were skipped."""
    missing = []
    for name in sorted(rules.require.steps):
        number, check = _STEPS[name]
        own = [each for each in findings if each.step == number and each.check.startswith(check)]
        if all(each.status == "skipped" for each in own):
            reasons = "; ".join(each.detail for each in own) or "nothing was checked"
            missing.append(
                Finding(
                    step=number,
                    check=check,
                    subject="policy",
                    status="failed",
                    detail=f"the policy requires this step: {reasons}",
                )
            )
    return missing


def check_layout(verdict: DatasetVerdict, rules: Rules) -> tuple[DatasetVerdict, list[Finding]]:
    """Return the verdict on a data set, failed where its files changed and they may not."""
    if not rules.strict_layout or verdict.condition != "relaid":
        return verdict, []
    finding = Finding(
        step=10 if verdict.role == "output" else 9,
        check="dataset.files",
        subject=verdict.name,
        status="failed",
        detail="the rows are the same in other files, and the policy requires the same files",
    )
    return msgspec.structs.replace(verdict, status="failed"), [finding]


def check_clock(run: TrainingRun, known: Iterable[KnownTime]) -> list[Finding]:
    """Return a finding for every time at which a signature existed before its run began.

    The manifest's own clock is declared and proves nothing, but it can contradict a proven time;
    against the verifier's clock, which is not proven either, it only leaves the matter open.
    """
    declared = run.run.started_at or run.capture.created_at
    findings = []
    for each in sorted(set(known), key=lambda known: known.at):
        objection = contradiction(declared, each, "the run began")
        if objection is not None:
            status: Status = "failed" if each.authority else "indeterminate"
            findings.append(
                Finding(
                    step=3, check="timestamp", subject="manifest", status=status, detail=objection
                )
            )
    return findings


def contradiction(declared: str, known: KnownTime, what: str) -> str | None:
    """Return the words for a signature that is older than what it is about; None if it is not."""
    try:
        said = datetime.fromisoformat(declared)
    except ValueError:
        return f"the time at which {what}, {declared}, is none of the calendar"
    if said - known.at <= CLOCK_TOLERANCE:
        return None
    return f"the signature is known since {known}, before {what} ({utc(said)})"
