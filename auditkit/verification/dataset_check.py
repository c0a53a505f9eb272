"""Steps 9 and 10: the stored bytes, rows and schema are what was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auditkit.datasets.base import Plan, Reference, Scan, ScanMode
from auditkit.datasets.inventory import Inventory
from auditkit.datasets.location import plan
from auditkit.datasets.scan import scan
from auditkit.errors import AuditkitError, DataNotFoundError, EmptyDatasetError
from auditkit.findings import Condition, Coverage, DatasetVerdict, Finding, Location, Status
from auditkit.manifest.model import Dataset
from auditkit.schemes import OUTPUT_ROLE
from auditkit.verification.file_diff import FileDiff, diff_files
from auditkit.verification.options import VerifyOptions
from auditkit.verification.table_check import check_table

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


class _Reporter:
    """Makes findings about one data set."""

    def __init__(self, dataset: Dataset) -> None:
        self.step = 10 if dataset.role == OUTPUT_ROLE else 9
        self.subject = dataset.name

    def __call__(
        self,
        check: str,
        status: Status,
        detail: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        file: str | None = None,
    ) -> Finding:
        return Finding(
            step=self.step,
            check=f"dataset.{check}",
            subject=self.subject,
            status=status,
            detail=detail,
            expected=expected,
            found=found,
            location=Location(file=file) if file is not None else None,
        )


def check_dataset(
    dataset: Dataset, inventory: Inventory | None, options: VerifyOptions
) -> DatasetResult:
    """Return what became of one data set or output.

    `inventory` is None where its sidecar is missing or bad; then only the root can be compared.
    """
    report = _Reporter(dataset)
    if options.only and dataset.name not in options.only:
        finding = report("files", "skipped", "not selected by --only")
        return _result(dataset, "unchecked", [finding], None, "not selected", status="skipped")
    reference = _reference(dataset, options)
    try:
        found = _plan(dataset, reference, options)
    except (DataNotFoundError, EmptyDatasetError) as error:
        hint = "if the data moved, use --data-root or --data"
        finding = report("files", "failed", f"{error}; {hint}", expected=dataset.location)
        return _result(dataset, "missing", [finding], None, error.message)
    except AuditkitError as error:
        finding = report("files", "indeterminate", f"could not be listed: {error}")
        return _result(dataset, "unreadable", [finding], None, error.message)
    if found.kind != dataset.inventory.kind:
        detail = f"recorded as a {dataset.inventory.kind}, found a {found.kind}"
        return _result(dataset, "altered", [report("files", "failed", detail)], None, detail)
    return _check_found(dataset, inventory, found, options, report)


def _reference(dataset: Dataset, options: VerifyOptions) -> Reference:
    return options.data.get(dataset.name) or Reference(dataset.location, dataset.format)


def _plan(dataset: Dataset, reference: Reference, options: VerifyOptions) -> Plan:
    return plan(
        Reference(reference.location, dataset.format),
        base=Path.cwd() if dataset.name in options.data else options.data_root,
        excluded=dataset.inventory.excluded,
        collect=True,
    )


def _check_found(
    dataset: Dataset,
    inventory: Inventory | None,
    found: Plan,
    options: VerifyOptions,
    report: _Reporter,
) -> DatasetResult:
    mode: ScanMode = "metadata" if options.mode == "metadata" else "full"
    try:
        scanned = scan(
            found,
            executor=options.executor,
            progress=options.progress,
            mode=mode,
            recorded=dataset,
            collect=True,
        )
    except AuditkitError as error:
        finding = report("bytes", "indeterminate", f"could not be read: {error}")
        return _result(dataset, "unreadable", [finding], None, error.message)
    findings = _check_files(dataset, inventory, scanned, report)
    findings += check_table(dataset, scanned, report)
    return _result(dataset, _condition(findings, mode), findings, scanned, None)


def _check_files(
    dataset: Dataset,
    inventory: Inventory | None,
    scanned: Scan,
    report: _Reporter,
) -> list[Finding]:
    read = {entry.path for entry in scanned.entries} if scanned.problems else set()
    unread = [problem for problem in scanned.problems if problem.path not in read]
    findings = [
        report(
            "bytes",
            "indeterminate",
            f"could not be read: {problem.error.message}",
            file=problem.path,
        )
        for problem in unread
    ]
    if inventory is None:
        return findings + _check_root_only(dataset, scanned, report)
    diff = diff_files(
        inventory,
        scanned.entries,
        unreadable=frozenset(problem.path for problem in unread),
        single=dataset.inventory.kind == "file",
    )
    findings += _report_files(diff, dataset, report)
    findings += _report_bytes(diff, dataset, scanned, report, readable=not unread)
    return findings


def _report_files(diff: FileDiff, dataset: Dataset, report: _Reporter) -> list[Finding]:
    findings = []
    for entry in diff.missing:
        moved = diff.renamed.get(entry.path)
        detail = f"missing; {moved} has the same content" if moved else "missing"
        findings.append(
            report("files", "failed", detail, expected=f"sha256:{entry.sha256}", file=entry.path)
        )
    findings += [
        report(
            "files",
            "failed",
            "not in the recorded inventory",
            found=f"sha256:{extra.sha256}" if extra.sha256 else f"{extra.size} bytes",
            file=extra.path,
        )
        for extra in diff.extra
    ]
    if not findings:
        total = dataset.inventory.files
        findings.append(
            report("files", "passed", f"{total} of {total} files are there, and no others")
        )
    return findings


def _report_bytes(
    diff: FileDiff, dataset: Dataset, scanned: Scan, report: _Reporter, *, readable: bool
) -> list[Finding]:
    findings = [
        report(
            "bytes",
            "failed",
            "altered"
            if found.size == entry.size
            else f"altered: {found.size} bytes instead of {entry.size}",
            expected=f"sha256:{entry.sha256}",
            found=f"sha256:{found.sha256}" if found.sha256 else f"{found.size} bytes",
            file=entry.path,
        )
        for entry, found in diff.altered
    ]
    if findings or not readable:
        return findings
    if scanned.mode == "metadata":
        detail = "sizes compared; no bytes were read (metadata mode)"
        return [report("bytes", "indeterminate", detail)]
    if not diff:
        return _check_root_only(dataset, scanned, report)
    detail = f"all {len(scanned.entries)} files that were recorded and found are unchanged"
    return [report("bytes", "passed", detail)]


def _check_root_only(dataset: Dataset, scanned: Scan, report: _Reporter) -> list[Finding]:
    ((name, expected),) = dataset.inventory.root.items()
    found = scanned.root.get(name)
    if found is None:
        if scanned.mode == "metadata":
            return [report("bytes", "indeterminate", "no bytes were read (metadata mode)")]
        return []
    if found != expected:
        detail = "the root over all files differs"
        return [
            report(
                "bytes",
                "failed",
                detail,
                expected=f"{name}:{expected}",
                found=f"{name}:{found}",
            )
        ]
    detail = f"{scanned.bytes} bytes re-read; {name} is the signed one"
    return [
        report("bytes", "passed", detail, expected=f"{name}:{expected}", found=f"{name}:{found}")
    ]


def _condition(findings: Sequence[Finding], mode: str) -> Condition:
    failed = [finding for finding in findings if finding.status == "failed"]
    if failed:
        gone = all(finding.detail.startswith("missing") for finding in failed)
        return "missing" if gone else "altered"
    if mode == "metadata":
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
        location=scanned.plan.location.as_posix() if scanned else dataset.location,
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
