"""The version of what has versions is there: of a Delta table, or of objects in a bucket."""

from __future__ import annotations

from auditkit.datasets.base import Plan
from auditkit.findings import Finding
from auditkit.manifest.delta import DeltaVersion
from auditkit.manifest.model import Dataset, S3Objects
from auditkit.verification.options import VerifyOptions
from auditkit.verification.report import Report


def check_version(
    dataset: Dataset, found: Plan, options: VerifyOptions, report: Report
) -> list[Finding]:
    """Return the finding on which version was read; none for a data set without versions."""
    if dataset.s3 is not None and dataset.delta is None:
        return [_check_objects(dataset, dataset.s3, found, report)]
    recorded, read = dataset.delta, found.delta
    if recorded is None or read is None:
        return []
    expected, there = _name(recorded), _name(read)
    if recorded.table_id != read.table_id:
        detail = "another table is there"
        return [report("version", "failed", detail, expected=expected, found=there)]
    detail = "this version can be read"
    if options.against == "latest":
        detail = "the newest version was read in place of the recorded one (--against latest)"
    elif _as_the_log_has_it(recorded) != _as_the_log_has_it(read):
        detail = "the log says another thing about this version than when it was recorded"
        return [report("version", "failed", detail, expected=expected, found=there)]
    return [report("version", "passed", detail, expected=expected, found=there)]


def _check_objects(dataset: Dataset, recorded: S3Objects, found: Plan, report: Report) -> Finding:
    since = found.s3.since if found.s3 else None
    if since is None:
        never = recorded.versions in {"none", "unknown"}
        why = "no versions were recorded" if never else "recorded versions were not asked for"
        return report("version", "skipped", f"{why}; what is there now was read")
    if since.missing:
        total = dataset.inventory.files
        detail = f"missing: {since.missing:,} of {total:,} recorded versions are not in the bucket"
        return report("version", "failed", detail)
    detail = "all recorded versions are in the bucket"
    return report("version", "passed", f"{detail}; {found.note}" if found.note else detail)


def version_note(dataset: Dataset, found: Plan) -> str | None:
    """Return that another version was read than the recorded one; None if it was that."""
    recorded, read = dataset.delta, found.delta
    if recorded is None or read is None or recorded.version == read.version:
        return None
    return f"version {read.version} was read, and version {recorded.version} recorded"


def _as_the_log_has_it(version: DeltaVersion) -> tuple[object, ...]:
    return version.protocol, version.data_files, version.vectors


def _name(version: DeltaVersion) -> str:
    return f"version {version.version} of Delta table {version.table_id}"
