"""Record a run: in one go after training, or as a context around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from auditkit.api.citations import CitationRequest
from auditkit.api.options import CaptureOptions, ContentChoice, DatasetRequest
from auditkit.api.preflight import Preflight, check
from auditkit.api.recorder import CaptureResult, Ending, Recorder
from auditkit.datasets.base import Reference
from auditkit.datasets.references import parse_citation, parse_reference
from auditkit.digests import FurtherDigest
from auditkit.errors import AuditkitError, UsageError
from auditkit.execution.progress import Progress
from auditkit.manifest.model import Declared, RunError, Split, SplitMember
from auditkit.provenance.identity import utc_now
from auditkit.provenance.redact import redact_text
from auditkit.schemes import OUTPUT_ROLE

OnError = Literal["raise", "warn"]


def capture_run(
    options: CaptureOptions, *, preflight: Preflight | None = None, progress: Progress | None = None
) -> CaptureResult:
    """Record a finished run: read every data set and output, then write the evidence.

    Raises:
        SigningError: a key service or token failed; the evidence was written unsigned.
        TimestampError: no authority gave a time stamp; the evidence was written without.
        AuditkitError: anything else that keeps the record from being complete; nothing is
            written.
    """
    preflight = preflight or check(options, outputs_exist=True)
    recorder = Recorder(options, method="command", inputs_read="after-run", progress=progress)
    recorder.warnings += preflight.warnings
    for request in options.datasets:
        recorder.scan(request, preflight.plans[request.name])
    result = recorder.save(Ending())
    if result.problems:
        raise result.problems[0]
    return result


class RunCapture:
    """`with` block around a training run; hands out what to record it with.

    Data sets are read when `dataset` is called, outputs when the block ends. An exception in the
    block gives a manifest with status `failed` and is raised again, whatever happens to the
    evidence. On ranks other than 0 of a distributed job nothing is read or written.
    """

    def __init__(
        self,
        options: CaptureOptions,
        *,
        active: bool = True,
        on_error: OnError = "raise",
        progress: Progress | None = None,
    ) -> None:
        self.result: CaptureResult | None = None
        """The evidence, once the block has ended; None on ranks that do not act."""
        self._options = options
        self._active = active
        self._on_error = on_error
        self._outputs: dict[str, DatasetRequest] = {}
        self._started = utc_now()
        self._recorder: Recorder | None = None
        self._progress = progress

    def __enter__(self) -> Self:
        if self._active:
            preflight = check(self._options, outputs_exist=False)
            self._recorder = Recorder(
                self._options, method="api", inputs_read="during-run", progress=self._progress
            )
            self._recorder.warnings += preflight.warnings
            for request in self._options.datasets:
                if request.is_output:
                    self._outputs[request.name] = request
                else:
                    self._recorder.scan(request, preflight.plans[request.name])
            self._started = utc_now()
        return self

    @property
    def run_id(self) -> str | None:
        """The run's id, or None on ranks that do not act."""
        return self._recorder.run_id if self._recorder else None

    def dataset(
        self,
        name: str,
        reference: str | Path,
        *,
        role: str = "input",
        schema_version: str | None = None,
        exclude: tuple[str, ...] = (),
        content: ContentChoice | None = None,
        row_digests: bool = False,
        digests: Sequence[FurtherDigest] = (),
        declared: Declared | None = None,
    ) -> None:
        """Read an input now and record it; `content` is the digest over the rows of a table.

        `run:RUN/NAME` takes over the record of another run instead, and reads nothing. By default
        the digest is `sequence`, or `bag` where rows have no order, as in a Delta table.
        With `content="bag"`, `row_digests` keeps the digests of single rows, so that a later check
        can name added rows. Rows can be guessed from them. `digests` are recorded of every file
        beside SHA-256.

        Raises:
            DataError: it cannot be recorded.
            UsageError: the name is taken, `role` is that of outputs, row digests are to go with
                another `content`, or a digest is not known.
        """
        if role == OUTPUT_ROLE:
            raise UsageError("a data set cannot have the role 'output'", hint="Use run.output().")
        if self._recorder is None:
            return
        self._claim(name)
        cited = parse_citation(reference) if isinstance(reference, str) else None
        if cited is not None:
            self._recorder.cite(
                CitationRequest(name=name, reference=cited, role=role, declared=declared)
            )
            return
        self._recorder.scan(
            DatasetRequest(
                name=name,
                reference=_reference(reference),
                base=Path.cwd(),
                role=role,
                excluded=exclude,
                schema_version=schema_version,
                content=content,
                row_digests=row_digests,
                digests=tuple(digests),
                declared=declared,
            )
        )

    def output(
        self,
        name: str,
        reference: str | Path,
        *,
        exclude: tuple[str, ...] = (),
        content: ContentChoice | None = None,
        row_digests: bool = False,
        digests: Sequence[FurtherDigest] = (),
    ) -> None:
        """Record an output; it is read when the block ends, so it may still be written to."""
        if self._recorder is None:
            return
        self._claim(name)
        self._outputs[name] = DatasetRequest(
            name=name,
            reference=_reference(reference),
            base=Path.cwd(),
            role=OUTPUT_ROLE,
            excluded=exclude,
            content=content,
            row_digests=row_digests,
            digests=tuple(digests),
        )

    def param(self, name: str, value: Any) -> None:
        """Record one parameter; `value` may be nested.

        A value that has no JSON form never stops the training: it is left out, named in the
        manifest's warnings, and reported when the block ends.
        """
        self.params({name: value})

    def params(self, values: Mapping[str, Any]) -> None:
        """Record parameters."""
        if self._recorder is not None:
            self._recorder.add_values(self._recorder.parameters, values)

    def metric(self, name: str, value: Any) -> None:
        """Record one metric."""
        self.metrics({name: value})

    def metrics(self, values: Mapping[str, Any]) -> None:
        """Record metrics."""
        if self._recorder is not None:
            self._recorder.add_values(self._recorder.metrics, values)

    def split(
        self,
        name: str,
        *,
        rule: str,
        members: Mapping[str, str],
        seed: int | None = None,
        key: str | None = None,
    ) -> None:
        """Record how data was divided; `members` maps each side to the data set holding it."""
        if self._recorder is not None:
            sides = tuple(SplitMember(name=side, dataset=held) for side, held in members.items())
            self._recorder.splits.append(
                Split(basis="declared", name=name, rule=rule, members=sides, seed=seed, key=key)
            )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._recorder is None:
            return
        try:
            self.result = self._finish(self._recorder, error)
        except AuditkitError as failure:
            if error is not None:
                error.add_note(f"auditkit could not record this run: {failure}")
            elif self._on_error == "raise":
                raise
            return
        if self.result.problems and error is None and self._on_error == "raise":
            raise self.result.problems[0]

    def _finish(self, recorder: Recorder, error: BaseException | None) -> CaptureResult:
        for request in self._outputs.values():
            try:
                recorder.scan(request)
            except AuditkitError as problem:
                problem.message = f"output {request.name!r}: {problem.message}"
                recorder.problems.append(problem)
        return recorder.save(
            Ending(
                status=_status(error),
                started_at=self._started,
                finished_at=utc_now(),
                error=_run_error(error),
            )
        )

    def _claim(self, name: str) -> None:
        taken = self._recorder is not None and self._recorder.has(name)
        if taken or name in self._outputs:
            raise UsageError(f"the name {name!r} is used twice", hint="Give each its own name.")


def _reference(reference: str | Path) -> Reference:
    if isinstance(reference, Path):
        return Reference(str(reference))
    return parse_reference(reference)


def _status(error: BaseException | None) -> Literal["completed", "failed", "interrupted"]:
    if error is None or (isinstance(error, SystemExit) and not error.code):
        return "completed"
    return "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"


def _run_error(error: BaseException | None) -> RunError | None:
    if error is None or _status(error) == "completed":
        return None
    return RunError(type=type(error).__qualname__, message=redact_text(str(error))[:4000])
