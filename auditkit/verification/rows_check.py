"""The schema and the rows of a table, and what follows from them for its files."""

from __future__ import annotations

from auditkit.datasets.base import Scan
from auditkit.execution.executor import Executor
from auditkit.manifest.model import Dataset
from auditkit.verification.content_check import RowEvidence, check_content
from auditkit.verification.files_check import FilesResult
from auditkit.verification.relaid import check_layout_only, touched_files
from auditkit.verification.report import Report, Reported
from auditkit.verification.sidecar_check import DatasetSidecars
from auditkit.verification.table_check import check_table


def check_rows(
    dataset: Dataset,
    scanned: Scan,
    files: FilesResult,
    sidecars: DatasetSidecars,
    executor: Executor,
    report: Report,
) -> Reported:
    """Return the findings on files, schema and rows together: equal rows excuse another layout."""
    touched = touched_files(files.diff) if files.diff is not None else None
    evidence = RowEvidence(sidecars.blocks, touched, executor)
    findings = [
        *files.findings,
        *check_table(dataset, scanned, report),
        *check_content(dataset, scanned, evidence, report),
    ]
    return check_layout_only(dataset, scanned, files.diff, findings, report)
