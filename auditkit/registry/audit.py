"""Reading a whole log again: every tile, every entry, and with them every fault.

Entries and tiles say the same thing twice. Where they differ, the tile above tells which of the
two was changed; at the top it is the checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from auditkit.errors import LogError, StoreError, StoreUnavailableError
from auditkit.execution.executor import ThreadExecutor
from auditkit.merkle import leaf_hash
from auditkit.registry.entries import EntryRecord, decode_record
from auditkit.registry.frontier import Frontier, Tiles
from auditkit.registry.log import Entry, Log
from auditkit.registry.survey import Survey
from auditkit.registry.tiles import TILE_WIDTH, Tile, complete_root

_READERS: Final = 8

Hashes = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was: an entry or a tile, and what is wrong with it."""

    subject: str
    detail: str


@dataclass(slots=True)
class Audit:
    """What came of reading a log: all faults, and where everything is.

    Iterating over `entries` does the reading. Memory grows by the sixteen bytes that `survey` keeps
    of each entry, and by nothing else.
    """

    log: Log
    faults: list[Fault] = field(default_factory=list)
    survey: Survey = field(default_factory=Survey)

    def entries(self) -> Iterator[Entry]:
        """Yield every entry that can be read, changed or not; afterwards `faults` is complete.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        size = self.log.checkpoint.size
        frontier = Frontier()
        numbers = range(-(-size // TILE_WIDTH))
        bundles = ThreadExecutor(_READERS).map(self._read, numbers)
        for number, (entries, hashes, faults) in zip(numbers, bundles, strict=True):
            self.faults += faults
            leaves = self._leaves(number, entries, hashes, frontier)
            if leaves is None:
                self._fault("tree", f"cannot be checked from entry {number * TILE_WIDTH} on")
                return
            self._compare(frontier.append(leaves))
            for index, data in enumerate(entries or (), number * TILE_WIDTH):
                record = self._record(index, data)
                if record is not None:
                    yield Entry(index, record)
        self._compare(frontier.partial())
        if frontier.root() != self.log.checkpoint.root and not self.faults:
            self._fault("tree", "tiles and entries agree, and do not add up to the checkpoint")

    def _read(self, number: int) -> tuple[Hashes | None, Hashes | None, list[Fault]]:
        """Return the entries of a bundle, the hashes of its tile, and why one is absent."""
        faults: list[Fault] = []
        found: list[Hashes | None] = []
        reader = self.log.reader
        for read in (reader.entries, lambda number: reader.hashes(0, number)):
            try:
                found.append(read(number))
            except StoreUnavailableError:
                raise
            except (LogError, StoreError) as error:
                faults.append(Fault(error.path or "tile", error.message))
                found.append(None)
        return found[0], found[1], faults

    def _leaves(
        self, number: int, entries: Hashes | None, hashes: Hashes | None, before: Frontier
    ) -> Hashes | None:
        """Return the leaf hashes that the tree was made of, and list what was changed since."""
        own = None if entries is None else tuple(leaf_hash(each) for each in entries)
        if own is None or hashes is None or own == hashes:
            return own or hashes
        if self._are_original(number, own, before):
            self._fault(Tile(0, number, len(own)).path, "the tile was changed")
            return own
        known = self._are_original(number, hashes, before)
        detail = "the entry was changed" if known else "entry and tile differ"
        for at, (left, right) in enumerate(zip(own, hashes, strict=True), number * TILE_WIDTH):
            if left != right:
                self._fault(f"entry {at}", detail)
        return hashes

    def _are_original(self, number: int, leaves: Hashes, before: Frontier) -> bool:
        """Return whether the tile above, or at the right edge the checkpoint, has these leaves."""
        size = self.log.checkpoint.size
        if before.size + len(leaves) == size:
            whole = Frontier(before.size, [list(level) for level in before.levels])
            whole.append(leaves)
            return whole.root() == self.log.checkpoint.root
        try:
            above = self.log.reader.hashes(1, number // TILE_WIDTH)[number % TILE_WIDTH]
        except StoreUnavailableError:
            raise
        except (LogError, StoreError):
            return False
        return complete_root(leaves) == above

    def _compare(self, computed: Tiles) -> None:
        """Hold the stored tiles above the leaves against those that follow from the leaves."""
        for tile, hashes in computed.items():
            if not tile.level:
                continue
            try:
                if self.log.reader.hashes(tile.level, tile.index) != hashes:
                    self._fault(tile.path, "the tile does not follow from the tiles below it")
            except StoreUnavailableError:
                raise
            except (LogError, StoreError) as error:
                self._fault(error.path or tile.path, error.message)

    def _record(self, index: int, data: bytes) -> EntryRecord | None:
        try:
            record = decode_record(data)
        except LogError as error:
            self._fault(f"entry {index}", error.message)
            self.survey.skip()
            return None
        self.survey.add(record)
        return record

    def _fault(self, subject: str, detail: str) -> None:
        self.faults.append(Fault(subject, detail))
