"""The list of a tracked folder's files, which DVC stores as one more object, `<md5>.dir`.

It is the JSON of `[{"md5": …, "relpath": …}, …]`, sorted by path, as Python's `json.dumps` writes
it with `sort_keys`. Source: `dvc_data.hashfile.tree`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import msgspec

from auditkit.datasets.names import is_recordable_path, printable
from auditkit.errors import PointerError

MAX_LISTING_BYTES: Final = 1024 * 1024 * 1024
_MD5: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class CloudVersion:
    """One version of one object in a cloud-versioned remote; DVC 2 did not say in which."""

    remote: str | None
    version_id: str | None = None


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file of a tracked folder: its path in the folder, and what DVC knows of it."""

    path: str
    md5: str | None
    size: int | None = None
    cloud: CloudVersion | None = None


class _Entry(msgspec.Struct, frozen=True):
    md5: str
    relpath: str


_DECODER: Final = msgspec.json.Decoder(list[_Entry])


def parse_listing(data: bytes, md5: str) -> tuple[ListedFile, ...]:
    """Return the files in the list with this MD5, sorted by path.

    Raises:
        PointerError: another MD5, no such list, a path that leaves the folder or stands twice.
    """
    found = hashlib.md5(data, usedforsecurity=False).hexdigest()
    if found != md5:
        raise PointerError(f"DVC's list of the folder's files was altered: its MD5 is {found}")
    try:
        entries = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PointerError("DVC's list of the folder's files cannot be read") from error
    return checked_listing(ListedFile(entry.relpath, entry.md5) for entry in entries)


def checked_listing(files: Iterable[ListedFile]) -> tuple[ListedFile, ...]:
    """Return the files sorted by path; raises PointerError for bad paths and MD5s."""
    found = tuple(sorted(files, key=lambda file: file.path))
    for file in found:
        _check_path(file.path)
        check_md5(file.md5)
    if any(one.path == other.path for one, other in pairwise(found)):
        raise PointerError("DVC's list of the folder's files has a path twice")
    return found


def _check_path(path: str) -> None:
    """Raise PointerError for a path that a list of a folder's files cannot have."""
    if not is_recordable_path(path):
        raise PointerError(f"a listed path cannot be: {printable(path[:200])!r}")


def check_md5(text: str | None) -> None:
    """Raise PointerError for what is no MD5 in hex; None is fine."""
    if text is not None and not _MD5.fullmatch(text):
        raise PointerError(f"an MD5 is none: {printable(text[:60])!r}")


def listing_md5(files: Iterable[tuple[str, str]]) -> str:
    """Return the MD5 that DVC gives the list of these (path, MD5) pairs, sorted by path."""
    digest = hashlib.md5(b"[", usedforsecurity=False)
    separator = ""
    for path, md5 in files:
        digest.update(f'{separator}{{"md5": "{md5}", "relpath": {json.dumps(path)}}}'.encode())
        separator = ", "
    digest.update(b"]")
    return digest.hexdigest()
