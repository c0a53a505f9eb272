"""Tiles and trees, against the specification's own numbers and other implementations."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from auditkit.errors import LogError
from auditkit.merkle import leaf_hash, tree_hash
from auditkit.registry.frontier import Frontier, frontier_of
from auditkit.registry.tiles import (
    MAX_ENTRY_BYTES,
    Tile,
    edge_tiles,
    join_entries,
    split_entries,
    split_hashes,
    tile_at,
)


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(2, 1234067), "tile/2/x001/x234/067"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(None, 67, 1), "tile/entries/067.p/1"),
        (Tile(None, 1000), "tile/entries/x001/000"),
    ],
)
def test_paths_of_the_specification(tile: Tile, path: str) -> None:
    assert tile.path == path


def test_a_tree_of_70000_is_cut_as_the_specification_says() -> None:
    frontier = Frontier()
    full = frontier.append(leaves(70_000))
    assert len([tile for tile in full if tile.level == 0]) == 273
    assert len([tile for tile in full if tile.level == 1]) == 1
    edge = [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(frontier.partial()) == list(edge_tiles(70_000)) == edge


def test_a_tree_of_256() -> None:
    frontier = Frontier()
    assert list(frontier.append(leaves(256))) == [Tile(0, 0)]
    assert list(frontier.partial()) == [Tile(1, 0, 1)]
    assert tile_at(0, 0, 256) == Tile(0, 0)
    assert tile_at(0, 1, 256) is None


@given(st.lists(st.integers(0, 700), max_size=4))
def test_however_a_tree_grows_it_is_the_same(parts: list[int]) -> None:
    total = sum(parts)
    expected = leaves(total)
    frontier, seen, start = Frontier(), {}, 0
    for count in parts:
        seen |= frontier.append(expected[start : start + count])
        start += count
        assert frontier.root() == tree_hash(expected[:start])
        again = frontier_of(start, frontier.partial())
        assert again.root() == frontier.root()
    for tile, hashes in (seen | frontier.partial()).items():
        assert tile_at(tile.level, tile.index, total) == tile
        if tile.level == 0:
            assert list(hashes) == expected[tile.index * 256 : tile.index * 256 + tile.width]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 255, 256, 257, 600])
def test_roots_are_those_of_pymerkle(size: int) -> None:
    tree = InmemoryTree(algorithm="sha256")
    for number in range(size):
        tree.append_entry(str(number).encode())
    frontier = Frontier()
    frontier.append(leaves(size))
    assert frontier.root() == tree.get_root()


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=256))
def test_bundles_come_apart_as_they_were_put_together(entries: list[bytes]) -> None:
    tile = Tile(None, 0, len(entries))
    assert list(split_entries(join_entries(entries), tile)) == entries


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x00\x02a", b"\x00\x01ab", b"\x00\x01a\x00\x01b"])
def test_a_bundle_of_another_shape_is_refused(data: bytes) -> None:
    with pytest.raises(LogError, match=r"tile/entries/000\.p/1"):
        split_entries(data, Tile(None, 0, 1))


def test_a_tile_of_another_width_is_refused() -> None:
    with pytest.raises(LogError, match="expected 64"):
        split_hashes(b"x" * 65, Tile(0, 0, 2))


def test_an_entry_that_is_too_long_is_no_entry() -> None:
    with pytest.raises(ValueError, match="4097"):
        join_entries([b"x" * (MAX_ENTRY_BYTES + 1)])


def test_the_root_of_nothing() -> None:
    assert Frontier().root() == hashlib.sha256(b"").digest()
