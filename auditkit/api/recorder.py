"""The one mutable object: collects what a run read and wrote, and writes it down once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from auditkit.api.assemble import ScannedDataset, dataset_record, subjects
from auditkit.api.citations import CitationRequest, cite
from auditkit.api.options import CaptureOptions, DatasetRequest
from auditkit.api.parents import resolve_parent
from auditkit.api.preflight import left_out, plan_dataset
from auditkit.api.record import RecordResult
from auditkit.api.record import record as record_evidence
from auditkit.api.remarks import place_remarks, row_warnings, stated_warnings, version_warnings
from auditkit.api.stamping import stamped
from auditkit.datasets.base import ContentRequest, Plan, Scan
from auditkit.datasets.scan import scan
from auditkit.digests import sha256_hex
from auditkit.errors import AuditkitError, SigningError, StorageError, StoreError, UsageError
from auditkit.execution.executor import Executor, LocalExecutor
from auditkit.execution.progress import Progress, SilentProgress
from auditkit.manifest import numbers
from auditkit.manifest.bundle import Bundle
from auditkit.manifest.codec import encode_statement
from auditkit.manifest.model import (
    Capture,
    Code,
    Dataset,
    DvcVersion,
    Environment,
    Lineage,
    Run,
    RunError,
    Split,
    Tool,
    TrainingRun,
    Watch,
)
from auditkit.manifest.validation import validate_document
from auditkit.provenance.ci import detect_ci
from auditkit.provenance.code import record_code
from auditkit.provenance.environment import record_environment
from auditkit.provenance.identity import new_run_id, utc_now
from auditkit.provenance.redact import redact_values
from auditkit.schemes import (
    MANIFEST_BUNDLE,
    MAX_BUNDLE_BYTES,
    PREDICATE_VERSION,
    UNSIGNED_MANIFEST,
)
from auditkit.signing.signer import seal
from auditkit.stores.writing import sibling_name, write_bundle_file, write_evidence
from auditkit.version import __version__

Method = Literal["command", "api", "wrapper"]
InputsRead = Literal["before-run", "during-run", "after-run"]
RunStatus = Literal["completed", "failed", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How the run ended, as far as the caller saw it."""

    status: RunStatus = "completed"
    started_at: str | None = None
    finished_at: str | None = None
    command: tuple[str, ...] = ()
    exit_code: int | None = None
    signal: str | None = None
    error: RunError | None = None


@dataclass(frozen=True, slots=True)
class CaptureResult:
    """Evidence that was written.

    `manifest` is the SHA-256 of the payload; `path` the evidence folder or bundle file;
    `problems` are what could not be recorded, which the manifest lists as warnings too; `recorded`
    is what became of it in a registry, where one was named and could be reached.
    """

    run_id: str
    manifest: str
    path: Path
    signed: bool
    files: int
    bytes: int
    warnings: tuple[str, ...] = ()
    problems: tuple[AuditkitError, ...] = ()
    recorded: RecordResult | None = None


