"""Step 5, what concerns one manifest: it is in the log, and nothing else goes by its run's name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditkit.errors import (
    EnvelopeError,
    LogError,
    StoreError,
    StoreUnavailableError,
)
from auditkit.findings import Finding, LogCheckpoint, Status
from auditkit.manifest.bundle import decode_bundle
from auditkit.registry.admission import bundle_record
from auditkit.registry.entries import EntryRecord
from auditkit.registry.log import Entry, Log
from auditkit.registry.registry import Registry
from auditkit.schemes import MAX_BUNDLE_BYTES
from auditkit.stores.evidence import EvidenceFolder
from auditkit.trust.rules import Rules
from auditkit.verification.authenticate import Authentication
from auditkit.verification.bundles import DecodedBundle
from auditkit.verification.log_view import LogView, OpenedLog, log_finding, unread
from auditkit.verification.receipt_check import check_receipt, matched, witness
from auditkit.verification.signatures import check_signatures


@dataclass(frozen=True, slots=True)
class LogResult:
    """The findings of step 5 about one manifest, and the checkpoint that they rest on."""

    findings: tuple[Finding, ...]
    checkpoint: LogCheckpoint | None = None


def check_log(
    view: LogView | None, folder: EvidenceFolder, manifest: Authentication, rules: Rules
) -> LogResult:
    """Return the findings of step 5 about an authenticated manifest.

    A registry is asked where one was given; otherwise the receipt beside the bundle speaks, if
    there is one.
    """
    try:
        record = bundle_record(manifest.bundles[0].data)
    except LogError as error:
        return LogResult((log_finding("inclusion", "manifest", "failed", error.message),))
    if view is None or view.registry is None or view.opened is None:
        return LogResult(*check_receipt(folder, record, view.trust if view else None))
    opened = view.opened
    if opened.log is None:
        detail = "the log's checkpoint was not authenticated"
        skipped = log_finding("inclusion", "manifest", "skipped", detail)
        return LogResult((*opened.findings, skipped))
    findings = [*opened.findings, *witness(folder, record, opened.log, view.trust)]
    findings.append(_inclusion(view.registry, opened, opened.log, record, rules))
    findings.append(_conflict(view.registry, opened, opened.log, record, rules))
    return LogResult(tuple(findings), opened.checkpoint)


def _inclusion(
    registry: Registry, opened: OpenedLog, log: Log, record: EntryRecord, rules: Rules
) -> Finding:
    origin = log.checkpoint.origin
    try:
        entry = _find(registry, opened, log, record.statement)
    except StoreError as error:
        return unread("inclusion", "manifest", error)
    except LogError as error:
        return log_finding("inclusion", "manifest", "failed", str(error))
    if entry is not None:
        return matched(entry, record, f"of {log.checkpoint.size} in the log {origin}")
    waits = _waits(registry, record.statement)
    status: Status = "failed"
    if waits and "log" not in rules.require.steps:
        status = "indeterminate"
    detail = f"the log {origin} has no such entry"
    if waits:
        detail += "; it was recorded, and waits to be integrated"
    return log_finding("inclusion", "manifest", status, detail)


def _find(registry: Registry, opened: OpenedLog, log: Log, statement: str) -> Entry | None:
    """Return the entry of a statement; without a survey its receipt says where to look."""
    if opened.survey is not None:
        entries: Iterator[Entry] = opened.survey.about(log, statement)
        return next((each for each in entries if each.record.type != "addendum"), None)
    receipt = registry.receipt(statement)
    if receipt is None or receipt.index >= log.checkpoint.size:
        return None
    entry = log.entry(receipt.index)
    return entry if entry.record.statement == statement else None


def _waits(registry: Registry, statement: str) -> bool:
    try:
        return registry.waits(statement)
    except StoreError:
        return False


def _conflict(
    registry: Registry, opened: OpenedLog, log: Log, record: EntryRecord, rules: Rules
) -> Finding:
    """Return whether somebody trusted signed something else under this run's id."""
    if opened.survey is None or record.run is None:
        why = log_finding("conflict", "manifest", "skipped", "the manifest names no run")
        return opened.obstacle or why
    strangers = 0
    try:
        for entry in opened.survey.of_run(log, record.run):
            if entry.record.statement == record.statement:
                continue
            if _is_trusted(registry.blob(entry.record.blob, limit=MAX_BUNDLE_BYTES), rules):
                return _contradicts(entry, record)
            strangers += 1
    except StoreUnavailableError as error:
        return unread("conflict", "manifest", error)
    except (LogError, StoreError) as error:
        detail = f"another manifest goes by this run's id, and cannot be read: {error}"
        return log_finding("conflict", "manifest", "indeterminate", detail)
    detail = f"of {log.checkpoint.size} entries no other is a manifest of this run"
    if strangers:
        detail = f"{strangers} others go by this run's id, signed by nobody that is trusted"
    return log_finding("conflict", "manifest", "passed", detail)


def _contradicts(entry: Entry, record: EntryRecord) -> Finding:
    return log_finding(
        "conflict",
        f"entry {entry.index}",
        "failed",
        "another manifest of the same run, signed by somebody who is trusted, is in the log",
        expected=f"sha256:{record.statement}",
        found=f"sha256:{entry.record.statement}",
    )


def _is_trusted(bundle: bytes, rules: Rules) -> bool:
    try:
        decoded = DecodedBundle("entry", decode_bundle(bundle))
    except EnvelopeError:
        return False
    return bool(check_signatures([decoded], rules)[0])
