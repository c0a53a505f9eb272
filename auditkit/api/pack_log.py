"""What a pack holds of a registry's log: receipts, checkpoints, and the log's keys to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from auditkit.api.prove import receipt_in
from auditkit.api.staging import Stage
from auditkit.errors import LogError
from auditkit.evidence import Evidence, RunEvidence
from auditkit.findings import LogCheckpoint
from auditkit.registry.authenticity import TrustedLog, authenticate
from auditkit.registry.receipt import Receipt, decode_receipt
from auditkit.schemes import MANIFEST_RECEIPT
from auditkit.stores.evidence_pack import LOG, Section
from auditkit.verification.log_view import LogTrust, LogView


@dataclass(frozen=True, slots=True)
class PackedLog:
    """The logs of the runs in a pack, as far as a verification came to know them.

    `receipts` are those that the evidence came without, or with too few cosignatures, by run
    folder; `checkpoints` are the largest of each log.
    """

    receipts: Mapping[str, Receipt]
    checkpoints: tuple[LogCheckpoint, ...]
    trusted: tuple[TrustedLog, ...]

    def files(self) -> Section:
        """Yield receipts and checkpoints."""
        for folder, receipt in self.receipts.items():
            yield f"evidence/{folder}/{MANIFEST_RECEIPT}", receipt.encode
        for number, checkpoint in enumerate(self.checkpoints, start=1):
            name = "checkpoint" if number == 1 else f"checkpoint.{number}"
            yield f"{LOG}/{name}", partial(checkpoint.note.encode, "utf-8")

    def for_information(self) -> Section:
        """Yield the verifier keys that whoever packed it holds these logs' checkpoints against."""
        lines = "".join(f"{key}\n" for log in self.trusted for key in (*log.keys, *log.cosigners))
        if lines:
            yield "for-information/log.vkeys", partial(lines.encode, "utf-8")


def packed_log(stage: Stage, evidence: Evidence, view: LogView | None) -> PackedLog:
    """Return what a pack of this evidence holds of logs; `view` is what it was verified with.

    Where a registry was asked, it gives the receipts that do not lie beside the evidence yet.

    Raises:
        LogError: the registry's tiles do not prove what its entries said.
        StoreError: the registry cannot be reached any more.
    """
    checkpoints = tuple(_largest(evidence))
    origins = {each.origin for each in checkpoints}
    logs: Sequence[TrustedLog] = view.trust.logs if view else ()
    return PackedLog(
        receipts=dict(_missing(stage, evidence, view)),
        checkpoints=checkpoints,
        trusted=tuple(each for each in logs if each.origin in origins),
    )


def _missing(
    stage: Stage, evidence: Evidence, view: LogView | None
) -> Iterator[tuple[str, Receipt]]:
    if view is None or view.registry is None or view.opened is None or view.opened.log is None:
        return
    for run, target in zip(evidence.runs, stage.targets, strict=True):
        if _is_logged(run) and not _suffices(target.path / MANIFEST_RECEIPT, view.trust):
            receipt = receipt_in(view.opened.log, view.registry, run.manifest_digest or "")
            if receipt is not None:
                yield target.path.name, receipt


def _suffices(path: Path, trust: LogTrust) -> bool:
    """Return whether there is a receipt that needs no renewal; what is wrong with it shows."""
    if not path.exists():
        return False
    try:
        receipt = decode_receipt(path.read_bytes())
        authenticate(receipt.signed, [each.alone for each in trust.logs])
    except LogError:
        return True
    try:
        authenticate(receipt.signed, trust.logs)
    except LogError:
        return False
    return True


def _is_logged(run: RunEvidence) -> bool:
    return any(
        each.check == "log.inclusion" and each.status == "passed" for each in run.verdict.findings
    )


def _largest(evidence: Evidence) -> Iterator[LogCheckpoint]:
    """Yield the largest checkpoint of each log, sorted by origin."""
    found = [each.checkpoint for each in evidence.verdict.targets if each.checkpoint]
    for origin in sorted({each.origin for each in found}):
        yield max((each for each in found if each.origin == origin), key=lambda each: each.size)
