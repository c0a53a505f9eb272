"""The version of a table that has versions is there, and is the table that was recorded."""

from __future__ import annotations

from auditkit.datasets.base import Plan
from auditkit.findings import Finding
from auditkit.manifest.delta import DeltaVersion
from auditkit.manifest.model import Dataset
from auditkit.verification.options import VerifyOptions
from auditkit.verification.report import Report


def check_version(
    dataset: Dataset, found: Plan, options: VerifyOptions, report: Report
) -> list[Finding]:
    """Return the finding on which version was read; none for a data set without versions."""
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
