"""The log's own key: what signs its checkpoints."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from auditkit.registry.authenticity import TrustedLog
from auditkit.registry.checkpoint import Checkpoint, SignedCheckpoint
from auditkit.registry.note import Note
from auditkit.registry.notekeys import VerifierKey, sign_line, verifier_key
from auditkit.signing.signer import Signer


def now() -> int:
    """Return the time in seconds since 1970, as cosignatures have it."""
    return int(time.time())


@dataclass(frozen=True, slots=True)
class LogSigner:
    """Signs checkpoints with the log's key, Ed25519 or ECDSA P-256, under the log's origin.

    `cosigners` are further keys of the log that add a cosignature each, such as ML-DSA-44.
    """

    signer: Signer
    cosigners: tuple[Signer, ...] = ()
    clock: Callable[[], int] = now

    def sign(self, checkpoint: Checkpoint) -> SignedCheckpoint:
        """Return the checkpoint signed with every key.

        Raises:
            KeyFileError: a key's algorithm does not sign checkpoints.
            SigningError: what holds a key did not sign.
        """
        origin = checkpoint.origin
        lines = [sign_line(self.signer, origin, checkpoint)]
        lines += (sign_line(each, origin, checkpoint, time=self.clock()) for each in self.cosigners)
        return SignedCheckpoint(checkpoint, Note(checkpoint.text, tuple(lines)))

    def keys(self, origin: str) -> tuple[VerifierKey, ...]:
        """Return what others verify with, the log's own key first."""
        own = verifier_key(self.signer.public_key, origin)
        others = (verifier_key(each.public_key, origin, cosigner=True) for each in self.cosigners)
        return (own, *others)

    def trusted(self, origin: str) -> TrustedLog:
        """Return the log as its own operator trusts it: by this key and no other."""
        return TrustedLog(origin, self.keys(origin)[:1])
