"""The same rows in other files: rewritten, compacted, recompressed.

Only where every row was read again under the recorded schema and none differs, and where nothing
else changed that a reader of the table goes by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditkit.datasets.arrow_schema import fingerprint
from auditkit.datasets.base import Part, Scan
from auditkit.datasets.kinds import is_data
from auditkit.datasets.parquet_statistics import find_misleading
from auditkit.datasets.reader_metadata import differing_metadata
from auditkit.datasets.schema_diff import compare
from auditkit.datasets.schema_storage import same_but_for_storage
from auditkit.datasets.stated_rows import misstated
from auditkit.errors import DataError
from auditkit.findings import Finding
from auditkit.manifest.model import Dataset
from auditkit.schemes import DELTA_LOG
from auditkit.verification.file_diff import FileDiff
from auditkit.verification.report import Report, Reported

_FILES = {"dataset.files", "dataset.bytes"}
_SCHEMA = "dataset.schema"
_MOST_SHOWN = 5


def check_layout_only(
    dataset: Dataset,
    scanned: Scan,
    diff: FileDiff | None,
    findings: Sequence[Finding],
    report: Report,
) -> Reported:
    """Return the findings, with those on files and schema passed if only the layout changed."""
    failed = {each.check for each in findings if each.status == "failed"}
    if diff is None or not failed or not _may_be_layout(dataset, scanned, diff, findings, failed):
        return Reported(tuple(findings))
    objections = list(_objections(dataset, scanned, diff, report))
    if objections:
        return Reported((*findings, *objections))
    kept = [each for each in findings if each.status != "failed"]
    if _SCHEMA in failed:
        kept.append(_schema(dataset, scanned, report))
    if not diff:
        return Reported(tuple(kept))
    note = _describe(diff)
    detail = f"layout changed: {note}; every row is as recorded"
    kept = [each for each in kept if each.check not in _FILES]
    return Reported(
        (report("files", "passed", detail), report("bytes", "passed", detail), *kept), note
    )


def _may_be_layout(
    dataset: Dataset, scanned: Scan, diff: FileDiff, findings: Sequence[Finding], failed: set[str]
) -> bool:
    content = [each.status for each in findings if each.check == "dataset.content"]
    if content != ["passed"] or scanned.problems or not failed <= {*_FILES, _SCHEMA}:
        return False
    if _SCHEMA in failed and not _same_columns(dataset, scanned):
        return False
    if any(recorded.sha256 == found.sha256 for recorded, found in diff.altered):
        return False  # another digest of the same bytes contradicts the record, not the layout
    if scanned.plan.assembly is not None:
        # The log names what its readers look at, and is only ever added to.
        return not any(path.startswith(DELTA_LOG) for path in _altered(diff))
    single = dataset.inventory.kind == "file"
    return single or all(is_data(path) for path in _paths(diff))


def _same_columns(dataset: Dataset, scanned: Scan) -> bool:
    recorded, found = dataset.schema, scanned.schema
    if recorded is None or found is None or recorded.fingerprint != fingerprint(recorded.fields):
        return False
    return same_but_for_storage(recorded, found)


def _altered(diff: FileDiff) -> Iterator[str]:
    return (recorded.path for recorded, _ in diff.altered)


def _paths(diff: FileDiff) -> Iterator[str]:
    yield from _altered(diff)
    yield from (entry.path for entry in diff.missing)
    yield from (entry.path for entry in diff.extra)


def _objections(
    dataset: Dataset, scanned: Scan, diff: FileDiff, report: Report
) -> Iterator[Finding]:
    """Yield what makes files with the same rows be read differently."""
    if dataset.table is not None and scanned.table is not None:
        for key in differing_metadata(dataset.table.metadata, scanned.table.metadata):
            detail = f"the rows are as recorded, but not what files say to readers under {key!r}"
            yield report("bytes", "failed", detail)
    if scanned.table is None or scanned.table.kind != "parquet":
        return
    touched = touched_files(diff)
    assembly = scanned.plan.assembly
    for path, why in misstated(scanned):
        if path in touched:
            yield report("bytes", "failed", f"the rows are as recorded, but {why}", file=path)
    for part in scanned.plan.parts:
        if part.path in touched and (assembly is None or part.path in assembly.files):
            yield from _statistics(part, report)


def touched_files(diff: FileDiff) -> frozenset[str]:
    """Return the files there are whose bytes are not the recorded ones."""
    found = [entry for _, entry in diff.altered]
    return frozenset(entry.path for entry in (*found, *diff.extra))


def _statistics(part: Part, report: Report) -> Iterator[Finding]:
    try:
        where = find_misleading(part)
    except DataError as error:
        detail = f"could not be read again: {error.message}"
        yield report("bytes", "indeterminate", detail, file=part.path)
        return
    if where is not None:
        detail = f"the rows are as recorded, but not the statistics that readers skip by: {where}"
        yield report("bytes", "failed", detail, file=part.path)


def _schema(dataset: Dataset, scanned: Scan, report: Report) -> Finding:
    recorded, found = dataset.schema, scanned.schema
    if recorded is None or found is None:
        raise ValueError("there is no schema to compare")
    changes = compare(recorded, found).changes
    shown = "; ".join(change.describe() for change in changes[:_MOST_SHOWN])
    if len(changes) > _MOST_SHOWN:
        shown += f"; and {len(changes) - _MOST_SHOWN:,} more"
    return report(
        "schema",
        "passed",
        f"the same columns, stored in another way: {shown}",
        expected=recorded.fingerprint,
        found=found.fingerprint,
    )


def _describe(diff: FileDiff) -> str:
    counts = (
        (len(diff.altered), "rewritten"),
        (len(diff.missing), "gone"),
        (len(diff.extra), "added"),
    )
    return ", ".join(f"{count:,} file{'s' * (count > 1)} {what}" for count, what in counts if count)
