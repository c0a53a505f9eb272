"""Checksums that a server states, compared without reading a byte: nothing passes by them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from auditkit.datasets.base import Plan
from auditkit.datasets.inventory import Inventory
from auditkit.datasets.s3.checksums import ChecksumAsker
from auditkit.execution.executor import Executor
from auditkit.findings import Finding, Status
from auditkit.verification.report import Report


def check_checksums(
    inventory: Inventory | None, plan: Plan, executor: Executor, report: Report
) -> Iterator[Finding]:
    """Yield a finding for each object whose stated checksum is another one, then one on the rest.

    A checksum over all bytes that differs shows that they do. One that is made of parts may differ
    because the same bytes were uploaded in other parts.
    """
    if inventory is None or inventory.states is None:
        yield report("bytes", "skipped", "no checksums of a bucket were recorded")
        return
    paths, recorded = inventory.files.paths, inventory.states.checksums
    same = 0
    found = executor.map(ChecksumAsker(), plan.parts, waits=True)
    for part, now in zip(plan.parts, found, strict=True):
        index = bisect_left(paths, part.path)
        before = recorded[index] if index < len(paths) and paths[index] == part.path else ""
        if not before or before.split(":")[:2] != now.split(":")[:2]:
            continue
        if before == now:
            same += 1
            continue
        whole = before.split(":")[1] == "FULL_OBJECT"
        detail = "the server states another checksum"
        if not whole:
            detail += ", which may come from an upload in other parts: read it in full"
        status: Status = "failed" if whole else "indeterminate"
        yield report("bytes", status, detail, expected=before, found=now, file=part.path)
    detail = f"the server states the recorded checksum of {same:,} of {len(recorded):,} objects"
    yield report("bytes", "indeterminate", f"{detail}; that is no evidence of their bytes")
