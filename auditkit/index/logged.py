"""A registry as a source of manifests: its log says which there are, and when there are more.

What the index holds is matched against the checkpoint that it was made at. If the log extends that
one, only what came since is read; if not, everything is. The checkpoint's signature is for the
caller to check; everything read adds up to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import msgspec

from auditkit.digests import sha256_hex
from auditkit.errors import LogError, StoreError, StoreUnavailableError
from auditkit.execution.executor import ThreadExecutor
from auditkit.execution.progress import Progress, SilentProgress
from auditkit.index.bundle import bundle_payload
from auditkit.index.source import Item, Sink
from auditkit.manifest.types import Count, Sha256
from auditkit.registry.checkpoint import Checkpoint
from auditkit.registry.entries import EntryRecord
from auditkit.registry.log import Entry, Log
from auditkit.registry.registry import Registry
from auditkit.schemes import MAX_BUNDLE_BYTES, S3_SCHEME

_READERS_OF_BUCKETS: Final = 8
"""Bundles that are read at once: a bucket answers in tens of milliseconds."""

_READERS_OF_FOLDERS: Final = 2
"""Where nothing is waited for, more threads only wait for one another."""

_KINDS: Final = ("manifest", "verification")

_AT_ONCE: Final = 32
"""Bundles that one reader fetches in a row: in a folder, handing over costs more than reading."""

_MOST_MISSING: Final = 1_000
"""Bundles that were missing and are looked for again with each question."""


class _State(msgspec.Struct, frozen=True):
    """The checkpoint that an index was made at, and entries whose bundles were not there then."""

    origin: str
    size: Count
    root: Sha256
    missing: tuple[Count, ...] = ()


@dataclass(frozen=True, slots=True)
class LogSource:
    """The manifests and verifications in a registry at the checkpoint of `log`."""

    registry: Registry
    log: Log
    progress: Progress = field(default_factory=SilentProgress)

    @property
    def identity(self) -> str:
        """The log's origin and the place where it was read."""
        return f"log {self.log.checkpoint.origin} at {self.registry.store.location}"

    def feed(self, sink: Sink, state: str | None) -> str:
        """Hand over what came since; everything again where the log does not extend that.

        Raises:
            LogError: the entries do not add up to the log's checkpoint.
            StoreError: the registry refused or cannot be reached.
        """
        known = self._extended(state)
        if known is None:
            sink.clear()
        missing = [] if known is None else self._missed_again(sink, known)
        missing += self._take_in(sink, None if known is None else _checkpoint(known))
        checkpoint = self.log.checkpoint
        done = _State(checkpoint.origin, checkpoint.size, checkpoint.root.hex(), tuple(missing))
        return msgspec.json.encode(done).decode()

    def statement(self, key: str, digest: str) -> bytes:  # noqa: ARG002
        """Return a bundle by its digest; raises AuditkitError."""
        return self.registry.blob(digest, limit=MAX_BUNDLE_BYTES)

    def sidecar(self, place: str, name: str, digest: str, limit: int) -> bytes:  # noqa: ARG002
        """Return a sidecar by its digest; raises AuditkitError."""
        return self.registry.blob(digest, limit=limit)

    @property
    def _readers(self) -> int:
        in_bucket = self.registry.store.location.startswith(S3_SCHEME)
        return _READERS_OF_BUCKETS if in_bucket else _READERS_OF_FOLDERS

    def _extended(self, state: str | None) -> _State | None:
        """Return what is known already, if this log extends it."""
        if state is None:
            return None
        try:
            known = msgspec.json.decode(state, type=_State)
            self.log.check_extends(_checkpoint(known))
        except (msgspec.DecodeError, LogError):
            return None
        return known

    def _take_in(self, sink: Sink, since: Checkpoint | None) -> list[int]:
        total = self.log.checkpoint.size - (since.size if since else 0)
        if not total:
            return []
        self.progress.start("reading the registry", total_bytes=None, total_files=total)
        missing: list[int] = []
        try:
            for batch in ThreadExecutor(self._readers).map(self._read, self._batches(since)):
                self.progress.advance(files=len(batch))
                for item, is_there in batch:
                    sink.put(item)
                    if not is_there and len(missing) < _MOST_MISSING:
                        missing.append(int(item.key))
        finally:
            self.progress.finish()
        return missing

    def _batches(self, since: Checkpoint | None) -> Iterator[list[Entry]]:
        batch: list[Entry] = []
        for entry in self.log.entries(since):
            batch.append(entry)
            if len(batch) == _AT_ONCE:
                yield batch
                batch = []
        yield batch

    def _read(self, batch: list[Entry]) -> list[tuple[Item, bool]]:
        """Return what statements say, and whether their bundles are there."""
        statements = [each for each in batch if each.record.type in _KINDS]
        bundles = [self._bundle(each.record) for each in statements]
        return [
            (_item(*each), each[1] is not None) for each in zip(statements, bundles, strict=True)
        ]

    def _bundle(self, record: EntryRecord) -> bytes | None:
        """Return an entry's bundle, None where it is not as was logged."""
        try:
            return self.registry.blob(record.blob, limit=MAX_BUNDLE_BYTES)
        except StoreUnavailableError:
            raise
        except (LogError, StoreError):
            return None

    def _missed_again(self, sink: Sink, known: _State) -> list[int]:
        """Take in bundles that were missing and are there now; return which still are."""
        still = []
        for index in (each for each in known.missing if each < known.size):
            entry = self.log.entry(index)
            bundle = self._bundle(entry.record)
            if bundle is None:
                still.append(index)
            else:
                sink.put(_item(entry, bundle))
        return still


def _item(entry: Entry, bundle: bytes | None) -> Item:
    """Return an entry's statement; one that is not what was logged cannot be understood."""
    payload = None if bundle is None else bundle_payload(bundle)
    if payload is not None and sha256_hex(payload) != entry.record.statement:
        payload = None
    return Item(
        key=str(entry.index),
        digest=entry.record.blob,
        place=f"entry {entry.index}",
        payload=payload,
        statement=entry.record.statement,
        signed=True,
        position=entry.index,
    )


def _checkpoint(state: _State) -> Checkpoint:
    return Checkpoint(state.origin, state.size, bytes.fromhex(state.root))
