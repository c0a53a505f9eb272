"""Tiles: how a log's hashes and entries are cut into objects (C2SP tlog-tiles).

A tile holds up to 256 consecutive hashes of one level of the tree of RFC 6962; each hash of level
L + 1 is the root of a full tile of level L. The entries themselves lie in bundles of up to 256.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from auditkit.errors import LogError
from auditkit.merkle import node_hash

TILE_WIDTH: Final = 256
HASH_BYTES: Final = 32
MAX_ENTRY_BYTES: Final = 4096
"""Ours have 300. The format has room for 65,535: the length is a big-endian uint16."""

MAX_BUNDLE_TILE_BYTES: Final = TILE_WIDTH * (MAX_ENTRY_BYTES + 2)
MAX_TREE_SIZE: Final = 2**56
"""A tree of this size needs tiles of levels 0 to 6; no log comes near."""

_TILE_BITS: Final = 8


@dataclass(frozen=True, slots=True)
class Tile:
    """The name of one tile: `level` is None for a bundle of entries; `width` is 1 to 256."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """The key of its object: `tile/<L>/<N>[.p/<W>]`."""
        level = "entries" if self.level is None else str(self.level)
        suffix = "" if self.is_full else f".p/{self.width}"
        return f"tile/{level}/{_number(self.index)}{suffix}"

    @property
    def is_full(self) -> bool:
        """Whether it will never grow."""
        return self.width == TILE_WIDTH

    @property
    def full(self) -> Tile:
        """The same tile, once it is full."""
        return Tile(self.level, self.index)


def tile_at(level: int | None, index: int, size: int) -> Tile | None:
    """Return the tile with this place as it is in a tree of `size` leaves; None if it is empty."""
    hashes = size >> (_TILE_BITS * (level or 0))
    width = min(hashes - index * TILE_WIDTH, TILE_WIDTH)
    return Tile(level, index, width) if width > 0 else None


def edge_tiles(size: int) -> Iterator[Tile]:
    """Yield the partial tiles of a tree of `size` leaves, from level 0 upwards."""
    level = 0
    while size:
        size, width = divmod(size, TILE_WIDTH)
        if width:
            yield Tile(level, size, width)
        level += 1


def split_hashes(data: bytes, tile: Tile) -> tuple[bytes, ...]:
    """Return the hashes in a tile's object; raises LogError unless it holds exactly its width."""
    if len(data) != tile.width * HASH_BYTES:
        raise LogError(f"has {len(data)} bytes, expected {tile.width * HASH_BYTES}", path=tile.path)
    return tuple(data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES))


def join_entries(entries: Sequence[bytes]) -> bytes:
    """Return the bundle of these entries; raises ValueError for one that is too long."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise ValueError(f"an entry of {len(entry)} bytes")
        parts += (len(entry).to_bytes(2), entry)
    return b"".join(parts)


def split_entries(data: bytes, tile: Tile) -> tuple[bytes, ...]:
    """Return the entries in a bundle; raises LogError unless they are exactly its width."""
    entries: list[bytes] = []
    position = 0
    while position + 2 <= len(data):
        start = position + 2
        position = start + int.from_bytes(data[position:start])
        entries.append(data[start:position])
    if position != len(data) or len(entries) != tile.width:
        raise LogError(f"is not a bundle of {tile.width} entries", path=tile.path)
    return tuple(entries)


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over a power of two of sibling hashes (RFC 6962, section 2.1)."""
    while len(hashes) > 1:
        pairs = iter(hashes)
        hashes = [node_hash(left, right) for left, right in zip(pairs, pairs, strict=True)]
    return hashes[0]


def _number(index: int) -> str:
    """Return an index in groups of three digits, all but the last of which begin with `x`."""
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03}")
    return "/".join(reversed(groups))
