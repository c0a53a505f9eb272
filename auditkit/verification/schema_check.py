"""The columns are the recorded ones; if not, what changed, column by column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from auditkit.datasets.base import Scan
from auditkit.datasets.schema_diff import SchemaDiff, compare
from auditkit.findings import Finding, Location
from auditkit.manifest.model import Dataset
from auditkit.verification.report import Report

MOST_CHANGES: Final = 50
"""More changes than this are counted, not listed."""


def check_schema(dataset: Dataset, scanned: Scan, report: Report) -> list[Finding]:
    """Return the findings on the columns: one, and where they differ one for each change.

    Files that are no such table have findings of their own: they leave nothing to compare, or
    nothing that passes.
    """
    recorded, found = dataset.schema, scanned.schema
    read = {entry.path for entry in scanned.entries}
    unread = [
        report("schema", "failed", problem.error.message, file=problem.path)
        for problem in scanned.problems
        if problem.path in read
    ]
    if recorded is None:
        return unread
    if found is None:
        return unread or [report("schema", "indeterminate", "no schema could be read")]
    expected, fingerprint = recorded.fingerprint, found.fingerprint
    if expected == fingerprint:
        detail = f"{len(recorded.fields)} columns with the recorded names and types"
        passed = report("schema", "passed", detail, expected=expected, found=fingerprint)
        return unread or [passed]
    difference = compare(recorded, found)
    detail = f"{difference.verdict}: {difference.summary}"
    summary = report("schema", "failed", detail, expected=expected, found=fingerprint)
    return [summary, *_changes(difference, report), *unread]


def _changes(difference: SchemaDiff, report: Report) -> Iterator[Finding]:
    for change in difference.changes[:MOST_CHANGES]:
        yield report(
            "schema",
            "failed",
            change.describe(),
            expected=change.old,
            found=change.new,
            location=Location(column=change.column),
        )
    rest = len(difference.changes) - MOST_CHANGES
    if rest > 0:
        yield report("schema", "failed", f"{rest:,} more changes of columns")
