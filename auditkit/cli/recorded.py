"""What is told about a run that was recorded in a registry."""

from __future__ import annotations

from typing import Any

from auditkit.api.record import RecordResult


def recorded_document(result: RecordResult) -> dict[str, Any]:
    """Return what `--json` says about one recorded run."""
    receipt = result.receipt
    return {
        "run": result.run,
        "manifest": f"sha256:{result.manifest}",
        "path": str(result.path),
        "entries": result.entries,
        "state": "waiting" if receipt is None else "logged",
        "index": None if receipt is None else receipt.index,
        "origin": None if receipt is None else receipt.checkpoint.origin,
        "receipt": None if result.receipt_path is None else str(result.receipt_path),
    }


def recorded_line(result: RecordResult) -> str:
    """Return what people are told about one recorded run."""
    if result.receipt is None:
        return f"registry: run {result.run} waits for auditkit log integrate"
    checkpoint = result.receipt.checkpoint
    return (
        f"registry: run {result.run} is entry {result.receipt.index} of {checkpoint.size} in the "
        f"log {checkpoint.origin}"
    )
