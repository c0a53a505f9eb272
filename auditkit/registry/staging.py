"""All tiles of one append in one object, written before the checkpoint that refers to them.

    staging/<size>-<root>      a line of JSON that names the tiles, then their bytes, one by one

It holds what is needed to go on appending: the full tiles that the append completed and the whole
right edge after it. Whoever reads it believes none of it before it adds up to a signed checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from auditkit.errors import LogError
from auditkit.merkle import leaf_hash
from auditkit.registry.checkpoint import Checkpoint
from auditkit.registry.frontier import Frontier, Tiles, frontier_of
from auditkit.registry.tiles import (
    TILE_WIDTH,
    Tile,
    complete_root,
    edge_tiles,
    join_entries,
    split_entries,
    split_hashes,
    tile_at,
)

STAGING_PREFIX: Final = "staging/"
MAX_STAGED_BYTES: Final = 256 * 1024 * 1024

_Number = Annotated[int, msgspec.Meta(ge=0, le=2**56)]


class _Part(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    level: Annotated[int, msgspec.Meta(ge=0, le=63)] | None
    index: _Number
    width: Annotated[int, msgspec.Meta(ge=1, le=TILE_WIDTH)]
    bytes: _Number


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    base: _Number
    tiles: tuple[_Part, ...]


_HEADER: Final = msgspec.json.Decoder(_Header)
"""Made here, by one thread: readers may come upon a first staged append several at once."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a log is appended to: the frontier of its hashes, and the last, partial bundle."""

    frontier: Frontier
    entries: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Staged:
    """One append, from a log of `base` entries to that of `checkpoint`.

    `objects` are the bytes of the tiles that it completed and of the right edge after it.
    """

    base: int
    checkpoint: Checkpoint
    objects: Mapping[Tile, bytes]

    @property
    def key(self) -> str:
        """The key of its object."""
        return staging_key(self.checkpoint)

    def made(self) -> Iterator[tuple[Tile, bytes]]:
        """Yield the tiles that this append made, with their bytes; the others were there."""
        old = {*edge_tiles(self.base), tile_at(None, self.base // TILE_WIDTH, self.base)}
        return ((tile, data) for tile, data in self.objects.items() if tile not in old)

    def added(self) -> Iterator[tuple[int, bytes]]:
        """Yield the entries that this append added, with their numbers."""
        bundles = sorted((tile for tile in self.objects if tile.level is None), key=_index)
        for tile in bundles:
            entries = split_entries(self.objects[tile], tile)
            for index, entry in enumerate(entries, tile.index * TILE_WIDTH):
                if index >= self.base:
                    yield index, entry

    def edge(self) -> Edge:
        """Return the right edge at the checkpoint."""
        size = self.checkpoint.size
        hashes = {tile: split_hashes(self.objects[tile], tile) for tile in edge_tiles(size)}
        last = tile_at(None, size // TILE_WIDTH, size)
        entries = split_entries(self.objects[last], last) if last else ()
        return Edge(frontier_of(size, hashes), entries)

    def encode(self) -> bytes:
        """Return the bytes of its object."""
        parts = (
            _Part(tile.level, tile.index, tile.width, len(data))
            for tile, data in self.objects.items()
        )
        header = msgspec.json.encode(_Header(self.base, tuple(parts)))
        return b"".join((header, b"\n", *self.objects.values()))


def staging_key(checkpoint: Checkpoint) -> str:
    """Return the key under which the append that led to this checkpoint is staged."""
    return f"{STAGING_PREFIX}{checkpoint.size}-{checkpoint.root.hex()}"


def stage(origin: str, edge: Edge, entries: Sequence[bytes]) -> Staged:
    """Return the append of `entries` to the log with this right edge.

    `edge` is spent: its frontier has grown.
    """
    base = edge.frontier.size
    hashes = edge.frontier.append([leaf_hash(entry) for entry in entries])
    hashes |= edge.frontier.partial()
    objects = {tile: b"".join(own) for tile, own in hashes.items()}
    first = base // TILE_WIDTH
    pending = (*edge.entries, *entries)
    for start in range(0, len(pending), TILE_WIDTH):
        own = pending[start : start + TILE_WIDTH]
        objects[Tile(None, first + start // TILE_WIDTH, len(own))] = join_entries(own)
    checkpoint = Checkpoint(origin, edge.frontier.size, edge.frontier.root())
    return Staged(base, checkpoint, objects)


def decode_staged(data: bytes, checkpoint: Checkpoint) -> Staged:
    """Return the append in `data`, once all of it adds up to `checkpoint`.

    Raises:
        LogError: it does not, or is malformed.
    """
    head, _, body = data.partition(b"\n")
    try:
        header = _HEADER.decode(head)
    except (msgspec.DecodeError, RecursionError) as error:
        raise LogError(f"not a staged append ({error})") from error
    objects: dict[Tile, bytes] = {}
    position = 0
    for part in header.tiles:
        tile = Tile(part.level, part.index, part.width)
        objects[tile] = body[position : position + part.bytes]
        position += part.bytes
    if position != len(body) or len(objects) != len(header.tiles):
        raise LogError("a staged append of another length than it says")
    staged = Staged(header.base, checkpoint, objects)
    _check(staged)
    return staged


def _check(staged: Staged) -> None:
    """Raise LogError unless every tile is one of the checkpoint's tree."""
    size = staged.checkpoint.size
    if any(tile_at(each.level, each.index, size) != each for each in staged.objects):
        raise LogError("a staged append with a tile of another tree")
    hashes: Tiles = {
        tile: split_hashes(data, tile)
        for tile, data in staged.objects.items()
        if tile.level is not None
    }
    last = tile_at(None, size // TILE_WIDTH, size)
    if any(tile not in hashes for tile in edge_tiles(size)) or (
        last is not None and last not in staged.objects
    ):
        raise LogError("a staged append without the whole right edge")
    if frontier_of(size, hashes).root() != staged.checkpoint.root:
        raise LogError("a staged append that does not add up to its checkpoint")
    for tile, own in hashes.items():
        if tile.is_full and complete_root(own) != _parent(tile, hashes, size):
            raise LogError("a staged tile is not the one of the checkpoint", path=tile.path)
    for tile, data in staged.objects.items():
        if tile.level is None:
            leaves = tuple(leaf_hash(entry) for entry in split_entries(data, tile))
            if leaves != hashes.get(Tile(0, tile.index, tile.width)):
                raise LogError("a staged entry is not the one of the checkpoint", path=tile.path)


def _parent(tile: Tile, hashes: Tiles, size: int) -> bytes | None:
    """Return the hash that stands for a full tile in the level above it, if that is staged."""
    if tile.level is None:
        return None
    above = tile_at(tile.level + 1, tile.index // TILE_WIDTH, size)
    own = hashes.get(above) if above else None
    return own[tile.index % TILE_WIDTH] if own else None


def _index(tile: Tile) -> int:
    return tile.index
