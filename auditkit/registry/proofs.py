"""Inclusion and consistency proofs (RFC 6962, section 2.1; verified as RFC 9162, section 2.1).

A proof is a list of roots of leaf ranges. Which ranges these are follows from sizes alone; whoever
has the tree looks them up.
"""

from __future__ import annotations

from collections.abc import Sequence

from auditkit.errors import LogError
from auditkit.merkle import EMPTY_ROOT, node_hash

Range = tuple[int, int]
"""Leaves from the first number up to, not including, the second."""


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return the ranges whose roots prove that leaf `index` is in a tree of `size` leaves.

    The leaf's sibling comes first (RFC 6962, section 2.1.1). Raises ValueError for a leaf
    outside the tree.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} of a tree of {size}")
    ranges: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """Return the ranges whose roots prove that a tree of `new` leaves extends one of `old`.

    RFC 6962, section 2.1.2; empty where nothing needs proof. Raises ValueError unless
    0 <= old <= new.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves does not extend one of {old}")
    if old in {0, new}:
        return []
    ranges: list[Range] = []
    start, end = 0, new
    while end != old:
        middle = start + split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    return ranges[::-1]


def complete_ranges(start: int, end: int) -> list[Range]:
    """Return the complete subtrees that make up a range whose start is aligned, largest first."""
    ranges: list[Range] = []
    while start < end:
        width = 1 << ((end - start).bit_length() - 1)
        ranges.append((start, start + width))
        start += width
    return ranges


def split(count: int) -> int:
    """Return the largest power of two below `count`, which is at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def root_by_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root of the tree of `size` leaves in which `proof` puts this leaf hash.

    RFC 9162, section 2.1.3.2. Raises LogError if no tree has such a proof.
    """
    if not 0 <= index < size or len(proof) != len(inclusion_ranges(index, size)):
        raise LogError(f"not a proof for entry {index} of a log of {size}")
    node, last = leaf, size - 1
    for sibling in proof:
        if index & 1 or index == last:
            node = node_hash(sibling, node)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        index, last = index >> 1, last >> 1
    return node


def check_consistency(
    old: tuple[int, bytes], new: tuple[int, bytes], proof: Sequence[bytes]
) -> None:
    """Raise LogError unless `proof` shows that the tree `new` extends `old`: (size, root) each.

    RFC 9162, section 2.1.4.2, with the two cases that need no proof: equal trees, and the empty
    one, which every tree extends.
    """
    (old_size, old_root), (new_size, new_root) = old, new
    if not 0 <= old_size <= new_size:
        raise LogError(f"the log has {new_size} entries, fewer than the {old_size} it had")
    if len(proof) != len(consistency_ranges(old_size, new_size)):
        raise LogError(f"not a proof from {old_size} to {new_size} entries")
    if old_size == 0:
        found = (EMPTY_ROOT, new_root)
    elif old_size == new_size:
        found = (new_root, new_root)
    else:
        found = _roots(old_size, old_root, new_size, proof)
    if found != (old_root, new_root):
        raise LogError(
            f"the log of {new_size} entries does not extend the one of {old_size}: what was "
            "recorded by then was changed or dropped"
        )


def _roots(
    old_size: int, old_root: bytes, new_size: int, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Return the two roots that a consistency proof leads to."""
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    index, last = old_size - 1, new_size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    old = new = path[0]
    for node in path[1:]:
        if index & 1 or index == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            new = node_hash(new, node)
        index, last = index >> 1, last >> 1
    return old, new
