"""What a table says, beside its bytes and its values: schema and number of rows."""

from __future__ import annotations

from auditkit.datasets.base import Scan
from auditkit.findings import Finding, Status
from auditkit.manifest.model import Dataset
from auditkit.verification.report import Report
from auditkit.verification.schema_check import check_schema


def check_table(dataset: Dataset, scanned: Scan, report: Report) -> list[Finding]:
    """Return the findings on schema and rows of a table."""
    return [*check_schema(dataset, scanned, report), _check_rows(dataset, scanned, report)]


def _check_rows(dataset: Dataset, scanned: Scan, report: Report) -> Finding:
    if scanned.rows is None:
        if scanned.mode == "metadata":
            return report("rows", "skipped", "rows of this format are not counted in metadata mode")
        return report("rows", "indeterminate", "the rows could not be counted")
    status: Status = "passed" if scanned.rows == dataset.rows else "failed"
    detail = "rows counted again"
    if status == "failed":
        detail = f"{scanned.rows:,} rows instead of {dataset.rows or 0:,}"
    return report("rows", status, detail, expected=str(dataset.rows), found=str(scanned.rows))
