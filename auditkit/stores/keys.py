"""Keys of objects: names that mean the same in a folder and in a bucket, and lead nowhere else."""

from __future__ import annotations

import re
from typing import Final

from auditkit.errors import StoreError

MAX_KEY_LENGTH: Final = 512
"""S3 takes 1,024 bytes, of which the registry's own prefix in the bucket needs some."""

MAX_SEGMENTS: Final = 16

_SEGMENT: Final = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}"
_KEY: Final = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT}){{0,{MAX_SEGMENTS - 1}}}")


def is_key(key: str) -> bool:
    """Return whether `key` is a relative path of plain names: none hidden, none `..`."""
    return len(key) <= MAX_KEY_LENGTH and _KEY.fullmatch(key) is not None


def check_key(key: str) -> None:
    """Raise StoreError unless `key` is one; it may come from a stranger's registry."""
    if not is_key(key):
        raise StoreError(f"not the key of an object: {key[:80]!r}")


def check_prefix(prefix: str) -> None:
    """Raise StoreError unless `prefix` is a key and a slash."""
    if not prefix.endswith("/") or not is_key(prefix[:-1]):
        raise StoreError(f"not a prefix of keys: {prefix[:80]!r}")
