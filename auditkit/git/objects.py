"""Commit objects as git stores them (gitformat-signature(5), git-hash-object(1))."""

from __future__ import annotations

import hashlib
import re
from typing import Final, Literal

from auditkit.errors import GitError
from auditkit.manifest.model import CommitSignature

OBJECT_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

_ARMOUR: Final[dict[bytes, Literal["openpgp", "ssh", "x509"]]] = {
    b"-----BEGIN PGP SIGNATURE-----": "openpgp",
    b"-----BEGIN PGP MESSAGE-----": "openpgp",
    b"-----BEGIN SSH SIGNATURE-----": "ssh",
    b"-----BEGIN SIGNED MESSAGE-----": "x509",
}


def check_id(text: str) -> str:
    """Return `text` if it is a full object id; raises GitError for anything else."""
    if not OBJECT_ID.fullmatch(text):
        raise GitError(f"not a git object id: {text[:80]!r}")
    return text


def object_id(kind: str, content: bytes, *, like: str) -> str:
    """Return the id of an object, by SHA-1 or SHA-256 as the id `like` has it."""
    data = b"%b %d\0%b" % (kind.encode(), len(content), content)
    if len(like) == 64:
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def header(commit: bytes, name: bytes) -> bytes | None:
    """Return the first line of a header of a commit, or None if it has no such header."""
    for line in commit.partition(b"\n\n")[0].split(b"\n"):
        if line.startswith(name + b" "):
            return line[len(name) + 1 :]
    return None


def signature(commit: bytes) -> CommitSignature:
    """Return whether a commit carries a signature and of which kind, by its armour alone."""
    for name in (b"gpgsig", b"gpgsig-sha256"):
        first = header(commit, name)
        if first is not None:
            return CommitSignature(present=True, kind=_ARMOUR.get(first.strip(), "unknown"))
    return CommitSignature(present=False)
