"""Record evidence in a registry: what is stored waits for the log, or is in it at once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from auditkit.api.submission import Submission
from auditkit.errors import LogError, StoreUnavailableError, UnreadableError
from auditkit.manifest.bundle import Bundle
from auditkit.registry.admission import bundle_record
from auditkit.registry.authenticity import TrustedLog, authenticate
from auditkit.registry.entries import EntryRecord
from auditkit.registry.integration import Integrator
from auditkit.registry.receipt import MAX_RECEIPT_BYTES, Receipt, decode_receipt
from auditkit.registry.registry import Registry
from auditkit.registry.submission import put_blob, submit
from auditkit.stores.atomic import replace
from auditkit.stores.attached import receipt_path
from auditkit.stores.evidence import EvidenceFolder, find_evidence
from auditkit.stores.reading import read_regular


@dataclass(frozen=True, slots=True)
class Recording:
    """Where to record, by whose word a receipt counts, and the log's key where it is at hand.

    `seconds` bounds how long recording one run may take before it is put off, up to the request
    that is under way.
    """

    registry: Registry
    logs: tuple[TrustedLog, ...] = ()
    integrator: Integrator | None = None
    seconds: float | None = None

    def vouches_for(self, receipt: Receipt) -> bool:
        """Return whether a key that counts signed the receipt's checkpoint."""
        logs = tuple(each.alone for each in self.logs)
        if not logs and self.integrator is not None:
            logs = (self.integrator.key.trusted(receipt.checkpoint.origin),)
        try:
            authenticate(receipt.signed, logs)
        except LogError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class RecordResult:
    """One run that was recorded. Without a receipt it waits for the log to be integrated."""

    run: str
    manifest: str
    path: Path
    entries: int
    receipt: Receipt | None = None
    receipt_path: Path | None = None


def record(path: Path, recording: Recording) -> RecordResult:
    """Record the evidence at `path`: bundles, sidecars, tokens, approvals; then fetch its receipt.

    What is recorded already is left as it is, so this can be done again at any time.

    Raises:
        UsageError, EnvelopeError, ManifestError, SidecarError: the evidence cannot be recorded as
            it is; see `Submission`.
        StoreError: the registry refused or cannot be reached, or `seconds` were over.
        LogError: it was recorded, and the log is damaged or was rolled back.
        StorageError: the receipt could not be written.
    """
    submission = Submission.of(path)
    missing = [
        form for each in submission.entries if (form := _missing_form(recording, each)) is not None
    ]
    if missing:
        _submit(submission, missing, recording)
        if recording.integrator is not None:
            recording.integrator.integrate_all({each.id for each in missing})
    receipt = _receipt(recording, submission.manifest)
    return RecordResult(
        run=submission.statement.predicate.run.id,
        manifest=submission.manifest.statement,
        path=path,
        entries=len(submission.entries),
        receipt=receipt,
        receipt_path=None if receipt is None else _write_receipt(submission.folder, receipt),
    )


def submit_statement(registry: Registry, bundles: Sequence[Bundle]) -> set[str]:
    """Let bundles over a statement about a manifest wait for the log; return their entries' ids.

    Raises:
        LogError: they are nothing that a log takes.
        StoreError: the registry refused or cannot be reached.
    """
    ids = set()
    for number, bundle in enumerate(bundles):
        data = bundle.encode()
        put_blob(registry, data, retain=False)
        ids.add(submit(registry, bundle_record(data, addendum=number > 0)))
    return ids


def unrecorded(evidence_dir: Path) -> list[Path]:
    """Return the signed evidence under a folder that has no receipt of a registry yet.

    Raises:
        UnreadableError: the operating system refused.
    """
    found = []
    for path in find_evidence(evidence_dir):
        folder = EvidenceFolder.open(path)
        if folder.bundle_names and not receipt_path(folder).exists():
            found.append(path)
    return found


def _write_receipt(folder: EvidenceFolder, receipt: Receipt) -> Path:
    """Write a receipt beside the bundle that it is about, unless one is there; return its path.

    Raises:
        StorageError: it could not be written.
    """
    path = receipt_path(folder)
    if not _holds(path, receipt):
        replace(path, receipt.encode())
    return path


def _submit(submission: Submission, entries: Sequence[EntryRecord], recording: Recording) -> None:
    """Store the blobs, then let the entries wait; give up between two of them when time is over."""
    end = None if recording.seconds is None else time.monotonic() + recording.seconds
    for blob in submission.blobs():
        _check_time(end, recording)
        put_blob(recording.registry, blob.content, retain=blob.retain)
    for entry in entries:
        _check_time(end, recording)
        submit(recording.registry, entry)


def _check_time(end: float | None, recording: Recording) -> None:
    if end is not None and time.monotonic() > end:
        raise StoreUnavailableError(
            f"recording took longer than {recording.seconds:g} seconds",
            path=recording.registry.store.location,
        )


def _missing_form(recording: Recording, entry: EntryRecord) -> EntryRecord | None:
    """Return the entry in the form in which it is to be recorded, None if it is in the log.

    Only a receipt with the signature of a key that counts shows that it is.
    """
    receipt = _receipt(recording, entry)
    if receipt is None or not recording.vouches_for(receipt):
        return entry
    if receipt.verified() == entry:
        return None
    addendum = msgspec.structs.replace(entry, type="addendum")
    receipt = _receipt(recording, addendum)
    return None if receipt is not None and recording.vouches_for(receipt) else addendum


def _receipt(recording: Recording, entry: EntryRecord) -> Receipt | None:
    """Return the receipt that the registry has for an entry, if its proof holds."""
    try:
        receipt = recording.registry.receipt(entry.id)
        return receipt if receipt is not None and receipt.verified().id == entry.id else None
    except LogError:
        return None


def _holds(path: Path, receipt: Receipt) -> bool:
    """Return whether a good receipt for the same entry is there already."""
    try:
        found = decode_receipt(read_regular(path, MAX_RECEIPT_BYTES, LogError))
        return found.verified() == receipt.verified()
    except (LogError, UnreadableError):
        return False
