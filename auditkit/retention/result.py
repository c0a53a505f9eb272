"""What `auditkit retention` says: one row for each recorded data set and output.

The JSON form is described by `schemas/retention.v1.json`, generated from here.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from auditkit.evidence import RetentionOutcome, RetentionRow
from auditkit.findings import EXIT_FAILED, EXIT_INDETERMINATE, EXIT_PASSED, Overall, Tool, Trust
from auditkit.schemes import RETENTION_SCHEMA


class UncheckedTarget(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence whose manifest may not be believed, so that nothing it names was looked at."""

    source: str
    status: Overall
    detail: str


class RetentionResult(msgspec.Struct, frozen=True, kw_only=True):
    """All rows, those first that are lost or will be lost first."""

    status: Overall
    tool: Tool
    checked_at: str
    years: int
    trust: Trust
    rows: tuple[RetentionRow, ...]
    unchecked: tuple[UncheckedTarget, ...] = ()
    schema: str = RETENTION_SCHEMA

    @property
    def exit_code(self) -> int:
        """The process exit code that tells the same."""
        return {"passed": EXIT_PASSED, "failed": EXIT_FAILED}.get(self.status, EXIT_INDETERMINATE)


_RANK: dict[RetentionOutcome, int] = {
    "lost": 0,
    "too-early": 1,
    "unknown": 2,
    "kept": 3,
    "erased": 4,
}


def in_order(rows: Iterable[RetentionRow]) -> tuple[RetentionRow, ...]:
    """Return the rows by date: lost ones first, those without a date last."""
    return tuple(
        sorted(
            rows,
            key=lambda row: (
                row.outcome != "lost",
                row.readable_until is None,
                row.readable_until or "",
                _RANK[row.outcome],
                row.run,
                row.dataset,
            ),
        )
    )


def status_of(rows: Iterable[RetentionRow], unchecked: Iterable[UncheckedTarget]) -> Overall:
    """Return failed if anything is or will be lost too early, passed if all is kept or erased."""
    outcomes = {row.outcome for row in rows}
    statuses = {each.status for each in unchecked}
    if outcomes & {"lost", "too-early"} or "failed" in statuses:
        return "failed"
    is_kept = bool(outcomes) and outcomes <= {"kept", "erased"}
    return "passed" if is_kept and not statuses else "indeterminate"
