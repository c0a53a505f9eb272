"""Rows of a retention result, for tests to start from."""

from auditkit.evidence import RetentionRow
from auditkit.findings import Tool, Trust
from auditkit.retention.result import RetentionResult, in_order, status_of

RUN = "0192f7a4-6b3c-7d21-9a4e-5f60718293a4"


def row(**fields):
    given = {
        "run": RUN,
        "project": "churn",
        "manifest": f"sha256:{'0' * 64}",
        "dataset": "train",
        "role": "input",
        "format": "delta",
        "location": "s3://bucket/train",
        "version": "7",
        "outcome": "too-early",
        "readable_until": "2026-12-01T08:30:00Z",
        "keep_until": "2036-11-22T00:00:00Z",
        "setting": "delta.deletedFileRetentionDuration",
        "detail": "files that were replaced are removed after 7 days",
        "action": "Copy this version.",
    }
    return RetentionRow(**{**given, **fields})


def result(*rows, unchecked=()):
    return RetentionResult(
        status=status_of(rows, unchecked),
        tool=Tool(name="auditkit", version="0.1.0"),
        checked_at="2026-11-22T20:00:00Z",
        years=10,
        trust=Trust(kind="none", source="none"),
        rows=in_order(rows),
        unchecked=tuple(unchecked),
    )
