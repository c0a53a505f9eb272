"""Everything that can fail is tried before anything long begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auditkit.api.citations import cite
from auditkit.api.options import CaptureOptions, DatasetRequest
from auditkit.api.stamping import check_authorities
from auditkit.datasets.base import Plan
from auditkit.datasets.planning import plan_request
from auditkit.datasets.requests import PlanRequest
from auditkit.digests import is_available, missing_digest
from auditkit.errors import (
    AuditkitError,
    DataNotFoundError,
    EmptyDatasetError,
    StorageError,
    StoreError,
    UsageError,
)
from auditkit.schemes import BUNDLE_SUFFIX, MAX_SUBJECTS, S3_SCHEME
from auditkit.stores.atomic import check_writable
from auditkit.stores.s3_client import S3Settings

# As long as manifests are: key services are asked otherwise for short messages.
_PROBE = b"auditkit preflight: never a valid payload".ljust(8192)


@dataclass(frozen=True, slots=True)
class Preflight:
    """What will be read, known from names and sizes only.

    `pending` are outputs that do not exist yet, which is fine before a run; `warnings` are
    those of the options, and tell of time-stamping authorities and registries that did not
    answer, where the evidence may wait.
    """

    plans: dict[str, Plan]
    pending: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """Bytes that a capture would read."""
        return sum(plan.bytes for plan in self.plans.values())

    @property
    def files(self) -> int:
        """Files that a capture would read."""
        return sum(len(plan.parts) for plan in self.plans.values())


def check(options: CaptureOptions, *, outputs_exist: bool) -> Preflight:
    """Return the plans of all data sets after trying everything that a capture will need.

    With `outputs_exist=False` an absent output is pending instead of an error.

    Raises:
        UsageError: a name is used twice, a split names an unknown data set, too many outputs, or
            a citation of what is not there.
        MissingDependencyError: a digest whose extra is not installed.
        KeyFileError: the key cannot sign.
        StorageError: evidence could not be written.
        TargetNotFoundError, LogError: there is no registry where it is to be recorded.
        TimestampError: no time-stamping authority answers, and a time stamp is required.
        DataError: a data set is missing, empty, unreadable or has names that cannot be recorded.
    """
    _check_names(options)
    _check_destination(options)
    _check_digests(options)
    for citation in options.citations:
        cite(citation, options.evidence_dir)
    for signer in options.signers:
        signer.public_key.verify(signer.sign(_PROBE), _PROBE)
    stamping = options.stamping if options.signers else None
    warnings = (*options.warnings, *(check_authorities(stamping) if stamping else ()))
    warnings += _check_registry(options)
    plans: dict[str, Plan] = {}
    pending: list[str] = []
    for request in options.datasets:
        try:
            plans[request.name] = plan_dataset(request, options.s3)
        except AuditkitError as error:
            if request.is_output and not outputs_exist and _is_absent(request, error):
                pending.append(request.name)
                continue
            raise _named(error, request) from error
    return Preflight(plans, tuple(pending), warnings)


def plan_dataset(request: DatasetRequest, s3: S3Settings, *, collect: bool = False) -> Plan:
    """Return the files of one requested data set; see `plan_request` for what is raised."""
    return plan_request(
        PlanRequest(request.reference, request.base, request.excluded, collect=collect, s3=s3)
    )


def _check_registry(options: CaptureOptions) -> tuple[str, ...]:
    if options.recording is None:
        return ()
    if not options.signers:
        raise UsageError(
            "an unsigned manifest is not recorded", hint="Give a key, or leave out --record."
        )
    try:
        options.recording.registry.head()
    except StoreError as error:
        return (f"before the run: the registry does not answer: {error}",)
    return ()


def _is_absent(request: DatasetRequest, error: AuditkitError) -> bool:
    if request.reference.location.startswith(S3_SCHEME):
        return isinstance(error, DataNotFoundError | EmptyDatasetError)
    path = request.base / request.reference.location
    return not path.exists() or (path.is_dir() and not any(path.iterdir()))


def _named(error: AuditkitError, request: DatasetRequest) -> AuditkitError:
    kind = "output" if request.is_output else "data set"
    error.message = f"{kind} {request.name!r}: {error.message}"
    return error


def _check_names(options: CaptureOptions) -> None:
    names = [request.name for request in options.datasets]
    names += [citation.name for citation in options.citations]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(
                f"the name {name!r} is used by two data sets or outputs",
                hint="Name them apart: --dataset NAME=PATH, --output NAME=PATH.",
            )
    if sum(request.is_output for request in options.datasets) >= MAX_SUBJECTS:
        raise UsageError(
            f"more than {MAX_SUBJECTS - 1} outputs",
            hint="Record the folder that holds them as one output.",
        )
    for split in options.splits:
        unknown = [member.dataset for member in split.members if member.dataset not in names]
        if unknown:
            raise UsageError(
                f"split {split.name!r} names the data set {unknown[0]!r}, which is not recorded",
                hint=f"Known data sets: {', '.join(names) or 'none'}.",
            )


def _check_digests(options: CaptureOptions) -> None:
    for name in {name for request in options.datasets for name in request.digests}:
        if not is_available(name):
            raise missing_digest(name)


def _check_destination(options: CaptureOptions) -> None:
    if options.output is None:
        check_writable(options.evidence_dir)
        return
    if not options.output.name.endswith(BUNDLE_SUFFIX):
        raise UsageError(
            f"the bundle's name {options.output.name!r} does not end in {BUNDLE_SUFFIX}",
            hint=f"Use -o {options.output.stem}{BUNDLE_SUFFIX}.",
        )
    if not options.signers:
        raise UsageError(
            "an unsigned manifest has no bundle",
            hint="Leave out -o with --no-sign, or give a key.",
        )
    if options.output.exists():
        raise StorageError("already exists", path=str(options.output), hint="Choose another name.")
    check_writable(options.output.parent)


def left_out(plans: Sequence[Plan], evidence_dir: Path) -> list[Path]:
    """Return the paths that are not part of the code: data sets, outputs and evidence."""
    paths = (plan.path for plan in plans if not plan.is_code)
    return [*(path for path in paths if path is not None), evidence_dir]
