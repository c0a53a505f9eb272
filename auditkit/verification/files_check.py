"""The stored files and their bytes are what the inventory says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditkit.datasets.base import FileEntry, Problem, Scan
from auditkit.datasets.inventory import Inventory
from auditkit.digests import is_available
from auditkit.errors import DataNotFoundError, ExpiredError
from auditkit.evidence import InventoryEntry
from auditkit.findings import Finding
from auditkit.manifest.model import Dataset
from auditkit.verification.file_diff import (
    DifferingDigest,
    FileDiff,
    diff_files,
    differing_digest,
)
from auditkit.verification.report import Report


@dataclass(frozen=True, slots=True)
class FilesResult:
    """The findings, and what differs; `diff` is None where there is no inventory to compare."""

    findings: tuple[Finding, ...]
    diff: FileDiff | None


def check_files(
    dataset: Dataset, inventory: Inventory | None, scanned: Scan, report: Report
) -> FilesResult:
    """Compare every file with the inventory, or all of them with the root where there is none."""
    read = {entry.path for entry in scanned.entries} if scanned.problems else set()
    unread = [
        problem
        for problem in scanned.problems
        if problem.path not in read and not isinstance(problem.error, DataNotFoundError)
    ]
    findings = [_unread(problem, report) for problem in unread]
    if inventory is None:
        return FilesResult((*findings, *_check_root(dataset, scanned, report)), None)
    diff = diff_files(
        inventory,
        scanned.entries,
        unreadable=frozenset(problem.path for problem in unread),
        single=dataset.inventory.kind == "file",
    )
    expired = any(isinstance(problem.error, ExpiredError) for problem in unread)
    findings += _report_files(diff, dataset, report, complete=not expired)
    findings += _report_bytes(diff, dataset, scanned, report, readable=not unread)
    findings += _not_computed(inventory, scanned, report)
    return FilesResult(tuple(findings), diff)


def _unread(problem: Problem, report: Report) -> Finding:
    if isinstance(problem.error, ExpiredError):
        return report("files", "indeterminate", problem.error.message, file=problem.path)
    detail = f"could not be read: {problem.error.message}"
    return report("bytes", "indeterminate", detail, file=problem.path)


def _report_files(
    diff: FileDiff, dataset: Dataset, report: Report, *, complete: bool
) -> list[Finding]:
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
    if not findings and complete:
        total = dataset.inventory.files
        findings.append(
            report("files", "passed", f"{total} of {total} files are there, and no others")
        )
    return findings


def _report_bytes(
    diff: FileDiff, dataset: Dataset, scanned: Scan, report: Report, *, readable: bool
) -> list[Finding]:
    findings = [_altered(entry, found, report) for entry, found in diff.altered]
    if findings or not readable:
        return findings
    if scanned.mode == "metadata":
        what = "sizes" if dataset.s3 is None else "versions and sizes"
        detail = f"{what} compared; no bytes were read (metadata mode)"
        return [report("bytes", "indeterminate", detail)]
    if not diff:
        return _check_root(dataset, scanned, report)
    detail = f"all {len(scanned.entries)} files that were recorded and found are unchanged"
    return [report("bytes", "passed", detail)]


def _altered(recorded: InventoryEntry, found: FileEntry, report: Report) -> Finding:
    detail = "altered"
    if found.size != recorded.size:
        detail = f"altered: {found.size:,} bytes instead of {recorded.size:,}"
    digest = differing_digest(recorded, found)
    if digest is None:
        digest = DifferingDigest("sha256", recorded.sha256, "")
    elif digest.algorithm != "sha256":
        detail = f"its {digest.algorithm} is not the recorded one, though its sha256 is"
    return report(
        "bytes",
        "failed",
        detail,
        expected=f"{digest.algorithm}:{digest.recorded}",
        found=f"{digest.algorithm}:{digest.found}" if digest.found else f"{found.size} bytes",
        file=recorded.path,
    )


def _not_computed(inventory: Inventory, scanned: Scan, report: Report) -> Iterator[Finding]:
    """Yield the recorded digests that this installation leaves out; SHA-256 is never left out."""
    for name in inventory.further if scanned.mode == "full" else ():
        if not is_available(name):
            how = f"pip install 'auditkit-manifest[{name}]'"
            yield report("bytes", "skipped", f"the recorded {name} was not computed ({how})")


def _check_root(dataset: Dataset, scanned: Scan, report: Report) -> list[Finding]:
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
    if scanned.entries.further:
        detail += f", and so is the {' and '.join(scanned.entries.further)} of every file"
    return [
        report("bytes", "passed", detail, expected=f"{name}:{expected}", found=f"{name}:{found}")
    ]
