"""Steps 9 and 10: the stored bytes, rows and schema are what was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from auditkit.datasets.base import ContentRequest, Plan, Reference, Scan, ScanMode
from auditkit.datasets.planning import plan_request
from auditkit.datasets.requests import PlanRequest, Recorded
from auditkit.datasets.scan import scan
from auditkit.digests import FurtherDigest, is_available
from auditkit.errors import AuditkitError, DataNotFoundError, EmptyDatasetError, ExpiredError
from auditkit.findings import Condition, Coverage, DatasetVerdict, Finding, Status
from auditkit.manifest.model import Dataset
from auditkit.verification.erasures import Excuse
from auditkit.verification.files_check import FilesResult, check_files
from auditkit.verification.options import VerifyOptions
from auditkit.verification.place import Place
from auditkit.verification.report import Report, Reported
from auditkit.verification.sidecar_check import DatasetSidecars
from auditkit.verification.version_check import check_version, version_note

_STATUS_OF: dict[Condition, Status] = {
    "intact": "passed",
    "relaid": "passed",
    "altered": "failed",
    "missing": "failed",
    "expired": "indeterminate",
    "erased": "skipped",
    "unreadable": "indeterminate",
    "unchecked": "indeterminate",
}


@dataclass(frozen=True, slots=True)
class DatasetResult:
    """One data set's verdict and the findings behind it."""

    verdict: DatasetVerdict
    findings: tuple[Finding, ...]


def check_dataset(
    dataset: Dataset,
    sidecars: DatasetSidecars,
    options: VerifyOptions,
    excuse: Excuse | None = None,
) -> DatasetResult:
    """Return what became of one data set or output; with an `excuse` its bytes may be gone."""
    place = Place(_reference(dataset, options).location, _base(dataset, options))
    result = _check(dataset, sidecars, options, excuse)
    verdict = place.named(result.verdict)
    if verdict.coverage.mode != "none":
        verdict = msgspec.structs.replace(verdict, location=place.location)
    return DatasetResult(verdict, tuple(map(place.named, result.findings)))


def _check(
    dataset: Dataset, sidecars: DatasetSidecars, options: VerifyOptions, excuse: Excuse | None
) -> DatasetResult:
    report = Report(dataset)
    if options.only and dataset.name not in options.only:
        finding = report("files", "skipped", "not selected by --only")
        return _result(dataset, "unchecked", [finding], None, "not selected", status="skipped")
    if dataset.cites is not None and dataset.name not in options.data:
        detail = f"on the word of run {dataset.cites.run}"
        finding = report("files", "skipped", f"{detail}; to re-read it, give --data NAME=PATH")
        return _result(dataset, "unchecked", [finding], None, detail, status="skipped")
    reference = _reference(dataset, options)
    try:
        found = _plan(dataset, sidecars, reference, options)
    except ExpiredError as error:
        finding = report("version", "indeterminate", error.message)
        return _result(dataset, "expired", [finding], None, error.message)
    except (DataNotFoundError, EmptyDatasetError) as error:
        if excuse is not None:
            return _erased(dataset, [report("files", "skipped", excuse.words)], None, excuse)
        hint = "if the data moved, use --data-root or --data"
        finding = report("files", "failed", f"{error}; {hint}", expected=dataset.location)
        return _result(dataset, "missing", [finding], None, error.message)
    except AuditkitError as error:
        finding = report("files", "indeterminate", f"could not be listed: {error}")
        return _result(dataset, "unreadable", [finding], None, error.message)
    if found.kind != dataset.inventory.kind:
        detail = f"recorded as a {dataset.inventory.kind}, found a {found.kind}"
        return _result(dataset, "altered", [report("files", "failed", detail)], None, detail)
    return _check_found(dataset, sidecars, found, options, report, excuse)


def _reference(dataset: Dataset, options: VerifyOptions) -> Reference:
    return options.data.get(dataset.name) or Reference(dataset.location, dataset.format)


def _base(dataset: Dataset, options: VerifyOptions) -> Path:
    return Path.cwd() if dataset.name in options.data else options.data_root


def _plan(
    dataset: Dataset, sidecars: DatasetSidecars, reference: Reference, options: VerifyOptions
) -> Plan:
    return plan_request(
        PlanRequest(
            Reference(reference.location, dataset.format),
            base=_base(dataset, options),
            excluded=dataset.inventory.excluded,
            collect=True,
            recorded=Recorded(dataset, sidecars.inventory, moved=dataset.name in options.data),
            latest=options.against == "latest",
            now=options.now,
            s3=options.s3,
        )
    )


