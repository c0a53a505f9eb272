"""What a table says, beside its bytes and its values: schema and number of rows."""

from __future__ import annotations

from typing import Final

from auditkit.datasets.base import Scan
from auditkit.datasets.schema_diff import SchemaChange, compare
from auditkit.findings import Finding, Location, Status
from auditkit.manifest.model import Dataset
from auditkit.verification.report import Report

MOST_CHANGES: Final = 50
"""More changed columns than this are named in the first finding only."""


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
    detail = f"{difference.verdict}: {changes}"
    return [
        report("schema", "failed", detail, expected=expected, found=found),
        *(_changed(change, report) for change in difference.changes[:MOST_CHANGES]),
    ]


def _changed(change: SchemaChange, report: Report) -> Finding:
    location = Location(column=change.column)
    return report(
        "schema",
        "failed",
        change.describe(),
        expected=change.old,
        found=change.new,
        location=location,
    )


def _check_rows(dataset: Dataset, scanned: Scan, report: Report) -> Finding:
    if scanned.rows is None:
        if scanned.mode == "metadata":
            return report("rows", "skipped", "rows of this format are not counted in metadata mode")
        return report("rows", "indeterminate", "the rows could not be counted")
    status: Status = "passed" if scanned.rows == dataset.rows else "failed"
    detail = "rows counted again" if status == "passed" else "another number of rows"
    return report("rows", status, detail, expected=str(dataset.rows), found=str(scanned.rows))
