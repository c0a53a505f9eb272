"""Merkle tree hashes of RFC 6962, section 2.1, over SHA-256.

Leaves and inner nodes are hashed under different prefixes, so that neither passes for the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

LEAF_PREFIX: Final = b"\x00"
NODE_PREFIX: Final = b"\x01"
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The hash of a tree without leaves (RFC 6962, section 2.1)."""


def leaf_hash(data: bytes | memoryview) -> bytes:
    """Return the 32-byte hash of one leaf's content."""
    return hashlib.sha256(LEAF_PREFIX + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of an inner node over its children's hashes."""
    return hashlib.sha256(NODE_PREFIX + left + right).digest()


class TreeHash:
    """The root over leaf hashes that arrive one by one.

    Keeps one hash for every complete subtree, so memory grows with the logarithm of the leaves.
    """

    def __init__(self) -> None:
        self._subtrees: list[bytes] = []
        self._size = 0

    @property
    def size(self) -> int:
        """Number of leaves so far."""
        return self._size

    def append(self, leaf: bytes) -> None:
        """Add the next leaf's 32-byte hash."""
        self._size += 1
        node, complete = leaf, self._size
        while complete % 2 == 0:
            node = node_hash(self._subtrees.pop(), node)
            complete //= 2
        self._subtrees.append(node)

    def root(self) -> bytes:
        """Return the 32-byte root over the leaves so far; more may follow."""
        if not self._subtrees:
            return EMPTY_ROOT
        *smaller, node = self._subtrees
        for left in reversed(smaller):
            node = node_hash(left, node)
        return node


def tree_hash(leaves: Iterable[bytes]) -> bytes:
    """Return the 32-byte root over leaf hashes, in order."""
    tree = TreeHash()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()
