"""Leave a signed verdict beside the evidence: when a run was checked, and with what result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from auditkit.api.attesting import holder, sealed, write_sealed
from auditkit.api.record import Recording, submit_statement
from auditkit.api.stamping import Stamping
from auditkit.errors import UsageError
from auditkit.findings import DatasetVerdict, Finding, TargetVerdict, Verdict
from auditkit.manifest.about import RunRef
from auditkit.manifest.model import Tool
from auditkit.manifest.types import MAX_LINE
from auditkit.manifest.verification import (
    MOST_EXCEPTIONS,
    CheckedDataset,
    CheckException,
    TrustRef,
    Verification,
    encode_verification,
)
from auditkit.schemes import VERIFICATION_VERSION
from auditkit.signing.signer import Signer
from auditkit.stores.evidence import EvidenceFolder
from auditkit.trust.rules import Rules


@dataclass(frozen=True, slots=True)
class VerdictRecorder:
    """Who signs verdicts, whether the verifier's own rules let them, and who stamps them.

    With `recording` verdicts go to a registry too.
    """

    signers: tuple[Signer, ...]
    rules: Rules | None = None
    stamping: Stamping | None = None
    recording: Recording | None = None

    def check(self) -> None:
        """Raise UsageError if the rules do not let the signers record verifications."""
        if self.rules is not None:
            holder(self.signers, self.rules, "verification")

    def record(self, verdict: Verdict, paths: Iterable[Path | None]) -> int:
        """Leave what `verdict` says of each of its targets; return of how many.

        It is written beside the evidence at the target's path, if that is where it is kept, and
        goes to the registry, if there is one. A target whose manifest was not authenticated has no
        run to say anything about, and is left out.

        Raises:
            TimestampError: no authority gave a required time stamp.
            StorageError, StoreError: a verdict could not be stored.
            LogError: it was recorded, and the log is damaged or was rolled back.
        """
        count, waiting = 0, set()
        for path, target in zip(paths, verdict.targets, strict=True):
            said = verification_of(verdict, target)
            if said is None or target.manifest is None:
                continue
            payload = encode_verification(target.manifest.removeprefix("sha256:"), said)
            bundles, _ = sealed(payload, self.signers, self.stamping)
            if path is not None:
                folder = EvidenceFolder.open(path)
                write_sealed(folder, "verification", payload, bundles, time=said.verified_at)
            if self.recording is not None:
                waiting |= submit_statement(self.recording.registry, bundles)
            count += 1
        if self.recording is not None and self.recording.integrator is not None and waiting:
            self.recording.integrator.integrate_all(waiting)
        return count


def verification_of(verdict: Verdict, target: TargetVerdict) -> Verification | None:
    """Return what a verdict says of one target; None if its manifest was not authenticated.

    Raises:
        UsageError: the verdict checked nothing, or trusted nobody.
    """
    if target.run is None or target.project is None or target.manifest is None:
        return None
    trust = verdict.trust
    if verdict.mode == "inspect" or trust.kind == "none":
        raise UsageError(
            "nothing was checked, so there is nothing to record",
            hint="Verify with --key or --trust.",
        )
    bad = [each for each in target.findings if each.status in {"failed", "indeterminate"}]
    return Verification(
        version=VERIFICATION_VERSION,
        run=RunRef(id=target.run, project=target.project),
        status=target.status,
        mode=verdict.mode,
        verified_at=verdict.verified_at,
        tool=Tool(name=verdict.tool.name, version=verdict.tool.version),
        trust=TrustRef(kind=trust.kind, keyid=trust.keyid, sha256=trust.sha256),
        checks=dict(Counter(each.status for each in target.findings)),
        against=verdict.against,
        only=verdict.only,
        datasets=tuple(map(_dataset, target.datasets)),
        exceptions=tuple(map(_exception, bad[:MOST_EXCEPTIONS])),
        more_exceptions=max(0, len(bad) - MOST_EXCEPTIONS),
    )


def _dataset(found: DatasetVerdict) -> CheckedDataset:
    coverage = found.coverage
    return CheckedDataset(
        name=found.name,
        role=found.role,
        condition=found.condition,
        status=found.status,
        files=coverage.files,
        files_total=coverage.files_total,
        bytes=coverage.bytes,
        bytes_total=coverage.bytes_total,
        rows=coverage.rows,
        rows_total=coverage.rows_total,
    )


def _exception(finding: Finding) -> CheckException:
    return CheckException(
        check=finding.check,
        subject=_line(finding.subject),
        status="failed" if finding.status == "failed" else "indeterminate",
        detail=_line(finding.detail),
    )


def _line(text: str) -> str:
    """Return text as one line of bounded length; what does not print becomes a question mark."""
    return (
        "".join(each if each >= " " and each != "\x7f" else "?" for each in text)[:MAX_LINE] or "?"
    )
