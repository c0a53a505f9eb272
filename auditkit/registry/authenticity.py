"""Whose word about a log counts: its keys and cosigners, brought by whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from auditkit.errors import LogError
from auditkit.registry.checkpoint import SignedCheckpoint
from auditkit.registry.notekeys import VerifierKey


@dataclass(frozen=True, slots=True)
class TrustedLog:
    """A log by its origin: any of `keys` signs for it, and `needed` of `cosigners` must agree."""

    origin: str
    keys: tuple[VerifierKey, ...]
    cosigners: tuple[VerifierKey, ...] = ()
    needed: int = 0

    @property
    def alone(self) -> TrustedLog:
        """The same log where its own signature will do: cosigners come to a checkpoint later."""
        return replace(self, needed=0)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A cosigner's word that it saw this tree grow from the one before; `time` as it says."""

    name: str
    time: int


def authenticate(
    signed: SignedCheckpoint, logs: Iterable[TrustedLog]
) -> tuple[TrustedLog, tuple[Cosignature, ...]]:
    """Return whose log this is, and which of its cosigners vouch for it.

    Signatures by other keys are ignored; one that claims to be by a known key must be.

    Raises:
        LogError: nobody trusted signed it, too few cosigners did, or a signature is bad.
    """
    origin = signed.checkpoint.origin
    log = next((each for each in logs if each.origin == origin), None)
    if log is None:
        raise LogError(f"the log {origin!r} is not trusted")
    if not _signed_by(signed, log.keys):
        raise LogError(f"the checkpoint is not signed by a trusted key of the log {origin}")
    found = _signed_by(signed, log.cosigners)
    cosignatures = tuple(Cosignature(key.name, time or 0) for key, time in found)
    if len(cosignatures) < log.needed:
        raise LogError(
            f"{len(cosignatures)} of {log.needed} required cosigners signed the checkpoint"
        )
    return log, cosignatures


def _signed_by(
    signed: SignedCheckpoint, keys: Sequence[VerifierKey]
) -> list[tuple[VerifierKey, int | None]]:
    """Return the keys that signed, each once, with the times of cosignatures."""
    found: dict[VerifierKey, int | None] = {}
    for line in signed.note.signatures:
        for key in keys:
            if key.owns(line):
                found[key] = key.verify(signed.checkpoint, line)
    return list(found.items())
