"""Step 5, what concerns a log as a whole: whose it is, and that it extends what was seen of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from auditkit.errors import LogError, StoreError, TargetNotFoundError
from auditkit.findings import Finding, LogCheckpoint, Status
from auditkit.registry.authenticity import Cosignature, TrustedLog, authenticate
from auditkit.registry.checkpoint import Checkpoint, SignedCheckpoint
from auditkit.registry.log import Log
from auditkit.registry.memory import CheckpointMemory
from auditkit.registry.registry import Registry
from auditkit.registry.survey import Survey, survey
from auditkit.trust.rules import Authority
from auditkit.trust.validity import utc


@dataclass(frozen=True, slots=True)
class Seen:
    """An earlier checkpoint of a log, and where it comes from, in words."""

    checkpoint: Checkpoint
    source: str


@dataclass(frozen=True, slots=True)
class LogTrust:
    """By whose word a checkpoint counts, and what was seen of logs before.

    `earlier` are checkpoints that the verifier brings; what `memory` has comes on top. With
    `required` there must be an earlier one. `authorities` are those whose time stamps count.
    """

    logs: tuple[TrustedLog, ...]
    earlier: tuple[Seen, ...] = ()
    memory: CheckpointMemory | None = None
    required: bool = False
    authorities: tuple[Authority, ...] = ()

    def seen(self, origin: str) -> Iterator[Seen]:
        """Yield what was seen of a log; raises LogError, StoreError where memory fails."""
        yield from self.earlier
        remembered = self.memory.recall(origin) if self.memory else None
        if remembered is not None:
            yield Seen(remembered.checkpoint, "remembered")


@dataclass(frozen=True, slots=True)
class OpenedLog:
    """What came of reading a registry's log once, for all manifests that are looked for in it.

    `log` is None unless its checkpoint is authentic; `survey` is None where not all entries could
    be read, and `obstacle` then says why.
    """

    findings: tuple[Finding, ...]
    log: Log | None = None
    checkpoint: LogCheckpoint | None = None
    survey: Survey | None = None
    obstacle: Finding | None = None


class LogView:
    """A registry as one verification sees it: read when it is first asked for, and only then.

    Without a registry there are only the receipts that lie beside bundles.
    """

    def __init__(self, trust: LogTrust, registry: Registry | None = None) -> None:
        self.trust = trust
        self.registry = registry

    @cached_property
    def opened(self) -> OpenedLog | None:
        """Whose log it is, whether it extends what was seen, and where everything is in it.

        A log that is authentic and extends what was seen is remembered. None without a registry.
        """
        return None if self.registry is None else _open(self.registry, self.trust)


def _open(registry: Registry, trust: LogTrust) -> OpenedLog:
    location = registry.store.location
    try:
        log = registry.log()
    except (LogError, TargetNotFoundError) as error:
        return OpenedLog((log_finding("checkpoint", location, "failed", error.message),))
    except StoreError as error:
        return OpenedLog((unread("checkpoint", location, error),))
    finding, checkpoint = check_authenticity(log.signed, trust.logs)
    if finding.status != "passed":
        return OpenedLog((finding,))
    findings = [finding, *check_consistency(log, trust)]
    if all(each.status in {"passed", "skipped"} for each in findings):
        findings += remember(log.signed, trust)
    found, obstacle = _survey(log)
    return OpenedLog(tuple(findings), log, checkpoint, found, obstacle)


def check_authenticity(
    signed: SignedCheckpoint, logs: Sequence[TrustedLog]
) -> tuple[Finding, LogCheckpoint]:
    """Return whether a trusted log signed this checkpoint, and what a verdict says of it."""
    checkpoint = signed.checkpoint
    cosignatures: tuple[Cosignature, ...] = ()
    status: Status = "passed"
    detail = f"{checkpoint.size} entries, root {checkpoint.root.hex()}"
    if not logs:
        status, detail = "indeterminate", "no log is trusted, so nothing shows whose this is"
    else:
        try:
            _, cosignatures = authenticate(signed, logs)
        except LogError as error:
            status, detail = "failed", error.message
    for each in cosignatures:
        detail += f"; cosigned by {each.name} {_utc(each.time)}"
    told = LogCheckpoint(
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        note=signed.encode().decode(),
        cosigners=tuple(each.name for each in cosignatures),
    )
    return log_finding("checkpoint", checkpoint.origin, status, detail), told


def check_consistency(log: Log, trust: LogTrust) -> list[Finding]:
    """Return a finding for each earlier checkpoint; one that says so where there is none."""
    findings: list[Finding] = []
    try:
        findings += [extends(log, seen) for seen in trust.seen(log.checkpoint.origin)]
    except StoreError as error:
        findings.append(unread("consistency", log.checkpoint.origin, error))
    except LogError as error:
        findings.append(log_finding("consistency", log.checkpoint.origin, "failed", str(error)))
    return findings or [nothing_seen(log.checkpoint.origin, required=trust.required)]


def extends(log: Log, seen: Seen) -> Finding:
    """Return whether a log extends what was seen of it."""
    old, origin = seen.checkpoint, log.checkpoint.origin
    what = f"the checkpoint of {old.size} entries ({seen.source})"
    try:
        log.check_extends(old)
    except LogError as error:
        return log_finding(
            "consistency",
            origin,
            "failed",
            f"does not extend {what}: {error.message}",
            expected=str(old),
            found=str(log.checkpoint),
        )
    except StoreError as error:
        return unread("consistency", origin, error)
    return log_finding("consistency", origin, "passed", f"extends {what}")


def nothing_seen(origin: str, *, required: bool) -> Finding:
    """Return the finding for a log of which nobody at hand has seen an earlier checkpoint."""
    status: Status = "indeterminate" if required else "skipped"
    detail = "no earlier checkpoint is at hand, so a rollback is not excluded"
    return log_finding("consistency", origin, status, detail)


def remember(signed: SignedCheckpoint, trust: LogTrust) -> list[Finding]:
    """Remember a checkpoint; return a finding only where that shows a fork or cannot be done."""
    if trust.memory is None:
        return []
    try:
        trust.memory.remember(signed)
    except LogError as error:
        return [log_finding("consistency", signed.checkpoint.origin, "failed", str(error))]
    except StoreError as error:
        detail = f"this checkpoint could not be remembered for the next time: {error}"
        return [log_finding("consistency", signed.checkpoint.origin, "skipped", detail)]
    return []


def log_finding(
    check: str,
    subject: str,
    status: Status,
    detail: str,
    *,
    expected: str | None = None,
    found: str | None = None,
) -> Finding:
    """Return a finding of `log.CHECK`."""
    return Finding(
        step=5,
        check=f"log.{check}",
        subject=subject,
        status=status,
        detail=detail,
        expected=expected,
        found=found,
    )


def unread(check: str, subject: str, error: StoreError) -> Finding:
    """Return the finding for a registry that could not be read."""
    return log_finding(check, subject, "indeterminate", f"the registry could not be read: {error}")


def _survey(log: Log) -> tuple[Survey | None, Finding | None]:
    try:
        return survey(log), None
    except StoreError as error:
        return None, unread("conflict", log.checkpoint.origin, error)
    except LogError as error:
        detail = f"not all entries could be read ({error}); auditkit log verify names what changed"
        return None, log_finding("conflict", log.checkpoint.origin, "failed", detail)


def _utc(seconds: int) -> str:
    try:
        return utc(datetime.fromtimestamp(seconds, UTC))
    except (OverflowError, ValueError, OSError):
        return f"at {seconds} seconds since 1970"
