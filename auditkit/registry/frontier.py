"""The right edge of a growing tree: all that is needed to append to it and to know its root."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from auditkit.merkle import EMPTY_ROOT, node_hash
from auditkit.registry.tiles import TILE_WIDTH, Tile, complete_root

Tiles = dict[Tile, tuple[bytes, ...]]


@dataclass(slots=True)
class Frontier:
    """The hashes of the partial tile of each level, level 0 first; `size` counts leaves."""

    size: int = 0
    levels: list[list[bytes]] = field(default_factory=list)

    def append(self, leaves: Sequence[bytes]) -> Tiles:
        """Add leaf hashes; return the tiles that became full, with their hashes."""
        full: Tiles = {}
        level, count = 0, self.size
        self.size += len(leaves)
        carried = list(leaves)
        while carried:
            if level == len(self.levels):
                self.levels.append([])
            hashes = self.levels[level] + carried
            index = count // TILE_WIDTH
            carried = []
            while len(hashes) >= TILE_WIDTH:
                tile, hashes = tuple(hashes[:TILE_WIDTH]), hashes[TILE_WIDTH:]
                full[Tile(level, index + len(carried))] = tile
                carried.append(complete_root(tile))
            self.levels[level] = hashes
            level, count = level + 1, index
        return full

    def partial(self) -> Tiles:
        """Return the partial tiles with their hashes."""
        tiles: Tiles = {}
        count = self.size
        for level, hashes in enumerate(self.levels):
            count //= TILE_WIDTH
            if hashes:
                tiles[Tile(level, count, len(hashes))] = tuple(hashes)
        return tiles

    def root(self) -> bytes:
        """Return the 32-byte root over all leaves so far."""
        subtrees = self.subtrees()
        if not subtrees:
            return EMPTY_ROOT
        node = subtrees[-1]
        for left in reversed(subtrees[:-1]):
            node = node_hash(left, node)
        return node

    def subtrees(self) -> list[bytes]:
        """Return the roots of the complete subtrees that the tree consists of, largest first."""
        found: list[bytes] = []
        for hashes in reversed(self.levels):
            start = 0
            for bit in reversed(range(len(hashes).bit_length())):
                width = len(hashes) & (1 << bit)
                if width:
                    found.append(complete_root(hashes[start : start + width]))
                    start += width
        return found


def frontier_of(size: int, tiles: Tiles) -> Frontier:
    """Return the frontier that the partial tiles of a tree of `size` leaves make up.

    `tiles` holds at least all of `edge_tiles(size)`; whether they belong to a checkpoint is for
    the caller to see, by the root.
    """
    by_level = {tile.level: list(hashes) for tile, hashes in tiles.items() if not tile.is_full}
    levels = max((level for level in by_level if level is not None), default=-1) + 1
    return Frontier(size, [by_level.get(level, []) for level in range(levels)])
