"""The rows say what was recorded, whatever files hold them; if not, which rows do not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auditkit.datasets.base import Scan, ScannedContent
from auditkit.datasets.content.locate import locate
from auditkit.datasets.content.sidecar import RecordedBlocks
from auditkit.datasets.row_reader import RowReader
from auditkit.datasets.row_search import find_added
from auditkit.errors import AuditkitError
from auditkit.execution.executor import Executor
from auditkit.findings import Finding
from auditkit.manifest.model import Dataset
from auditkit.verification.added_rows import added_places, describe_difference
from auditkit.verification.changed_rows import (
    ChangedPlace,
    Comparison,
    changed_places,
    describe,
    report_places,
)
from auditkit.verification.report import Report
from auditkit.verification.row_layout import RowLayout


@dataclass(frozen=True, slots=True)
class RowEvidence:
    """What helps to say which rows changed, and who reads them again.

    `blocks` is the sidecar, None where it is missing or bad. `touched` are the files whose bytes
    are not the recorded ones, None where that is not known.
    """

    blocks: RecordedBlocks | None
    touched: frozenset[str] | None
    executor: Executor


def check_content(
    dataset: Dataset, scanned: Scan, evidence: RowEvidence, report: Report
) -> list[Finding]:
    """Return the findings on a table's content digest: one, or where it differs one a place."""
    content, found = dataset.content, scanned.content
    if content is None:
        return [report("content", "skipped", "no content digest was recorded")]
    if scanned.mode == "metadata":
        return [report("content", "skipped", "metadata mode reads no rows")]
    if found is None:
        return [_unknown(scanned, report)]
    expected, digest = f"{content.kind}:{content.digest}", f"{found.kind}:{found.digest}"
    if found.digest == content.digest:
        detail = f"all {scanned.rows:,} rows of {_columns(dataset)} have the recorded values"
        return [report("content", "passed", detail, expected=expected, found=digest)]
    detail, located = _locate(dataset, scanned, evidence, report)
    summary = report("content", "failed", detail, expected=expected, found=digest)
    return [summary, *located]


def _unknown(scanned: Scan, report: Report) -> Finding:
    if scanned.problems:
        return report("content", "indeterminate", "not all rows could be read")
    detail = "the rows cannot be the recorded ones, since not all of their columns are there"
    return report("content", "failed", detail)


def _columns(dataset: Dataset) -> str:
    count = len(dataset.schema.fields) if dataset.schema else 0
    return "1 column" if count == 1 else f"{count:,} columns"


def _locate(
    dataset: Dataset, scanned: Scan, evidence: RowEvidence, report: Report
) -> tuple[str, list[Finding]]:
    """Return what differs, in words, and a finding for each place that could be named."""
    content, found = dataset.content, scanned.content
    if content is None or found is None:
        raise ValueError("there is no digest to compare")
    try:
        if content.kind == "bag":
            detail, places = _added(dataset, scanned, found, evidence)
        else:
            detail, places = _changed(dataset, scanned, found, evidence)
        return detail, list(report_places(places, report))
    except AuditkitError as error:
        return f"the rows are others; which ones could not be found out: {error}", []


def _changed(
    dataset: Dataset, scanned: Scan, found: ScannedContent, evidence: RowEvidence
) -> tuple[str, Iterable[ChangedPlace]]:
    blocks = evidence.blocks
    if blocks is None or found.blocks is None:
        return "the rows are others; without the sidecar of block digests nothing says which", ()
    reader = RowReader(scanned.plan, dataset, found.extents)
    changes = locate(blocks.table, found.blocks, reader.fetch)
    comparison = Comparison(
        recorded=blocks.table,
        recorded_layout=RowLayout(blocks.extents),
        found=found.blocks,
        found_layout=RowLayout(found.extents),
        touched=evidence.touched,
    )
    return describe(changes, comparison), changed_places(changes, comparison)


def _added(
    dataset: Dataset, scanned: Scan, found: ScannedContent, evidence: RowEvidence
) -> tuple[str, Iterable[ChangedPlace]]:
    difference = found.difference
    if difference is None:
        return "the rows are others; without row digests nothing says which", ()
    detail = describe_difference(difference, dataset.rows or 0)
    if not len(difference.digests):
        return detail, ()
    added = find_added(
        scanned.plan,
        dataset,
        difference,
        found.extents,
        files=evidence.touched or {part.path for part in scanned.plan.parts},
        executor=evidence.executor,
    )
    return detail, added_places(added, RowLayout(found.extents))
