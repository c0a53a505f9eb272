"""The last checkpoint of each log that somebody has seen: against it no log can be rolled back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from auditkit.digests import sha256_hex
from auditkit.errors import LogError, StoreError
from auditkit.registry.checkpoint import Checkpoint, SignedCheckpoint, decode_checkpoint
from auditkit.registry.log import Log
from auditkit.stores.directory import DirectoryStore
from auditkit.stores.store import Head


@dataclass(frozen=True, slots=True)
class CheckpointMemory:
    """Checkpoints in a folder of the user's own, which is made once there is one to remember.

    Safe for several processes at once.
    """

    folder: Path

    def recall(self, origin: str) -> SignedCheckpoint | None:
        """Return the last checkpoint seen of a log, None if none was.

        Raises:
            LogError: what is remembered is damaged.
            StoreError: the operating system refused.
        """
        return self._read(origin)[1] if self.folder.is_dir() else None

    def check(self, log: Log) -> SignedCheckpoint | None:
        """Return the last checkpoint seen of this log, once the log extends it; None if none was.

        Raises:
            LogError: the log is smaller than it was, or what was in it was changed or dropped.
            StoreError: the operating system or the log's store refused.
        """
        seen = self.recall(log.checkpoint.origin)
        if seen is not None:
            log.check_extends(seen.checkpoint)
        return seen

    def advance(self, log: Log) -> SignedCheckpoint | None:
        """Replace the last checkpoint of a log by its present one, once that extends it.

        What is replaced is what it was held against, however many do this at once: of two that do
        not extend each other one is refused (C2SP tlog-witness).

        Returns:
            The checkpoint that was remembered before, None if none was.

        Raises:
            LogError: the log is smaller than it was, or what was in it was changed or dropped.
            StoreError: the operating system or the log's store refused.
        """
        self._make()
        while True:
            head, seen = self._read(log.checkpoint.origin)
            if seen is not None:
                log.check_extends(seen.checkpoint)
                if seen.checkpoint == log.checkpoint:
                    return seen
            if self._store.swap_head(_key(log.checkpoint.origin), log.signed.encode(), head):
                return seen

    def remember(self, signed: SignedCheckpoint) -> None:
        """Keep a checkpoint that is known to extend the last one, unless a larger one is kept.

        Raises:
            LogError: another root was seen for a log of this size, or what is remembered is
                damaged.
            StoreError: the operating system refused.
        """
        self._make()
        while True:
            head, seen = self._read(signed.checkpoint.origin)
            if seen is not None and not _is_news(signed.checkpoint, seen.checkpoint):
                return
            key = _key(signed.checkpoint.origin)
            if self._store.swap_head(key, signed.encode(), head):
                return

    def _make(self) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the folder cannot be made ({error.strerror})", path=str(self.folder)
            ) from error

    @property
    def _store(self) -> DirectoryStore:
        return DirectoryStore(self.folder)

    def _read(self, origin: str) -> tuple[Head | None, SignedCheckpoint | None]:
        head = self._store.read_head(_key(origin))
        if head is None:
            return None, None
        try:
            return head, _decode(head.content, origin)
        except LogError as error:
            raise LogError(
                f"the checkpoint that was remembered is damaged: {error.message}",
                hint="Replace it with one that you kept elsewhere, such as a report's.",
                path=str(self.folder / _key(origin)),
            ) from error


def _decode(data: bytes, origin: str) -> SignedCheckpoint:
    signed = decode_checkpoint(data)
    if signed.checkpoint.origin != origin:
        raise LogError(f"it is of the log {signed.checkpoint.origin!r}")
    return signed


def _is_news(new: Checkpoint, seen: Checkpoint) -> bool:
    if new.size == seen.size and new.root != seen.root:
        raise LogError(f"two checkpoints of the log {new.origin!r} of {new.size} entries differ")
    return new.size > seen.size


def _key(origin: str) -> str:
    return f"{sha256_hex(origin.encode())[:32]}.checkpoint"