class Recorder:
    """Collects one run. Create it before the run, scan inputs, then `save` once."""

    def __init__(
        self,
        options: CaptureOptions,
        *,
        method: Method,
        inputs_read: InputsRead,
        progress: Progress | None = None,
        executor: Executor | None = None,
    ) -> None:
        self.options = options
        self.run_id = new_run_id()
        self.scanned: dict[str, ScannedDataset] = {}
        self.problems: list[AuditkitError] = []
        self.warnings: list[str] = []
        self._remarks: list[str] = []
        self.parameters: dict[str, Any] = {}
        self.metrics: dict[str, Any] = {}
        self.add_values(self.parameters, options.parameters)
        self.add_values(self.metrics, options.metrics)
        self.splits: list[Split] = list(options.splits)
        self._method = method
        self._inputs_read = inputs_read
        self._progress = progress or SilentProgress()
        self._executor = executor or LocalExecutor()
        self._cited: dict[str, tuple[Dataset, dict[str, bytes]]] = {}
        for citation in options.citations:
            self.cite(citation)
        self._parents = tuple(
            resolve_parent(text, options.evidence_dir) for text in options.parents
        )

    def scan(self, request: DatasetRequest, plan: Plan | None = None) -> ScannedDataset:
        """Read a data set now and keep the result; raises DataError if it cannot be recorded."""
        read_at = utc_now()
        plan = plan or plan_dataset(request, self.options.s3)
        found = scan(
            plan,
            executor=self._executor,
            progress=self._progress,
            content=_content(request, plan),
            further=request.digests,
        )
        self.warnings += [*row_warnings(request, found.content), *stated_warnings(request, found)]
        self.warnings += version_warnings(request, found.plan)
        self._remarks += place_remarks(request, found.plan, self.options.root)
        dvc = self._dvc(request, found)
        scanned = ScannedDataset(request, found, read_at, dvc=dvc)
        self.scanned[request.name] = scanned
        return scanned

    def has(self, name: str) -> bool:
        """Return whether an input or output of this name is recorded already."""
        return name in self.scanned or name in self._cited

    def cite(self, request: CitationRequest) -> None:
        """Take over another run's record of an input; raises as `auditkit.api.citations.cite`."""
        found = cite(request, self.options.evidence_dir)
        self._cited[request.name] = (found.record, found.read_sidecars())

    def _dvc(self, request: DatasetRequest, found: Scan) -> DvcVersion | None:
        if found.plan.dvc is None:
            return None
        from auditkit.api.dvc_record import check_agreement, dvc_record

        record = dvc_record(found, found.plan.dvc)
        warning = check_agreement(record)
        if warning is not None:
            self.warnings.append(f"data set {request.name!r}: {warning}")
        return record

    def add_values(self, target: dict[str, Any], values: Mapping[str, Any]) -> None:
        """Add parameters or metrics in their JSON form; what has none becomes a problem."""
        for name, value in values.items():
            try:
                target |= redact_values(numbers.to_json({name: value}))
            except (TypeError, ValueError) as error:
                hint = "Give numbers, text, or maps and lists of them."
                self.problems.append(UsageError(f"value {name!r}: {error}", hint=hint))

    def watch(self, name: str, watch: Watch) -> None:
        """Keep what was seen of a data set while the run lasted."""
        before = self.scanned[name]
        self.scanned[name] = replace(before, watch=watch)
        if watch.changed_count:
            files = "1 file" if watch.changed_count == 1 else f"{watch.changed_count} files"
            self.warnings.append(f"data set {name!r}: {files} changed while the command ran")

    def save(self, ending: Ending) -> CaptureResult:
        """Write the evidence, signed if there are signers and none of them fails.

        Raises:
            StorageError: nothing could be written; what was there before is untouched.
        """
        predicate, sidecars, warnings = self._predicate(ending)
        outputs = [record for record in predicate.datasets if record.role == "output"]
        payload = encode_statement(subjects(self.run_id, outputs), predicate)
        validate_document(payload)
        _check_size(payload)
        bundles = self._seal(payload)
        path = self._write(payload, bundles, sidecars)
        recorded = self._record(path) if bundles else None
        return CaptureResult(
            run_id=self.run_id,
            manifest=sha256_hex(payload),
            path=path,
            signed=bool(bundles),
            files=sum(len(item.scan.entries) for item in self.scanned.values()),
            bytes=sum(item.scan.bytes for item in self.scanned.values()),
            warnings=(*warnings, *self._remarks),
            problems=tuple(self.problems),
            recorded=recorded,
        )

    def _predicate(self, ending: Ending) -> tuple[TrainingRun, dict[str, bytes], tuple[str, ...]]:
        options = self.options
        sidecars: dict[str, bytes] = {}
        datasets = []
        for scanned in self.scanned.values():
            record, files = dataset_record(scanned, options.root)
            datasets.append(record)
            sidecars |= files
        for record, files in self._cited.values():
            datasets.append(record)
            sidecars |= files
        code, environment, warnings = self._surroundings(sidecars)
        warnings = (*self.warnings, *warnings)
        warnings += tuple(f"not recorded: {problem}" for problem in self.problems)
        predicate = TrainingRun(
            version=PREDICATE_VERSION,
            run=self._run(ending),
            code=code,
            environment=environment,
            capture=self._capture(warnings),
            datasets=tuple(datasets),
            splits=tuple(self.splits),
            parameters=self.parameters,
            metrics=self.metrics,
            lineage=Lineage(parents=self._parents),
            declarations=options.declarations,
        )
        return predicate, sidecars, warnings

    def _surroundings(
        self, sidecars: dict[str, bytes]
    ) -> tuple[Code, Environment, tuple[str, ...]]:
        options = self.options
        plans = [item.scan.plan for item in self.scanned.values()]
        code = record_code(options.root, left_out=left_out(plans, options.evidence_dir))
        environment = record_environment(options.root, allow=options.variables)
        sidecars |= code.sidecars
        sidecars |= environment.sidecars
        return code.code, environment.environment, (*code.warnings, *environment.warnings)

    def _run(self, ending: Ending) -> Run:
        ci = detect_ci(os.environ)
        return Run(
            basis="observed",
            id=self.run_id,
            project=self.options.project,
            name=self.options.name,
            status=ending.status,
            started_at=ending.started_at,
            finished_at=ending.finished_at,
            command=ending.command,
            exit_code=ending.exit_code,
            signal=ending.signal,
            error=ending.error,
            attempt=self.options.attempt or (ci.attempt if ci else None),
            ci=ci,
            exceptions=_declared_run(self._method, self.options.name),
        )

    def _capture(self, warnings: tuple[str, ...]) -> Capture:
        return Capture(
            tool=Tool(name="auditkit", version=__version__),
            method=self._method,
            created_at=utc_now(),
            inputs_read=self._inputs_read,
            signers=tuple(signer.public_key.keyid for signer in self.options.signers),
            options=dict(self.options.recorded_options),
            warnings=warnings,
        )

    def _seal(self, payload: bytes) -> dict[str, bytes]:
        """Return the bundles by name; none if a signer fails, for the record must not be lost."""
        options = self.options
        main = MANIFEST_BUNDLE if options.output is None else options.output.name
        try:
            sealed = [seal(payload, signer) for signer in options.signers]
        except SigningError as error:
            folder = options.evidence_dir / self.run_id
            error.hint = f"The run is recorded, unsigned: auditkit sign {folder} --key URI"
            self.problems.append(error)
            return {}
        sealed = [self._stamp(bundle) for bundle in sealed]
        names = [main, *(sibling_name(main, bundle.keyid) for bundle in sealed[1:])]
        return {name: bundle.encode() for name, bundle in zip(names, sealed, strict=False)}

    def _stamp(self, bundle: Bundle) -> Bundle:
        """Return the bundle with time stamps; what is missing no longer fits the manifest."""
        stamping = self.options.stamping
        if stamping is None:
            return bundle
        result, failures = stamped(bundle, stamping)
        if failures and stamping.required and not result.timestamps:
            target = self.options.output or self.options.evidence_dir / self.run_id
            failures[0].hint = f"The run is recorded and signed: auditkit timestamp {target}"
            self.problems.append(failures[0])
        else:
            self._remarks += [str(failure) for failure in failures]
        return result

    def _record(self, path: Path) -> RecordResult | None:
        """Record the evidence; a registry that cannot be reached keeps nobody from going on."""
        if self.options.recording is None:
            return None
        try:
            return record_evidence(path, self.options.recording)
        except StoreError as error:
            self._remarks.append(f"not recorded: {error}; later: auditkit record --pending")
        except AuditkitError as error:
            error.message = f"recording: {error.message}"
            self.problems.append(error)
        return None

    def _write(self, payload: bytes, bundles: dict[str, bytes], sidecars: dict[str, bytes]) -> Path:
        options = self.options
        if bundles and options.output is not None:
            main = options.output.name
            siblings = {name: data for name, data in bundles.items() if name != main}
            write_bundle_file(options.output, bundles[main], sidecars, siblings)
            return options.output
        folder = options.evidence_dir / self.run_id
        write_evidence(folder, {**(bundles or {UNSIGNED_MANIFEST: payload}), **sidecars})
        return folder


def _content(request: DatasetRequest, plan: Plan) -> ContentRequest | None:
    """Return which digest over its rows a table gets: in order only where they have one."""
    if request.content == "none":
        return None
    kind = request.content or "sequence" if plan.is_ordered else "bag"
    return ContentRequest(kind, row_digests=request.row_digests)


def _check_size(payload: bytes) -> None:
    """A bundle holds its payload in base64, and readers take 16 MiB of bundle."""
    limit = MAX_BUNDLE_BYTES // 4 * 3 - 65536
    if len(payload) > limit:
        raise StorageError(
            f"the manifest has {len(payload)} bytes, more than the {limit} that fit a bundle",
            hint="Record long parameters, metrics or schemas as a file: make it an output.",
        )


def _declared_run(method: Method, name: str | None) -> dict[str, Any]:
    """Without a wrapper auditkit did not see the run: its outcome is what the caller says."""
    exceptions = {"/project": "declared"}
    if name is not None:
        exceptions["/name"] = "declared"
    if method == "command":
        exceptions["/status"] = "declared"
    return exceptions