def _check_found(
    dataset: Dataset,
    sidecars: DatasetSidecars,
    found: Plan,
    options: VerifyOptions,
    report: Report,
    excuse: Excuse | None,
) -> DatasetResult:
    mode: ScanMode = "metadata" if options.mode == "metadata" else "full"
    try:
        scanned = scan(
            found,
            executor=options.executor,
            progress=options.progress,
            mode=mode,
            recorded=dataset,
            content=_content_request(dataset, sidecars),
            further=_further(sidecars),
            collect=True,
        )
    except AuditkitError as error:
        finding = report("bytes", "indeterminate", f"could not be read: {error}")
        return _result(dataset, "unreadable", [finding], None, error.message)
    files = check_files(dataset, sidecars.inventory, scanned, report)
    if options.checksums and mode == "metadata" and found.s3 is not None:
        from auditkit.verification.checksum_check import check_checksums  # noqa: PLC0415 -- extra

        stated = check_checksums(sidecars.inventory, found, options.executor, report)
        files = replace(files, findings=(*files.findings, *stated))
    if excuse is not None and _only_missing(files) and not scanned.problems:
        return _erased(dataset, files.findings, scanned, excuse)
    reported = _check_rows(dataset, sidecars, scanned, files, options, report)
    findings = (*check_version(dataset, found, options, report), *reported.findings)
    condition: Condition = "relaid" if reported.note else _condition(findings, scanned)
    notes = (version_note(dataset, found), reported.note, found.note)
    return _result(dataset, condition, findings, scanned, "; ".join(filter(None, notes)) or None)


def _only_missing(files: FilesResult) -> bool:
    """Return whether files are gone, and all that are left are the recorded ones, byte for byte."""
    diff = files.diff
    return diff is not None and bool(diff.missing) and not (diff.altered or diff.extra)


def _erased(
    dataset: Dataset, findings: Sequence[Finding], scanned: Scan | None, excuse: Excuse
) -> DatasetResult:
    """Return the result where absence is all that is wrong."""
    excused = [
        msgspec.structs.replace(each, status="skipped", detail=f"{each.detail}; {excuse.words}")
        if each.status == "failed"
        else each
        for each in findings
    ]
    return _result(dataset, "erased", excused, scanned, excuse.words)


def _check_rows(
    dataset: Dataset,
    sidecars: DatasetSidecars,
    scanned: Scan,
    files: FilesResult,
    options: VerifyOptions,
    report: Report,
) -> Reported:
    if dataset.table is None:
        return Reported(tuple(files.findings))
    from auditkit.verification.rows_check import check_rows  # noqa: PLC0415 -- 80 ms

    return check_rows(dataset, scanned, files, sidecars, options.executor, report)


def _further(sidecars: DatasetSidecars) -> tuple[FurtherDigest, ...]:
    recorded = sidecars.inventory.further if sidecars.inventory else ()
    return tuple(name for name in recorded if is_available(name))


def _content_request(dataset: Dataset, sidecars: DatasetSidecars) -> ContentRequest | None:
    if dataset.content is None:
        return None
    return ContentRequest(dataset.content.kind, recorded=sidecars.rows)


def _condition(findings: Sequence[Finding], scanned: Scan) -> Condition:
    failed = [finding for finding in findings if finding.status == "failed"]
    if failed:
        gone = all(finding.detail.startswith("missing") for finding in failed)
        return "missing" if gone else "altered"
    expired = [isinstance(problem.error, ExpiredError) for problem in scanned.problems]
    if expired and all(expired):
        return "expired"
    if scanned.mode == "metadata":
        return "unchecked"
    if any(finding.status == "indeterminate" for finding in findings):
        return "unreadable"
    return "intact"


def _result(
    dataset: Dataset,
    condition: Condition,
    findings: Sequence[Finding],
    scanned: Scan | None,
    note: str | None,
    *,
    status: Status | None = None,
) -> DatasetResult:
    verdict = DatasetVerdict(
        name=dataset.name,
        role=dataset.role,
        condition=condition,
        status=status or _STATUS_OF[condition],
        coverage=_coverage(dataset, scanned),
        location=dataset.location,
        note=note,
    )
    return DatasetResult(verdict, tuple(findings))


def _coverage(dataset: Dataset, scanned: Scan | None) -> Coverage:
    read = scanned.entries if scanned and scanned.entries.digests else None
    recounted = scanned.rows if scanned and dataset.rows is not None else None
    return Coverage(
        mode=scanned.mode if scanned else "none",
        files=len(read) if read else 0,
        files_total=dataset.inventory.files,
        bytes=read.bytes if read else 0,
        bytes_total=dataset.inventory.bytes,
        rows=recounted if recounted is not None or dataset.rows is None else 0,
        rows_total=dataset.rows,
    )
