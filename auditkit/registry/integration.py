"""Integrating what waits: the one place where a log grows.

    read the checkpoint -> stage all tiles -> swap the checkpoint -> copy the tiles -> receipts

Until the swap nothing that others rely on has changed; after it everything needed to go on lies
staged. So a crash leaves objects that nobody refers to, or a copy that the next one finishes, and
of two that integrate at once the swap lets one win. docs/formats/registry.md goes through every
point at which it can stop.
"""

from __future__ import annotations

import random
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from auditkit.errors import LogError
from auditkit.registry.authenticity import authenticate
from auditkit.registry.checkpoint import SignedCheckpoint
from auditkit.registry.entries import decode_record
from auditkit.registry.layout import CHECKPOINT_KEY
from auditkit.registry.log import Entry, Log
from auditkit.registry.logkey import LogSigner
from auditkit.registry.memory import CheckpointMemory
from auditkit.registry.publishing import ensure, publish
from auditkit.registry.registry import Registry
from auditkit.registry.staging import (
    STAGING_PREFIX,
    Staged,
    decode_staged,
    stage,
    staging_key,
)
from auditkit.registry.waiting import Candidate, Refusal, Waiting
from auditkit.stores.store import Head, Store

MAX_BATCH: Final = 512
"""Entries of one append: so many blobs are read before the checkpoint is swapped."""

_ATTEMPTS: Final = 20
_PAUSE: Final = 0.05
"""Seconds by which the longest pause grows with every swap that somebody else won."""


@dataclass(frozen=True, slots=True)
class Integration:
    """What one attempt came to: the checkpoint afterwards, and the entries that it appended.

    `contended` says that somebody else was faster; nothing was appended then. `more` says that
    entries were left for another attempt.
    """

    signed: SignedCheckpoint
    entries: tuple[Entry, ...] = ()
    refused: tuple[Refusal, ...] = ()
    contended: bool = False
    more: bool = False


@dataclass(frozen=True, slots=True)
class Integrator:
    """Appends to one registry with the log's key.

    With an `origin` it appends to the log of that name only, whatever checkpoint lies there; with
    a `memory` it refuses a registry that was rolled back since this machine last saw it.
    """

    registry: Registry
    key: LogSigner
    memory: CheckpointMemory | None = None
    origin: str | None = None
    batch: int = MAX_BATCH

    def integrate(self) -> Integration:
        """Append a batch of what waits, and finish what an earlier attempt left undone.

        Raises:
            LogError: the checkpoint is not signed with this key, is older than one that was
                seen before, or the tiles do not add up to it. Nothing is appended then.
            SigningError: what holds the key did not sign.
            StoreError: the store refused or cannot be reached; what was acknowledged waits on.
        """
        head, signed = self.registry.head()
        authenticate(signed, [self.key.trusted(self.origin or signed.checkpoint.origin)])
        log = Log(self._store, signed)
        if self.memory is not None:
            self.memory.check(log)
        waiting = Waiting(self.registry, log)
        ids = list(self.registry.pending())
        self._finish(log, frozenset(ids))
        batch = waiting.batch(ids, self.batch)
        result = Integration(signed, (), batch.refused, more=batch.more)
        if batch.candidates:
            result = self._append(head, waiting, batch.candidates, result)
        if self.memory is not None:
            self.memory.remember(result.signed)
        return result

    def integrate_all(self, wanted: Collection[str] = ()) -> tuple[Integration, ...]:
        """Integrate until nothing is left, or all that is `wanted` was appended here.

        Where others integrate at the same time it waits for a moment and tries again, so that it
        ends even if it never wins; what was not appended waits on. Raises as `integrate`.
        """
        rounds: list[Integration] = []
        missing = set(wanted)
        lost = 0
        while lost < _ATTEMPTS:
            rounds.append(self.integrate())
            missing -= {each.record.id for each in rounds[-1].entries}
            if not rounds[-1].more or (wanted and not missing):
                break
            if rounds[-1].contended:
                lost += 1
                time.sleep(random.uniform(0, _PAUSE * lost))  # noqa: S311
        return tuple(rounds)

    def clean(self) -> None:
        """Remove appends that were staged and can no longer win; one that still can is larger.

        Raises:
            StoreError: the store refused.
        """
        current = self.registry.head()[1].checkpoint
        for key in list(self._store.list(STAGING_PREFIX)):
            size = key.removeprefix(STAGING_PREFIX).partition("-")[0]
            dead = not size.isdecimal() or int(size[:20]) <= current.size
            if dead and key != staging_key(current):
                self._store.remove(key)

    @property
    def _store(self) -> Store:
        return self.registry.store

    def _finish(self, log: Log, waiting: frozenset[str]) -> None:
        """Publish the last append if that was not done: its entries then still wait.

        So every entry has a receipt before its append is followed by another, and what has none
        is not in the log.
        """
        staged = log.reader.staged()
        if staged is None:
            return
        records = [decode_record(data) for _, data in staged.added()]
        if not waiting.isdisjoint({name for each in records for name in (each.id, each.statement)}):
            publish(self._store, staged, log.signed)

    def _append(
        self, head: Head, waiting: Waiting, candidates: Sequence[Candidate], before: Integration
    ) -> Integration:
        log = waiting.log
        entries = [each.record.encode() for each in candidates]
        staged = stage(log.checkpoint.origin, log.reader.edge(), entries)
        signed = self.key.sign(staged.checkpoint)
        ensure(self._store, staged.key, staged.encode(), good=lambda data: _is(data, staged))
        if not self._store.swap_head(CHECKPOINT_KEY, signed.encode(), head):
            return replace(before, contended=True, more=True)
        added = publish(self._store, staged, signed)
        waiting.settle(each.waits_as for each in candidates)
        if log.checkpoint.size:
            self._store.remove(staging_key(log.checkpoint))
        return replace(before, signed=signed, entries=added)


def _is(data: bytes, staged: Staged) -> bool:
    """Return whether what is staged holds all of this append; it may have begun earlier."""
    try:
        return decode_staged(data, staged.checkpoint).base <= staged.base
    except LogError:
        return False
