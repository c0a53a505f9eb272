"""Digests: a closed table of algorithms, and the root of a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

SHA256_HEX: Final = r"[0-9a-f]{64}"


def sha256_hex(data: bytes | memoryview) -> str:
    """Return the SHA-256 of `data` as 64 lowercase hex digits (FIPS 180-4)."""
    return hashlib.sha256(data).hexdigest()


class DirHash:
    r"""Streaming root of a folder: Go's `dirhash` Hash1, in hex.

    It is the SHA-256 of what `sha256sum` prints for the files, sorted by the UTF-8 bytes of
    their relative POSIX paths: `<hex>  <path>\n`. In-toto's DigestSet calls it `dirHash`
    (in-toto/attestation, spec/v1/digest_set.md).
    """

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._last: bytes | None = None

    def add(self, path: str, file_sha256: str) -> None:
        """Add one file. Raises ValueError unless paths come in strictly ascending byte order."""
        raw = path.encode()
        if self._last is not None and raw <= self._last:
            raise ValueError(f"paths out of order: {path!r}")
        self._last = raw
        self._hash.update(f"{file_sha256}  {path}\n".encode())

    def hexdigest(self) -> str:
        """Return the root as 64 lowercase hex digits."""
        return self._hash.hexdigest()


def dir_hash(files: Iterable[tuple[str, str]]) -> str:
    """Return the `dirHash` of (relative path, SHA-256 hex) pairs, given in any order."""
    root = DirHash()
    for path, digest in sorted(files, key=lambda item: item[0].encode()):
        root.add(path, digest)
    return root.hexdigest()
