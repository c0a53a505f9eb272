"""Read a whole registry again: the log, and all that it speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from auditkit.errors import (
    EnvelopeError,
    LogError,
    ManifestError,
    StoreError,
    StoreUnavailableError,
)
from auditkit.execution.executor import ThreadExecutor
from auditkit.execution.progress import Progress, SilentProgress
from auditkit.findings import Finding, LogCheckpoint, Overall, overall
from auditkit.manifest.bundle import decode_bundle
from auditkit.manifest.codec import decode_statement
from auditkit.registry.admission import check_record
from auditkit.registry.audit import Audit
from auditkit.registry.log import Entry, Log
from auditkit.registry.registry import Registry
from auditkit.schemes import MAX_BUNDLE_BYTES
from auditkit.verification.log_view import (
    LogTrust,
    check_authenticity,
    check_consistency,
    log_finding,
    remember,
)
from auditkit.verification.manifest_check import all_sidecars

_AT_ONCE: Final = 4
_TOLD_EVERY: Final = 1024
_MOST_FAULTS: Final = 10_000
"""Faults that are listed one by one; a log with more of them has one fault: it is another one."""


@dataclass(frozen=True, slots=True)
class LogAudit:
    """All findings about a registry, and how much of it was read."""

    findings: tuple[Finding, ...]
    checkpoint: LogCheckpoint
    entries: int = 0
    blobs: int = 0
    bytes: int = 0

    @property
    def status(self) -> Overall:
        """What the findings come to."""
        return overall(each.status for each in self.findings)


@dataclass(frozen=True, slots=True)
class _Read:
    """What came of reading the blobs of one entry."""

    findings: tuple[Finding, ...] = ()
    blobs: int = 0
    bytes: int = 0


def compare_log(registry: Registry, trust: LogTrust) -> LogAudit:
    """Hold the present checkpoint of a registry against those that were seen of it before.

    Raises as `audit_log`.
    """
    log = registry.log()
    authentic, checkpoint = check_authenticity(log.signed, trust.logs)
    findings = [authentic, *check_consistency(log, trust)]
    findings += _remembered(log, findings, trust)
    return LogAudit(tuple(findings), checkpoint)


def audit_log(
    registry: Registry, trust: LogTrust, *, blobs: bool = False, progress: Progress | None = None
) -> LogAudit:
    """Read every entry and every tile of a registry's log, and with `blobs` all that is stored.

    Raises:
        TargetNotFoundError: there is no registry.
        LogError: what lies where the checkpoint belongs is none.
        StoreError: the registry cannot be reached.
    """
    progress = progress or SilentProgress()
    log = registry.log()
    authentic, checkpoint = check_authenticity(log.signed, trust.logs)
    findings = [authentic, *check_consistency(log, trust)]
    audit = Audit(log)
    progress.start("log", total_bytes=None, total_files=log.checkpoint.size)
    reads = _blob_reads(registry, audit) if blobs else _no_reads(audit)
    entries = read = size = 0
    for entries, each in enumerate(reads, start=1):
        findings += each.findings
        read, size = read + each.blobs, size + each.bytes
        if entries % _TOLD_EVERY == 0 or blobs:
            progress.advance(bytes=each.bytes, files=1 if blobs else _TOLD_EVERY)
    progress.finish()
    findings += _tree(audit, entries)
    findings += _conflicts(audit)
    if blobs and not any(each.check == "log.blob" for each in findings):
        detail = f"{read} blobs, {size} bytes, all with their digests"
        findings.append(log_finding("blob", "registry", "passed", detail))
    findings += _remembered(log, findings, trust)
    return LogAudit(tuple(findings), checkpoint, entries, read, size)


def _remembered(log: Log, findings: Sequence[Finding], trust: LogTrust) -> list[Finding]:
    """Remember a checkpoint that nothing speaks against."""
    if any(each.status not in {"passed", "skipped"} for each in findings):
        return []
    return remember(log.signed, trust)


def _no_reads(audit: Audit) -> Iterator[_Read]:
    nothing = _Read()
    return (nothing for _ in audit.entries())


def _blob_reads(registry: Registry, audit: Audit) -> Iterator[_Read]:
    return ThreadExecutor(_AT_ONCE).map(lambda entry: _read(registry, entry), audit.entries())


def _read(registry: Registry, entry: Entry) -> _Read:
    """Read the blob of an entry, and of a manifest its sidecars."""
    subject = f"entry {entry.index}"
    try:
        blob = registry.blob(entry.record.blob, limit=MAX_BUNDLE_BYTES)
        check_record(entry.record.encode(), blob)
    except StoreUnavailableError:
        raise
    except (LogError, StoreError) as error:
        return _Read((log_finding("blob", subject, "failed", _told(error)),))
    if entry.record.type != "manifest":
        return _Read(blobs=1, bytes=len(blob))
    return _read_sidecars(registry, subject, blob)


def _read_sidecars(registry: Registry, subject: str, bundle: bytes) -> _Read:
    findings: list[Finding] = []
    blobs, size = 1, len(bundle)
    try:
        statement = decode_statement(decode_bundle(bundle).payload).statement
    except (EnvelopeError, ManifestError) as error:
        detail = f"the manifest is not valid, so what belongs to it is not known: {error}"
        return _Read((log_finding("blob", subject, "indeterminate", detail),), blobs, size)
    for reference in all_sidecars(statement):
        try:
            size += len(registry.blob(reference.sha256, limit=reference.size))
            blobs += 1
        except StoreUnavailableError:
            raise
        except (LogError, StoreError) as error:
            detail = f"{reference.name}: {_told(error)}"
            findings.append(log_finding("blob", subject, "failed", detail))
    return _Read(tuple(findings), blobs, size)


def _told(error: LogError | StoreError) -> str:
    """Return what is wrong, and where the store says that the bytes first stored still are."""
    return f"{error}. {error.hint}" if error.hint else str(error)


def _tree(audit: Audit, entries: int) -> Iterator[Finding]:
    for fault in audit.faults[:_MOST_FAULTS]:
        yield log_finding("tree", fault.subject, "failed", fault.detail)
    if not audit.faults:
        detail = f"{entries} entries, all as they were, add up to the checkpoint"
        yield log_finding("tree", audit.log.checkpoint.origin, "passed", detail)


def _conflicts(audit: Audit) -> Iterator[Finding]:
    found = False
    try:
        for entries in audit.survey.conflicts(audit.log):
            found = True
            numbers = ", ".join(str(each.index) for each in entries)
            detail = f"entries {numbers} are different manifests of one run"
            yield log_finding("conflict", entries[0].record.run or "", "indeterminate", detail)
    except LogError as error:
        found = True
        yield log_finding("conflict", audit.log.checkpoint.origin, "indeterminate", str(error))
    if not found:
        detail = "no run has two manifests"
        yield log_finding("conflict", audit.log.checkpoint.origin, "passed", detail)
