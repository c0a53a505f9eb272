"""Inclusion and consistency proofs: every one of small trees, and every false one refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tlog_scales.tlog import ConsistencyProof, InclusionProof

from auditkit.errors import LogError
from auditkit.merkle import EMPTY_ROOT, leaf_hash, tree_hash
from auditkit.registry.proofs import (
    check_consistency,
    consistency_ranges,
    inclusion_ranges,
    root_by_inclusion,
)

LEAVES = [leaf_hash(str(number).encode()) for number in range(70)]


def root(size: int) -> bytes:
    return tree_hash(LEAVES[:size])


def proof(ranges: list[tuple[int, int]]) -> list[bytes]:
    return [tree_hash(LEAVES[start:end]) for start, end in ranges]


sizes = st.integers(1, len(LEAVES))


@given(st.data())
def test_inclusion(data: st.DataObject) -> None:
    size = data.draw(sizes)
    index = data.draw(st.integers(0, size - 1))
    path = proof(inclusion_ranges(index, size))
    assert root_by_inclusion(LEAVES[index], index, size, path) == root(size)
    InclusionProof(index, size, path).check(LEAVES[index], root(size))
    other = data.draw(st.integers(0, size - 1).filter(lambda each: each != index) | st.just(size))
    try:
        found = root_by_inclusion(LEAVES[index], other, size, path)
    except LogError:
        return
    assert found != root(size)


@given(st.data())
def test_consistency(data: st.DataObject) -> None:
    new = data.draw(sizes)
    old = data.draw(st.integers(0, new))
    path = proof(consistency_ranges(old, new))
    check_consistency((old, root(old)), (new, root(new)), path)
    ConsistencyProof(old, new, path).check(root(old), root(new))
    wrong = bytes(32)
    for before, after in ((wrong, root(new)), (root(old), wrong))[: 2 if old else 1]:
        with pytest.raises(LogError):
            check_consistency((old, before), (new, after), path)
    if path:
        spot = data.draw(st.integers(0, len(path) - 1))
        with pytest.raises(LogError):
            check_consistency(
                (old, root(old)), (new, root(new)), [*path[:spot], wrong, *path[spot + 1 :]]
            )


@pytest.mark.parametrize(("old", "new"), [(3, 2), (5, 0)])
def test_a_log_does_not_shrink(old: int, new: int) -> None:
    with pytest.raises(LogError, match="fewer"):
        check_consistency((old, root(old)), (new, root(new)), [])


def test_everything_extends_the_empty_log_and_only_the_empty_one() -> None:
    check_consistency((0, EMPTY_ROOT), (5, root(5)), [])
    with pytest.raises(LogError):
        check_consistency((0, root(1)), (5, root(5)), [])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_proof_for_what_is_outside(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="of a tree"):
        inclusion_ranges(index, size)
    with pytest.raises(LogError):
        root_by_inclusion(LEAVES[0], index, size, [])


def test_a_proof_of_another_length_proves_nothing() -> None:
    path = proof(inclusion_ranges(2, 7))
    for other in (path[:-1], [*path, bytes(32)]):
        with pytest.raises(LogError, match="not a proof for entry 2"):
            root_by_inclusion(LEAVES[2], 2, 7, other)
    path = proof(consistency_ranges(3, 7))
    for other in (path[:-1], [*path, bytes(32)]):
        with pytest.raises(LogError, match="not a proof from 3 to 7"):
            check_consistency((3, root(3)), (7, root(7)), other)
