"""Record a command: inputs before it starts, outputs after it ends, changes in between."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from auditkit.api.options import CaptureOptions, DatasetRequest
from auditkit.api.preflight import Preflight, check, plan_dataset
from auditkit.api.recorder import CaptureResult, Ending, Recorder, RunStatus
from auditkit.datasets.base import Part, Parts, Plan
from auditkit.datasets.local_files import LOCAL
from auditkit.datasets.scan import scan
from auditkit.errors import AuditkitError, DataError
from auditkit.execution.executor import LocalExecutor
from auditkit.execution.progress import Progress, SilentProgress
from auditkit.manifest.model import Watch
from auditkit.provenance.parameters import merge, read_parameters
from auditkit.provenance.process import CommandResult, check_command, run_command
from auditkit.provenance.redact import redact_command

_STOPPED_BY = {"SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"}
_NAMED_CHANGES = 100


@dataclass(frozen=True, slots=True)
class WrappedRun:
    """What became of the command, and of its evidence.

    `failure` is what kept the evidence from being complete after the command had run.
    """

    command: CommandResult
    capture: CaptureResult | None
    failure: AuditkitError | None


def run_wrapped(
    options: CaptureOptions,
    argv: Sequence[str],
    *,
    preflight: Preflight | None = None,
    progress: Progress | None = None,
) -> WrappedRun:
    """Run `argv` and record it, whether it succeeds or not.

    Raises:
        AuditkitError: before the command starts, for anything that would keep it from being
            recorded. Afterwards problems are returned, never raised.
    """
    progress = progress or SilentProgress()
    check_command(argv)
    preflight = preflight or check(options, outputs_exist=False)
    plans = preflight.plans
    recorder = Recorder(options, method="wrapper", inputs_read="before-run", progress=progress)
    recorder.warnings += preflight.warnings
    inputs = [request for request in options.datasets if not request.is_output]
    metrics = {path: LOCAL.stamp(str(path)) for path in options.metric_files}
    before = {request.name: _stamps(plans[request.name].parts) for request in inputs}
    for request in inputs:
        recorder.scan(request, plans[request.name])
    command = run_command(argv)
    try:
        _look_again(recorder, inputs, before, progress)
        _read_metrics(recorder, metrics)
        _scan_outputs(recorder, options)
        capture = recorder.save(_ending(argv, command))
    except AuditkitError as failure:
        return WrappedRun(command, None, failure)
    return WrappedRun(command, capture, next(iter(capture.problems), None))


def _scan_outputs(recorder: Recorder, options: CaptureOptions) -> None:
    for request in options.datasets:
        if not request.is_output:
            continue
        try:
            recorder.scan(request)
        except AuditkitError as problem:
            problem.message = f"output {request.name!r}: {problem.message}"
            recorder.problems.append(problem)


def _read_metrics(recorder: Recorder, before: Mapping[Path, Hashable | None]) -> None:
    """Read the metrics that the command wrote; what it left as it was is not its result."""
    values: dict[str, Any] = {}
    for path, stamp in before.items():
        try:
            if stamp is not None and LOCAL.stamp(str(path)) == stamp:
                raise DataError("was not written by the command", path=str(path))
            values = merge(values, read_parameters(path))
        except AuditkitError as problem:
            problem.message = f"metrics: {problem.message}"
            recorder.problems.append(problem)
    recorder.add_values(recorder.metrics, merge(values, recorder.options.metrics))


def _look_again(
    recorder: Recorder,
    inputs: Sequence[DatasetRequest],
    before: dict[str, dict[str, Hashable | None]],
    progress: Progress,
) -> None:
    """Find inputs that changed while the command ran: by stat, then by reading those again."""
    for request in inputs:
        recorded = recorder.scanned[request.name].scan
        version = recorder.scanned[request.name].scan.plan.version
        try:
            again = replace(request, reference=replace(request.reference, version=version))
            now = plan_dataset(again, recorder.options.s3, collect=True)
        except AuditkitError as problem:
            problem.message = f"data set {request.name!r} after the run: {problem.message}"
            recorder.problems.append(problem)
            continue
        digests = dict(recorded.iter_digests())
        changed = _changed(now, before[request.name], digests, progress)
        watch = Watch(
            method="stat-then-rehash",
            changed=tuple(changed[:_NAMED_CHANGES]),
            changed_count=len(changed),
        )
        recorder.watch(request.name, watch)


def _changed(
    now: Plan, before: dict[str, Hashable | None], digests: dict[str, str], progress: Progress
) -> list[str]:
    after = _stamps(now.parts)
    appeared_or_gone = before.keys() ^ after.keys()
    touched = [
        part for part in now.parts if part.path in before and before[part.path] != after[part.path]
    ]
    changed = set(appeared_or_gone) | {problem.path for problem in now.problems}
    if touched:
        again = scan(
            replace(now, reading="files", kind="folder", parts=Parts(touched), problems=()),
            executor=LocalExecutor(),
            progress=progress,
            collect=True,
        )
        found = dict(again.iter_digests())
        changed |= {part.path for part in touched if found.get(part.path) != digests[part.path]}
    return sorted(changed)


def _stamps(parts: Iterable[Part]) -> dict[str, Hashable | None]:
    return {part.path: part.source.stamp(part.real) for part in parts}


def _ending(argv: Sequence[str], command: CommandResult) -> Ending:
    status: RunStatus = "completed" if command.exit_code == 0 else "failed"
    if command.signal in _STOPPED_BY:
        status = "interrupted"
    return Ending(
        status=status,
        started_at=command.started_at,
        finished_at=command.finished_at,
        command=redact_command(argv),
        exit_code=command.exit_code,
        signal=command.signal,
    )
