"""The receipt of one run's manifest at the log's present checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from auditkit.api.submission import Submission
from auditkit.errors import LogError, TargetNotFoundError
from auditkit.registry.authenticity import TrustedLog, authenticate
from auditkit.registry.log import Log
from auditkit.registry.receipt import Receipt
from auditkit.registry.registry import Registry
from auditkit.registry.survey import survey


def prove(path: Path, registry: Registry, logs: Sequence[TrustedLog] = ()) -> Receipt:
    """Return a receipt for the manifest of the evidence at `path`.

    Where logs are trusted, the registry has to be one of them.

    Raises:
        TargetNotFoundError: the manifest is not in the log.
        LogError: the checkpoint is not signed by a trusted log, or the tiles do not prove it.
        StoreError: the registry refused or cannot be reached.
    """
    statement = Submission.of(path).manifest.statement
    log = registry.log()
    if logs:
        authenticate(log.signed, logs)
    receipt = receipt_in(log, registry, statement)
    if receipt is None:
        waits = registry.waits(statement)
        raise TargetNotFoundError(
            f"the log {log.checkpoint.origin} has no entry of this manifest",
            hint="It was recorded and waits: run auditkit log integrate."
            if waits
            else "Record it first: auditkit record.",
            path=str(path),
        )
    return receipt


def receipt_in(log: Log, registry: Registry, statement: str) -> Receipt | None:
    """Return a receipt for a statement at the checkpoint of `log`; None if it is not in it.

    Raises:
        LogError: the tiles do not prove it.
        StoreError: the registry refused or cannot be reached.
    """
    index = _index(registry, log, statement)
    return None if index is None else log.receipt(index)


def _index(registry: Registry, log: Log, statement: str) -> int | None:
    """Return where a statement is: by the receipt that was left for it, else by reading it all."""
    try:
        receipt = registry.receipt(statement)
        if receipt is not None and receipt.index < log.checkpoint.size:
            entry = log.entry(receipt.index)
            if entry.record.statement == statement:
                return entry.index
    except LogError:
        pass
    found = (each for each in survey(log).about(log, statement) if each.record.type != "addendum")
    entry_found = next(found, None)
    return None if entry_found is None else entry_found.index
