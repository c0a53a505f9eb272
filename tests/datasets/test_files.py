"""Packed lists of files hold what was put in, for a small part of the memory."""

from __future__ import annotations

import tracemalloc

import pytest
from datasets.memory_source import MemorySource
from hypothesis import given
from hypothesis import strategies as st

from auditkit.datasets.files import Entries, FileEntry, Part, Parts, Paths
from auditkit.datasets.local_files import LOCAL

DIGEST = "ab" * 32
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
SOURCES = st.sampled_from([LOCAL, MemorySource()])
SIZES = st.integers(0, 2**53)
PLACES = st.lists(st.tuples(NAMES, NAMES.filter(bool), SIZES, SOURCES))


def digests(size: int) -> st.SearchStrategy[str]:
    return st.binary(min_size=size, max_size=size).map(bytes.hex)


def entries_with(*further: st.SearchStrategy[str | None]) -> st.SearchStrategy[list[FileEntry]]:
    companion = st.binary(min_size=16, max_size=16)
    rows = st.none() | SIZES
    return st.lists(st.builds(FileEntry, NAMES, SIZES, digests(32), rows, companion, *further))


ENTRIES = st.one_of(
    entries_with(st.none(), st.none()),
    entries_with(digests(64), st.none()),
    entries_with(digests(64), digests(32)),
)


@given(PLACES, NAMES, st.sampled_from([None, "md5", "md5-dos2unix"]))
def test_parts(places, root, companion):
    parts = [Part(*place, companion) for place in places]
    packed = Parts(parts, root, companion=companion)
    assert list(packed) == [packed[i] for i in range(len(packed))] == parts
    assert packed == parts
    assert packed[1:3] == tuple(parts[1:3])
    assert packed.bytes == sum(part.size for part in parts)


@given(ENTRIES)
def test_entries(entries):
    packed = Entries.of(entries)
    assert packed == entries
    assert list(packed.iter_digests()) == [(each.path, each.sha256) for each in entries]
    assert packed.lists_the_same(Entries.of(entries))
    some = range(0, len(entries), 2)
    assert packed.only(some) == [entries[i]._replace(rows=None) for i in some]


@given(st.lists(NAMES))
def test_paths(paths):
    packed = Paths(paths)
    assert list(packed) == paths
    assert [packed[-1 - i] for i in range(len(paths))] == paths[::-1]


def test_outside_is_an_index_error():
    with pytest.raises(IndexError):
        Paths(["a"])[1]


def test_some_digests_are_an_error():
    with pytest.raises(ValueError, match="no digest"):
        Entries.of([FileEntry("a", 1, DIGEST), FileEntry("b", 1, None)])
    with pytest.raises(ValueError, match="no digest"):
        Entries.of([FileEntry("a", 1, DIGEST, blake3=DIGEST), FileEntry("b", 1, DIGEST)])


def test_only_digests_that_both_have_are_compared():
    with_both = Entries.of([FileEntry("a", 1, DIGEST, blake3=DIGEST)])
    assert with_both.lists_the_same(Entries.of([FileEntry("a", 1, DIGEST)]))
    assert not with_both.lists_the_same(Entries.of([FileEntry("a", 1, DIGEST, blake3="0" * 64)]))


def test_files_take_little_memory():
    tracemalloc.start()
    try:
        files = (Part(f"folder/{i:08}.bin", f"/data/folder/{i:08}.bin", i) for i in range(20_000))
        parts = Parts(files, "/data")
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(parts) == 20_000
    assert taken / len(parts) < 60
