"""Facts that a manifest records: measured by auditkit at capture, or said by the team."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditkit.controls import facts
from auditkit.controls.standing import Answer, Reason
from auditkit.evidence import RunEvidence
from auditkit.manifest.model import Basis, TrainingRun
from auditkit.schemes import OUTPUT_ROLE


def declared_of_data(fact: facts.DeclaredOfData, _: RunEvidence, predicate: TrainingRun) -> Answer:
    """Answer for what the team states about its inputs."""
    inputs = [each for each in predicate.datasets if each.role != OUTPUT_ROLE]
    name = fact.field.replace("-", "_")
    stated = [each for each in inputs if each.declared and getattr(each.declared, name) is not None]
    values = {"field": fact.field, "found": len(stated), "total": len(inputs)}
    reason = Reason("Declared for inputs ({field}): {found} of {total}.", values)
    return Answer("declared" if stated else "absent", reason)


def declared_of_run(fact: facts.DeclaredOfRun, _: RunEvidence, predicate: TrainingRun) -> Answer:
    """Answer for what the team states about the run."""
    stated = predicate.declarations and getattr(predicate.declarations, fact.field)
    values = {"field": fact.field}
    if stated is None:
        return Answer("absent", Reason("Nothing is declared for the run ({field}).", values))
    return Answer("declared", Reason("Declared for the run ({field}).", values))


def parents(_: facts.Parents, run: RunEvidence, predicate: TrainingRun) -> Answer:
    """Answer for the earlier runs, which count as shown once step 7 has found them."""
    named = predicate.lineage.parents
    if not named:
        return Answer("absent", Reason("The manifest names no earlier run."))
    found = {
        status: tuple(
            place
            for place, each in enumerate(run.verdict.findings)
            if each.step == 7 and each.status == status
        )
        for status in ("failed", "indeterminate", "passed")
    }
    values = {"total": len(named)}
    if found["failed"]:
        return Answer("contradicted", Reason("The check of earlier runs failed."), found["failed"])
    if found["passed"] and not found["indeterminate"]:
        reason = Reason("Earlier runs named and checked: {total}.", values)
        return Answer("shown", reason, found["passed"])
    return Answer("declared", Reason("Earlier runs named, and not checked: {total}.", values))


def code(_: facts.CodeRecorded, run: RunEvidence, predicate: TrainingRun) -> Answer:
    """Answer for the code: the commit, and the changes on top of it."""
    recorded = predicate.code
    failed = tuple(
        place
        for place, each in enumerate(run.verdict.findings)
        if each.step == 8 and each.status == "failed"
    )
    if recorded.commit is None:
        return Answer("absent", Reason("No commit is recorded."))
    if failed:
        return Answer("contradicted", Reason("The check of the recorded commit failed."), failed)
    if recorded.dirty and (recorded.patch is None or recorded.patch.diff is None):
        reason = Reason("The commit is recorded; changes on top of it were not kept.")
        return Answer("unchecked", reason)
    return _recorded(recorded.basis, Reason("The commit is recorded, and any change on top of it."))


def packages(_: facts.PackagesRecorded, __: RunEvidence, predicate: TrainingRun) -> Answer:
    """Answer for the installed packages."""
    found = predicate.environment.packages
    if found is None:
        return Answer("absent", Reason("No list of packages is recorded."))
    reason = Reason("Packages recorded: {total}.", {"total": found.count})
    return _recorded(predicate.environment.basis, reason)


def lock_files(_: facts.LockFiles, __: RunEvidence, predicate: TrainingRun) -> Answer:
    """Answer for dependency lock files."""
    found = len(predicate.environment.lock_files)
    if not found:
        return Answer("absent", Reason("No lock file is recorded."))
    reason = Reason("Lock files recorded by digest: {total}.", {"total": found})
    return _recorded(predicate.environment.basis, reason)


def hardware(_: facts.Hardware, __: RunEvidence, predicate: TrainingRun) -> Answer:
    """Answer for the machine, which every manifest describes."""
    return _recorded(predicate.environment.basis, Reason("Processor and GPUs are recorded."))


def container(_: facts.ContainerRecorded, __: RunEvidence, predicate: TrainingRun) -> Answer:
    """Answer for the container image."""
    found = predicate.environment.container
    if found is None or found.digest is None:
        return Answer("absent", Reason("No digest of a container image is recorded."))
    return _recorded(found.basis, Reason("The container image is recorded by digest."))


def command(_: facts.Command, __: RunEvidence, predicate: TrainingRun) -> Answer:
    """Answer for the command."""
    run = predicate.run
    if not run.command:
        return Answer("absent", Reason("No command is recorded."))
    basis = run.exceptions.get("/command", run.basis)
    return _recorded(basis, Reason("The command and its outcome are recorded."))


def duration(_: facts.Duration, __: RunEvidence, predicate: TrainingRun) -> Answer:
    """Answer for start and end; the recording machine's clock is never proof."""
    run = predicate.run
    if run.started_at is None or run.finished_at is None:
        return Answer("absent", Reason("Start and end of the run are not both recorded."))
    return Answer("declared", Reason("Start and end are recorded, by the machine's own clock."))


def read_before_run(_: facts.ReadBeforeRun, __: RunEvidence, predicate: TrainingRun) -> Answer:
    """Answer for when inputs were read."""
    if predicate.capture.inputs_read != "before-run":
        return Answer("absent", Reason("Inputs were not read before the run started."))
    return Answer("shown", Reason("Inputs were read and hashed before the run started."))


def ci_job(_: facts.CiJobRecorded, __: RunEvidence, predicate: TrainingRun) -> Answer:
    """Answer for the CI job."""
    found = predicate.run.ci
    if found is None:
        return Answer("absent", Reason("No CI job is recorded."))
    return _recorded(found.basis, Reason("The CI job is recorded."))


def parameters(fact: facts.Parameters, _: RunEvidence, predicate: TrainingRun) -> Answer:
    """Answer for parameters, which the training code hands over."""
    none = Reason("No parameters are recorded.")
    return _values(predicate.parameters, fact.names, Reason("Parameters are recorded."), none)


def metrics(fact: facts.Metrics, _: RunEvidence, predicate: TrainingRun) -> Answer:
    """Answer for metrics, which the training code hands over."""
    none = Reason("No metrics are recorded.")
    return _values(predicate.metrics, fact.names, Reason("Metrics are recorded."), none)


def splits(_: facts.Splits, __: RunEvidence, predicate: TrainingRun) -> Answer:
    """Answer for how data was divided; auditkit does not apply the rule."""
    if not predicate.splits:
        return Answer("absent", Reason("No rule for dividing data is recorded."))
    return Answer("declared", Reason("The rule by which data was divided is stated."))


def copies(_: facts.Copies, run: RunEvidence, __: TrainingRun) -> Answer:
    """Answer for the evidence itself, beside what people can read."""
    if not run.attachments:
        return Answer("absent", Reason("The signed record itself is not at hand."))
    return Answer("shown", Reason("The record can be read by people and by machines."))


def _values(
    values: Mapping[str, Any], names: tuple[str, ...], found: Reason, none: Reason
) -> Answer:
    if not values:
        return Answer("absent", none)
    missing = [name for name in names if name not in values]
    if missing:
        listed = ", ".join(missing)
        return Answer(
            "absent", Reason("Not among the recorded values: {names}.", {"names": listed})
        )
    return Answer("declared", found)


def _recorded(basis: Basis, reason: Reason) -> Answer:
    return Answer("declared" if basis == "declared" else "shown", reason)
