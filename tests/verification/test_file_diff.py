"""The difference of two lists of files, held against sets."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from auditkit.datasets.base import Entries, FileEntry
from auditkit.datasets.inventory import Inventory
from auditkit.verification.file_diff import diff_files

PATHS = st.sampled_from(["a", "a-b", "a/b", "a/c", "a.b", "\uffee", "\U0001f600", "b", "ä"])
FILES = st.dictionaries(PATHS, st.tuples(st.integers(0, 2), st.sampled_from(["x", "y"])))


def listed(files: dict[str, tuple[int, str]], *, hashed: bool = True) -> Entries:
    return Entries.of(
        FileEntry(path, size, hashlib.sha256(text.encode()).hexdigest() if hashed else None)
        for path, (size, text) in sorted(files.items(), key=lambda item: item[0].encode())
    )


@given(before=FILES, after=FILES, unreadable=st.frozensets(PATHS))
def test_difference_is_that_of_sets(before, after, unreadable):
    after = {path: file for path, file in after.items() if path not in unreadable}
    diff = diff_files(Inventory(listed(before)), listed(after), unreadable=unreadable, single=False)
    assert {entry.path for entry in diff.missing} == before.keys() - after.keys() - unreadable
    assert {entry.path for entry in diff.extra} == after.keys() - before.keys()
    assert {recorded.path for recorded, _ in diff.altered} == {
        path for path in before.keys() & after.keys() if before[path] != after[path]
    }
    for old, new in diff.renamed.items():
        assert before[old][1] == after[new][1]


@given(before=FILES, after=FILES)
def test_without_digests_sizes_are_compared(before, after):
    found = listed(after, hashed=False)
    diff = diff_files(Inventory(listed(before)), found, unreadable=frozenset(), single=False)
    assert {recorded.path for recorded, _ in diff.altered} == {
        path for path in before.keys() & after.keys() if before[path][0] != after[path][0]
    }


def test_only_the_content_of_a_single_file_counts():
    recorded = Inventory(listed({"a": (1, "x")}))
    same = diff_files(recorded, listed({"b": (1, "x")}), unreadable=frozenset(), single=True)
    assert not same
    other = diff_files(recorded, listed({"b": (1, "y")}), unreadable=frozenset(), single=True)
    assert len(other.altered) == 1
    unread = diff_files(recorded, listed({}), unreadable=frozenset({"b"}), single=True)
    assert not unread
    gone = diff_files(recorded, listed({}), unreadable=frozenset(), single=True)
    assert [entry.path for entry in gone.missing] == ["a"]
