"""Digests: a closed table of algorithms, and the root of a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from importlib.util import find_spec
from typing import Any, Final, Literal

from auditkit.errors import MissingDependencyError

SHA256_HEX: Final = r"[0-9a-f]{64}"

FurtherDigest = Literal["sha512", "blake3"]
"""What can be recorded of files beside SHA-256, which is always there and what roots are over."""

FURTHER_DIGESTS: Final[tuple[FurtherDigest, ...]] = ("sha512", "blake3")

DIGEST_SIZES: Final = {"sha256": 32, "sha512": 64, "blake3": 32}
"""Bytes of a digest of each algorithm."""


def sha256_hex(data: bytes | memoryview) -> str:
    """Return the SHA-256 of `data` as 64 lowercase hex digits (FIPS 180-4)."""
    return hashlib.sha256(data).hexdigest()


def in_order(names: Collection[str]) -> tuple[FurtherDigest, ...]:
    """Return the further digests named, in the order of the table; raises ValueError for others."""
    unknown = set(names) - set(FURTHER_DIGESTS)
    if unknown:
        raise ValueError(f"no further digest is called {min(unknown)!r}")
    return tuple(name for name in FURTHER_DIGESTS if name in names)


def is_available(name: FurtherDigest) -> bool:
    """Tell whether this installation can compute a digest."""
    return name != "blake3" or find_spec("blake3") is not None


def start_digest(name: FurtherDigest) -> Any:
    """Return a digest, as `hashlib` has them, that has seen no byte yet.

    Raises MissingDependencyError for BLAKE3 without its package.
    """
    if name == "sha512":
        return hashlib.sha512()
    if not is_available(name):
        raise missing_digest(name)
    from blake3 import blake3  # noqa: PLC0415 -- an extra

    return blake3()


def missing_digest(name: FurtherDigest) -> MissingDependencyError:
    """Return the error of a digest that this installation cannot compute."""
    return MissingDependencyError(
        f"digests of {name} need the extra {name!r}",
        hint=f"Install it: pip install 'auditkit-manifest[{name}]'.",
    )


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
