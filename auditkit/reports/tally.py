"""Counting what was checked, always out of how much was recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from auditkit.evidence import RunEvidence
from auditkit.findings import Condition, Coverage, DatasetVerdict, Finding, Status
from auditkit.manifest.model import Dataset

STATUS_ORDER: tuple[Status, ...] = ("failed", "indeterminate", "passed", "skipped")
"""Worst first, the order of every list of outcomes."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What was re-read byte for byte, over several data sets, out of what was recorded.

    Sizes and footers read in metadata mode count as nothing. `rows_total` counts only data sets
    with recorded rows.
    """

    datasets: int
    datasets_in_full: int
    files: int
    files_total: int
    bytes: int
    bytes_total: int
    rows: int
    rows_total: int


def judged(run: RunEvidence) -> tuple[tuple[Dataset, DatasetVerdict], ...]:
    """Return every recorded data set with what became of it.

    A recorded data set that the verdict does not mention counts as unchecked, so leaving one out
    never makes a denominator smaller. Empty where the manifest was not authenticated.
    """
    if run.statement is None:
        return ()
    verdicts = {(each.name, each.role): each for each in run.verdict.datasets}
    return tuple(
        (record, verdicts.get((record.name, record.role)) or _unmentioned(record))
        for record in run.statement.predicate.datasets
    )


def totals(verdicts: Iterable[DatasetVerdict]) -> Totals:
    """Return the coverage of all data sets together."""
    judged = list(verdicts)
    covered = [within(each.coverage) for each in judged]
    read = [each for each in covered if each.mode == "full"]
    return Totals(
        datasets=len(covered),
        datasets_in_full=sum(_in_full(each) for each in judged),
        files=sum(each.files for each in read),
        files_total=sum(each.files_total for each in covered),
        bytes=sum(each.bytes for each in read),
        bytes_total=sum(each.bytes_total for each in covered),
        rows=sum(each.rows or 0 for each in read),
        rows_total=sum(each.rows_total or 0 for each in covered),
    )


def _in_full(verdict: DatasetVerdict) -> bool:
    """Tell whether all files were re-read; of a table in other files, all rows were."""
    coverage = verdict.coverage
    every = coverage.files >= coverage.files_total or verdict.condition == "relaid"
    return coverage.mode == "full" and every


def within(coverage: Coverage) -> Coverage:
    """Return the coverage of what was recorded: a file that grew adds nothing to it.

    Otherwise the surplus of one file could stand in for another that is missing.
    """
    rows = coverage.rows
    if rows is not None and coverage.rows_total is not None:
        rows = min(rows, coverage.rows_total)
    return msgspec.structs.replace(
        coverage,
        files=min(coverage.files, coverage.files_total),
        bytes=min(coverage.bytes, coverage.bytes_total),
        rows=rows,
    )


def by_status(findings: Iterable[Finding]) -> dict[Status, int]:
    """Return the number of findings of each status, zeros included, worst first."""
    found = Counter(each.status for each in findings)
    return {status: found[status] for status in STATUS_ORDER}


def by_condition(verdicts: Iterable[DatasetVerdict]) -> dict[Condition, int]:
    """Return the number of data sets in each condition that occurs."""
    return dict(Counter(each.condition for each in verdicts))


def exceptions(run: RunEvidence) -> tuple[Finding, ...]:
    """Return what a reader must see first: failed, then indeterminate, then lawfully erased."""
    erased = {each.name for each in run.verdict.datasets if each.condition == "erased"}
    findings = run.verdict.findings
    return (
        *(each for each in findings if each.status == "failed"),
        *(each for each in findings if each.status == "indeterminate"),
        *(each for each in findings if each.status == "skipped" and each.subject in erased),
    )


def skipped(run: RunEvidence) -> tuple[Finding, ...]:
    """Return the checks that were not made, without those listed as exceptions."""
    listed = set(map(id, exceptions(run)))
    return tuple(
        each for each in run.verdict.findings if each.status == "skipped" and id(each) not in listed
    )


def _unmentioned(record: Dataset) -> DatasetVerdict:
    return DatasetVerdict(
        name=record.name,
        role=record.role,
        condition="unchecked",
        status="skipped",
        coverage=Coverage(
            mode="none",
            files=0,
            files_total=record.inventory.files,
            bytes=0,
            bytes_total=record.inventory.bytes,
            rows=None if record.rows is None else 0,
            rows_total=record.rows,
        ),
    )
