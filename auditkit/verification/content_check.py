"""The rows say what was recorded, whatever files hold them; if not, which rows do not."""

from __future__ import annotations

from auditkit.datasets.base import Scan
from auditkit.datasets.content.locate import locate
from auditkit.datasets.content.sidecar import RecordedBlocks
from auditkit.datasets.row_reader import RowReader
from auditkit.errors import AuditkitError
from auditkit.findings import Finding
from auditkit.manifest.model import Content, Dataset
from auditkit.verification.changed_rows import Comparison, describe, report_changes
from auditkit.verification.report import Report
from auditkit.verification.row_layout import RowLayout


def check_content(
    dataset: Dataset,
    scanned: Scan,
    blocks: RecordedBlocks | None,
    touched: frozenset[str] | None,
    report: Report,
) -> list[Finding]:
    """Return the findings on a table's content digest: one, or where it differs one a place.

    `blocks` is the sidecar, None where it is missing or bad. `touched` are the files whose bytes
    are not the recorded ones, None where that is not known.
    """
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
    detail, located = _locate(dataset, scanned, blocks, touched, report)
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
    dataset: Dataset,
    scanned: Scan,
    blocks: RecordedBlocks | None,
    touched: frozenset[str] | None,
    report: Report,
) -> tuple[str, list[Finding]]:
    """Return what differs, in words, and a finding for each place that could be named."""
    content: Content | None = dataset.content
    found = scanned.content
    if content is None or content.kind == "bag" or found is None or found.blocks is None:
        return "the rows are others; their order was not recorded, so nothing says which", []
    if blocks is None:
        return "the rows are others; without the sidecar of block digests nothing says which", []
    try:
        reader = RowReader(scanned.plan, dataset, found.extents)
        changes = locate(blocks.table, found.blocks, reader.fetch)
    except AuditkitError as error:
        return f"the rows are others; which ones could not be found out: {error}", []
    comparison = Comparison(
        blocks.table, RowLayout(blocks.extents), found.blocks, RowLayout(found.extents), touched
    )
    return describe(changes, comparison), list(report_changes(changes, comparison, report))
