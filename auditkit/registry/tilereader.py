"""Reading the tiles of one checkpoint's tree, from where they are or where they were staged."""

from __future__ import annotations

from typing import Final

from auditkit.errors import LogError, ObjectNotFoundError
from auditkit.merkle import EMPTY_ROOT, leaf_hash, node_hash
from auditkit.registry.checkpoint import Checkpoint
from auditkit.registry.frontier import frontier_of
from auditkit.registry.proofs import Range, complete_ranges
from auditkit.registry.staging import (
    MAX_STAGED_BYTES,
    Edge,
    Staged,
    decode_staged,
    staging_key,
)
from auditkit.registry.tiles import (
    MAX_BUNDLE_TILE_BYTES,
    TILE_WIDTH,
    Tile,
    complete_root,
    edge_tiles,
    split_entries,
    split_hashes,
    tile_at,
)
from auditkit.stores.store import Store

_KEPT: Final = 64
"""Tiles of hashes that are held at a time; a proof needs a few."""


class TileReader:
    """The tiles of the tree at `checkpoint`. What they hold is not held against its root here.

    Several threads may read at once.
    A tile that its append did not come to publish is read from where it was staged.
    """

    def __init__(
        self, store: Store, checkpoint: Checkpoint, *, staged: Staged | None = None
    ) -> None:
        self.store = store
        self.checkpoint = checkpoint
        self._tiles: dict[Tile, tuple[bytes, ...]] = {}
        self._staged = staged

    def hashes(self, level: int, index: int) -> tuple[bytes, ...]:
        """Return the hashes of the tile at this place; raises LogError, StoreError."""
        tile = self._tile(level, index)
        known = self._tiles.get(tile)
        if known is None:
            found, data = self._read(tile)
            known = split_hashes(data, found)[: tile.width]
            if len(self._tiles) >= _KEPT:
                self._tiles.clear()
            self._tiles[tile] = known
        return known

    def entries(self, index: int) -> tuple[bytes, ...]:
        """Return the entries of the bundle at this place; raises LogError, StoreError."""
        tile = self._tile(None, index)
        found, data = self._read(tile)
        return split_entries(data, found)[: tile.width]

    def root_of(self, leaves: Range) -> bytes:
        """Return the root over a range of leaves as proofs have them, by the tiles."""
        node: bytes | None = None
        for start, end in reversed(complete_ranges(*leaves)):
            subtree = self._complete(start, end)
            node = subtree if node is None else node_hash(subtree, node)
        return EMPTY_ROOT if node is None else node

    def edge(self) -> Edge:
        """Return the right edge, once it adds up to the checkpoint.

        Raises:
            LogError: it does not, or a tile of it is missing or malformed.
        """
        size = self.checkpoint.size
        hashes = {tile: self.hashes(tile.level or 0, tile.index) for tile in edge_tiles(size)}
        frontier = frontier_of(size, hashes)
        if frontier.root() != self.checkpoint.root:
            raise LogError("the tiles on the right edge do not add up to the checkpoint's root")
        if size % TILE_WIDTH == 0:
            return Edge(frontier)
        entries = self.entries(size // TILE_WIDTH)
        if [leaf_hash(entry) for entry in entries] != frontier.levels[0]:
            raise LogError("the last entries are not those of the tree")
        return Edge(frontier, entries)

    def staged(self) -> Staged | None:
        """Return the append that led to the checkpoint, if it is still there and adds up to it."""
        if self._staged is None:
            try:
                data = self.store.get(staging_key(self.checkpoint), limit=MAX_STAGED_BYTES)
                self._staged = decode_staged(data, self.checkpoint)
            except (ObjectNotFoundError, LogError):
                return None
        return self._staged

    def _tile(self, level: int | None, index: int) -> Tile:
        tile = tile_at(level, index, self.checkpoint.size)
        if tile is None:
            raise ValueError(f"no tile {index} at level {level}")
        return tile

    def _read(self, tile: Tile) -> tuple[Tile, bytes]:
        """Return a tile's bytes, or those of the full tile that it became since."""
        if self._staged is not None and tile in self._staged.objects:
            return tile, self._staged.objects[tile]
        for each in dict.fromkeys((tile, tile.full)):
            try:
                return each, self.store.get(each.path, limit=MAX_BUNDLE_TILE_BYTES)
            except ObjectNotFoundError:
                continue
        staged = self.staged()
        if staged is None or tile not in staged.objects:
            raise LogError("is missing", path=tile.path)
        return tile, staged.objects[tile]

    def _complete(self, start: int, end: int) -> bytes:
        """Return the root of a complete subtree, whose width is a power of two."""
        level = ((end - start).bit_length() - 1) // 8
        first, count = start >> 8 * level, (end - start) >> 8 * level
        tile = self.hashes(level, first // TILE_WIDTH)
        own = tile[first % TILE_WIDTH : first % TILE_WIDTH + count]
        if len(own) != count:
            raise ValueError(f"leaves {start} to {end} are not in the tree")
        return complete_root(own)
