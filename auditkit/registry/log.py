"""A log as it is read: at one checkpoint, to which everything read has to add up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from auditkit.errors import LogError
from auditkit.execution.executor import ThreadExecutor
from auditkit.merkle import leaf_hash
from auditkit.registry.checkpoint import Checkpoint, SignedCheckpoint
from auditkit.registry.entries import EntryRecord, decode_record
from auditkit.registry.frontier import Frontier
from auditkit.registry.proofs import check_consistency, consistency_ranges, inclusion_ranges
from auditkit.registry.receipt import Receipt
from auditkit.registry.tilereader import TileReader
from auditkit.registry.tiles import TILE_WIDTH
from auditkit.stores.store import Store

_READERS: Final = 8
"""Bundles that are read at once: a bucket answers in tens of milliseconds."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a log: its number, from 0, and its record."""

    index: int
    record: EntryRecord


class Log:
    """The tree at one signed checkpoint, whose signatures are for the caller to check."""

    def __init__(self, store: Store, signed: SignedCheckpoint) -> None:
        self.store = store
        self.signed = signed
        self.reader = TileReader(store, signed.checkpoint)

    @property
    def checkpoint(self) -> Checkpoint:
        """Origin, size and root of this tree."""
        return self.signed.checkpoint

    def receipt(self, index: int) -> Receipt:
        """Return the receipt of the entry with this number.

        Raises:
            LogError: the tiles do not lead from the entry to the checkpoint's root; or a tile
                is missing or malformed.
            StoreError: the store refused.
        """
        entry = self.reader.entries(index // TILE_WIDTH)[index % TILE_WIDTH]
        ranges = inclusion_ranges(index, self.checkpoint.size)
        proof = tuple(self.reader.root_of(each) for each in ranges)
        receipt = Receipt(entry, index, proof, self.signed)
        receipt.verified()
        return receipt

    def entry(self, index: int) -> Entry:
        """Return the entry with this number, proven to be in the tree; raises as `receipt`."""
        return Entry(index, self.receipt(index).verified())

    def check_extends(self, old: Checkpoint) -> tuple[bytes, ...]:
        """Return the proof that this tree extends that of an earlier checkpoint.

        Raises:
            LogError: it does not: it is of another log, smaller, or what was in it was changed
                or dropped; or the tiles do not add up to this tree.
            StoreError: the store refused.
        """
        new = self.checkpoint
        if old.origin != new.origin:
            raise LogError(f"a checkpoint of the log {old.origin!r}, not of {new.origin!r}")
        proof: tuple[bytes, ...] = ()
        if old.size <= new.size:
            ranges = consistency_ranges(old.size, new.size)
            proof = tuple(self.reader.root_of(each) for each in ranges)
        check_consistency((old.size, old.root), (new.size, new.root), proof)
        return proof

    def entries(self, since: Checkpoint | None = None) -> Iterator[Entry]:
        """Yield all entries, or those after the checkpoint `since`, in the order of the log.

        That they are those of this tree is known once the last one was yielded: until then
        nothing may be concluded from them. Memory does not grow with the log.

        Raises:
            LogError: a record is malformed; or, at the end, the entries do not add up to this
                checkpoint, or do not continue the earlier one.
            StoreError: the store refused.
        """
        frontier = Frontier()
        if since is not None:
            self.check_extends(since)
            frontier = TileReader(self.store, since).edge().frontier
        start = frontier.size
        numbers = range(start // TILE_WIDTH, -(-self.checkpoint.size // TILE_WIDTH))
        bundles = ThreadExecutor(_READERS).map(self.reader.entries, numbers)
        for number, bundle in zip(numbers, bundles, strict=True):
            first = max(start, number * TILE_WIDTH)
            own = bundle[first % TILE_WIDTH :]
            frontier.append([leaf_hash(data) for data in own])
            for index, data in enumerate(own, first):
                yield Entry(index, _record(index, data))
        if frontier.root() != self.checkpoint.root:
            raise LogError("the entries do not add up to the checkpoint's root")


def _record(index: int, data: bytes) -> EntryRecord:
    try:
        return decode_record(data)
    except LogError as error:
        raise LogError(f"entry {index}: {error.message}") from error
