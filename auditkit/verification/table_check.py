"""What a table says, beside its bytes and its values: schema and number of rows."""

from __future__ import annotations

from auditkit.datasets.base import Scan
from auditkit.datasets.schema_diff import compare
from auditkit.findings import Finding, Status
from auditkit.manifest.model import Dataset
from auditkit.verification.report import Report


def check_table(dataset: Dataset, scanned: Scan, report: Report) -> list[Finding]:
    """Return the findings on schema and rows of a table."""
    read = {entry.path for entry in scanned.entries}
    findings = [
        report("schema", "failed", problem.error.message, file=problem.path)
        for problem in scanned.problems
        if problem.path in read
    ]
    findings += _check_schema(dataset, scanned, report, failed_already=bool(findings))
    findings.append(_check_rows(dataset, scanned, report))
    return findings


def _check_schema(
    dataset: Dataset, scanned: Scan, report: Report, *, failed_already: bool
) -> list[Finding]:
    if dataset.schema is None:
        return []
    if scanned.schema is None:
        if failed_already:
            return []
        return [report("schema", "indeterminate", "no schema could be read")]
    expected, found = dataset.schema.fingerprint, scanned.schema.fingerprint
    if expected == found:
        if failed_already:
            return []
        detail = f"{len(dataset.schema.fields)} columns with the recorded names and types"
        return [report("schema", "passed", detail, expected=expected, found=found)]
    difference = compare(dataset.schema, scanned.schema)
    changes = "; ".join(change.describe() for change in difference.changes)
    return [
        report(
            "schema",
            "failed",
            f"{difference.verdict}: {changes}",
            expected=expected,
            found=found,
        )
    ]


def _check_rows(dataset: Dataset, scanned: Scan, report: Report) -> Finding:
    if scanned.rows is None:
        if scanned.mode == "metadata":
            return report("rows", "skipped", "rows of this format are not counted in metadata mode")
        return report("rows", "indeterminate", "the rows could not be counted")
    status: Status = "passed" if scanned.rows == dataset.rows else "failed"
    detail = "rows counted again" if status == "passed" else "another number of rows"
    return report("rows", status, detail, expected=str(dataset.rows), found=str(scanned.rows))
