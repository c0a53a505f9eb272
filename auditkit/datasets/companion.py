"""A second digest of the same bytes, for a system that knows files by it. Never evidence.

Worker processes import this: keep its imports few.
"""

from __future__ import annotations

import hashlib
from typing import Final, Literal, Protocol

Companion = Literal["md5", "md5-dos2unix"]
"""DVC's digests: of the bytes, or before DVC 3 of the bytes with text's line ends as line feeds."""

_CHUNK_BYTES: Final = 1024 * 1024
_JUDGED_BYTES: Final = 512
_TEXT: Final = bytes(range(32, 127)) + b"\n\r\t\f\b"
_MAX_NOT_TEXT: Final = 0.3


class CompanionHash(Protocol):
    """A digest in the making."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Take in the next bytes."""

    def digest(self) -> bytes:
        """Return the digest of all bytes; nothing is taken in any more."""


def start_companion(kind: Companion) -> CompanionHash:
    """Return a digest that has seen no byte yet."""
    return _md5() if kind == "md5" else _TextMd5()


class _TextMd5:
    r"""MD5 as DVC 1 and 2 have it: chunks of 1 MiB that look like text lose the `\r` of `\r\n`.

    Source: `dvc_data.hashfile.hash` (`Dos2UnixHashStreamFile`) and `istextfile`. A chunk is text if
    its first 512 bytes have no NUL and at most 30 % bytes that are not of text.
    """

    def __init__(self) -> None:
        self._hash = _md5()
        self._chunk = bytearray()

    def update(self, data: bytes | memoryview, /) -> None:
        rest = memoryview(data)
        while rest:
            taken = rest[: _CHUNK_BYTES - len(self._chunk)]
            self._chunk += taken
            rest = rest[len(taken) :]
            if len(self._chunk) == _CHUNK_BYTES:
                self._flush()

    def digest(self) -> bytes:
        self._flush()
        return self._hash.digest()

    def _flush(self) -> None:
        chunk = bytes(self._chunk)
        self._chunk.clear()
        self._hash.update(chunk.replace(b"\r\n", b"\n") if _is_text(chunk) else chunk)


def _is_text(chunk: bytes) -> bool:
    head = chunk[:_JUDGED_BYTES]
    return b"\0" not in head and len(head.translate(None, _TEXT)) <= _MAX_NOT_TEXT * len(head)


def _md5() -> hashlib._Hash:
    return hashlib.md5(usedforsecurity=False)
