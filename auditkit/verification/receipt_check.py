"""Step 5 without a registry: what the receipt beside a bundle proves by itself."""

from __future__ import annotations

from msgspec.structs import replace

from auditkit.errors import LogError, StoreError, UnreadableError
from auditkit.findings import Finding, LogCheckpoint, Status
from auditkit.registry.authenticity import authenticate
from auditkit.registry.checkpoint import Checkpoint
from auditkit.registry.entries import EntryRecord
from auditkit.registry.log import Entry, Log
from auditkit.registry.receipt import MAX_RECEIPT_BYTES, Receipt, decode_receipt
from auditkit.stores.attached import receipt_path
from auditkit.stores.evidence import EvidenceFolder
from auditkit.stores.reading import read_regular
from auditkit.verification.log_stamps import check_stamps
from auditkit.verification.log_view import (
    LogTrust,
    Seen,
    check_authenticity,
    extends,
    log_finding,
    nothing_seen,
    remember,
    unread,
)


def check_receipt(
    folder: EvidenceFolder, record: EntryRecord, trust: LogTrust | None
) -> tuple[tuple[Finding, ...], LogCheckpoint | None]:
    """Return the findings of step 5 about the manifest that `record` is about, offline."""
    if not receipt_path(folder).exists():
        detail = "no registry was given, and there is no receipt"
        return (log_finding("inclusion", "manifest", "skipped", detail),), None
    if trust is None or not trust.logs:
        detail = "there is a receipt, and no log is trusted"
        return (log_finding("inclusion", "receipt", "skipped", detail),), None
    try:
        receipt = _read(folder)
    except UnreadableError as error:
        return (log_finding("inclusion", "receipt", "indeterminate", str(error)),), None
    except LogError as error:
        return (log_finding("inclusion", "receipt", "failed", str(error)),), None
    signed, checkpoint = check_authenticity(receipt.signed, trust.logs)
    stamps, told = check_stamps(receipt_path(folder), receipt.signed, trust.authorities)
    checkpoint = replace(checkpoint, stamps=stamps)
    findings = [signed, *told, _included(receipt, record)]
    if all(each.status in {"passed", "skipped"} for each in findings):
        findings += _compared(receipt, trust)
        detail = "a receipt does not show what else is in the log; a registry does"
        findings.append(log_finding("conflict", "manifest", "skipped", detail))
    return tuple(findings), checkpoint


def witness(
    folder: EvidenceFolder, record: EntryRecord, log: Log, trust: LogTrust
) -> list[Finding]:
    """Return whether a log still extends the checkpoint of the receipt beside the bundle.

    A receipt that is bad, or of another log, says nothing about this one.
    """
    try:
        if not receipt_path(folder).exists():
            return []
        receipt = _read(folder)
        if receipt.checkpoint.origin != log.checkpoint.origin:
            return []
        if receipt.verified().statement != record.statement:
            raise LogError("it is about another manifest")  # noqa: TRY301 - one place to tell
        authenticate(receipt.signed, [each.alone for each in trust.logs])
    except (LogError, UnreadableError) as error:
        return [log_finding("inclusion", "receipt", "skipped", f"not counted: {error}")]
    _, told = check_stamps(receipt_path(folder), receipt.signed, trust.authorities)
    return [extends(log, Seen(receipt.checkpoint, "of the receipt")), *told]


def matched(entry: Entry, record: EntryRecord, where: str) -> Finding:
    """Return the finding for the entry of a manifest whose record would be `record`."""
    found, subject = entry.record, f"entry {entry.index}"
    if (found.statement, found.project, found.run, found.time) != (
        record.statement,
        record.project,
        record.run,
        record.time,
    ):
        detail = "the entry does not say what the manifest says"
        return log_finding("inclusion", subject, "failed", detail)
    detail = f"entry {entry.index} {where}"
    if found.blob != record.blob:
        detail += ", recorded with another bundle over the same payload"
    return log_finding("inclusion", subject, "passed", detail)


def _read(folder: EvidenceFolder) -> Receipt:
    return decode_receipt(read_regular(receipt_path(folder), MAX_RECEIPT_BYTES, LogError))


def _included(receipt: Receipt, record: EntryRecord) -> Finding:
    try:
        entry = Entry(receipt.index, receipt.verified())
    except LogError as error:
        return log_finding("inclusion", "receipt", "failed", error.message)
    size, origin = receipt.checkpoint.size, receipt.checkpoint.origin
    return matched(entry, record, f"of {size} in the log {origin}, by its receipt")


def _compared(receipt: Receipt, trust: LogTrust) -> list[Finding]:
    """Compare a receipt's checkpoint with earlier ones, as far as that goes without the log."""
    checkpoint = receipt.checkpoint
    try:
        seen = [each for each in trust.seen(checkpoint.origin) if _is_of(each, checkpoint)]
    except StoreError as error:
        return [unread("consistency", checkpoint.origin, error)]
    except LogError as error:
        return [log_finding("consistency", checkpoint.origin, "failed", str(error))]
    if not seen:
        findings = [nothing_seen(checkpoint.origin, required=trust.required)]
        return [*findings, *remember(receipt.signed, trust)]
    return [_same(checkpoint, each, required=trust.required) for each in seen]


def _is_of(seen: Seen, checkpoint: Checkpoint) -> bool:
    return seen.checkpoint.origin == checkpoint.origin


def _same(checkpoint: Checkpoint, seen: Seen, *, required: bool) -> Finding:
    old, origin = seen.checkpoint, checkpoint.origin
    if (old.size, old.root) == (checkpoint.size, checkpoint.root):
        detail = f"is the checkpoint of {old.size} entries ({seen.source})"
        return log_finding("consistency", origin, "passed", detail)
    if old.size == checkpoint.size:
        return log_finding(
            "consistency",
            origin,
            "failed",
            f"another root for the log of {old.size} entries ({seen.source}): it was forked",
            expected=str(old),
            found=str(checkpoint),
        )
    status: Status = "indeterminate" if required else "skipped"
    detail = f"it takes the registry to compare with {old.size} entries ({seen.source})"
    return log_finding("consistency", origin, status, detail)
