"""Cosign the checkpoint of a log that somebody else keeps (C2SP tlog-witness, tlog-cosignature).

A cosigner remembers the one checkpoint of each log that it signed last, and signs another only once
that extends it. So two histories of one log never both get its cosignature.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from auditkit.errors import LogError, StoreError, UsageError
from auditkit.findings import Finding, LogCheckpoint, Overall, overall
from auditkit.registry.authenticity import TrustedLog, authenticate
from auditkit.registry.checkpoint import SignedCheckpoint
from auditkit.registry.layout import CHECKPOINT_KEY
from auditkit.registry.log import Log
from auditkit.registry.logkey import now
from auditkit.registry.memory import CheckpointMemory
from auditkit.registry.note import MAX_SIGNATURES, Note, NoteSignature
from auditkit.registry.notekeys import VerifierKey, sign_line, verifier_key
from auditkit.registry.registry import Registry
from auditkit.signing.signer import Signer
from auditkit.stores.store import Head
from auditkit.verification.log_view import (
    LogTrust,
    check_authenticity,
    extends,
    log_finding,
    nothing_seen,
)

_ATTEMPTS: Final = 20


@dataclass(frozen=True, slots=True)
class Cosigner:
    """Who cosigns, under which name, and what it signed last of each log."""

    signer: Signer
    name: str
    memory: CheckpointMemory
    clock: Callable[[], int] = now

    @property
    def key(self) -> VerifierKey:
        """What others check its cosignatures with; raises KeyFileError if its key cannot cosign."""
        return verifier_key(self.signer.public_key, self.name, cosigner=True)


@dataclass(frozen=True, slots=True)
class Cosigning:
    """What came of it: the findings, and unless something speaks against it what was signed."""

    findings: tuple[Finding, ...]
    checkpoint: LogCheckpoint
    signed: SignedCheckpoint | None = None

    @property
    def status(self) -> Overall:
        """What the findings come to."""
        return overall(each.status for each in self.findings)


def cosign(
    registry: Registry, trust: LogTrust, cosigner: Cosigner, *, publish: bool = True
) -> Cosigning:
    """Cosign the present checkpoint of a registry, once it extends what was cosigned before.

    `publish` puts the cosignature into the registry's checkpoint.

    Raises:
        KeyFileError: the key's algorithm does not cosign, or the name is none.
        TargetNotFoundError: there is no registry.
        LogError: what lies where the checkpoint belongs is none, or it has no room left.
        StoreError: the registry, or what is remembered, cannot be read or written.
    """
    key = cosigner.key
    for _ in range(_ATTEMPTS):
        head, signed = registry.head()
        findings, told = _judged(Log(registry.store, signed), trust, cosigner.memory)
        if any(each.status not in {"passed", "skipped"} for each in findings):
            return Cosigning(findings, told)
        line = sign_line(cosigner.signer, cosigner.name, signed.checkpoint, time=cosigner.clock())
        others = (each for each in signed.note.signatures if not key.owns(each))
        made = _with_lines(signed, (*others, line))
        if not publish or _swap(registry, made, head):
            return Cosigning(findings, told, made)
    raise _contended(registry)


def attach(registry: Registry, cosigned: SignedCheckpoint, logs: Sequence[TrustedLog]) -> int:
    """Put cosignatures that others made elsewhere into a registry's checkpoint; return how many.

    Raises:
        UsageError: the registry's log is at another checkpoint by now, or never was at this one.
        LogError: a signature that claims to be by a trusted key is not; or there is no room left.
        StoreError: the registry cannot be reached or refused.
    """
    for _ in range(_ATTEMPTS):
        head, signed = registry.head()
        if signed.checkpoint != cosigned.checkpoint:
            raise UsageError(
                f"the registry is at another checkpoint: {signed.checkpoint}",
                hint="Let the cosigner sign this one: auditkit log cosign.",
            )
        fresh = [each for each in cosigned.note.signatures if each not in signed.note.signatures]
        made = _with_lines(signed, (*signed.note.signatures, *fresh))
        for log in logs:
            if log.origin == signed.checkpoint.origin:
                authenticate(made, [log.alone])
        if _swap(registry, made, head):
            return len(fresh)
    raise _contended(registry)


def _judged(
    log: Log, trust: LogTrust, memory: CheckpointMemory
) -> tuple[tuple[Finding, ...], LogCheckpoint]:
    """Return what speaks for and against this checkpoint; if nothing does, it is remembered now.

    What is remembered is written before anything is signed: a cosigner that stops in between has
    signed less than it remembers, never more.
    """
    authentic, told = check_authenticity(log.signed, [each.alone for each in trust.logs])
    findings = [authentic]
    if authentic.status == "passed":
        findings += [extends(log, seen) for seen in trust.earlier]
    if all(each.status == "passed" for each in findings):
        findings.append(_advanced(log, memory))
    return tuple(findings), told


def _advanced(log: Log, memory: CheckpointMemory) -> Finding:
    origin = log.checkpoint.origin
    try:
        if memory.recall(origin) is None:
            log.reader.edge()
        seen = memory.advance(log)
    except LogError as error:
        return log_finding("consistency", origin, "failed", f"not cosigned: {error}")
    if seen is None:
        return nothing_seen(origin, required=False)
    detail = f"extends the checkpoint of {seen.checkpoint.size} entries (cosigned before)"
    return log_finding("consistency", origin, "passed", detail)


def _with_lines(signed: SignedCheckpoint, lines: tuple[NoteSignature, ...]) -> SignedCheckpoint:
    if len(lines) > MAX_SIGNATURES:
        raise LogError(f"the checkpoint has {MAX_SIGNATURES} signatures, and takes no more")
    return SignedCheckpoint(signed.checkpoint, Note(signed.note.text, lines))


def _swap(registry: Registry, made: SignedCheckpoint, head: Head) -> bool:
    content = made.encode()
    return content == head.content or registry.store.swap_head(CHECKPOINT_KEY, content, head)


def _contended(registry: Registry) -> StoreError:
    return StoreError(
        "the checkpoint changed each time before a cosignature was added",
        hint="Run it again when nobody integrates.",
        path=registry.store.location,
    )
