"""Evidence in one file: what a pack is, and taking the evidence out of one that a stranger made.

Nothing but evidence is taken out. Whatever else a pack holds, keys and policies among it, is for
people to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

from auditkit.errors import PackError
from auditkit.schemes import MAX_SIDECAR_BYTES, NAME_PATTERN, PACK_FORMAT, PACK_MARK
from auditkit.stores.archive import Contents, Member, read_member, read_members
from auditkit.stores.atomic import storage_error
from auditkit.stores.reading import unreadable

EVIDENCE: Final = "evidence"
PARENTS: Final = "parents"
LOG: Final = "log"
FOLDER_NAME: Final = r"[0-9a-f][0-9a-f-]{15,63}"
"""A run's id, or the first digits of a manifest digest where there is no id."""

Section = Iterator[tuple[str, Contents]]
"""Files of a pack, by name; contents are made when they are written."""

_MARK_AT: Final = 30
_WANTED: Final = re.compile(rf"(?:{EVIDENCE}|{PARENTS})/{FOLDER_NAME}/{NAME_PATTERN}")
_NOT_A_PACK: Final = "Ask for the file as auditkit pack wrote it, or unzip it and name a folder."


@dataclass(frozen=True, slots=True)
class UnpackedEvidence:
    """Where the evidence of a pack lies while it is looked at: one folder for each run."""

    evidence: Path
    parents: Path


def is_pack(path: Path) -> bool:
    """Return whether a file says that it is a pack; one that cannot be read does not."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(_MARK_AT + len(PACK_MARK))[_MARK_AT:] == PACK_MARK.encode()
    except OSError:
        return False


@contextmanager
def unpacked(path: Path) -> Iterator[UnpackedEvidence]:
    """Yield the evidence in the pack at `path`, in a folder that is removed afterwards.

    Raises:
        PackError: not a pack, or not in the one form in which packs are read.
        UnreadableError: the operating system refused to read it.
        StorageError: there is no room to take it out.
    """
    with TemporaryDirectory(prefix="auditkit-") as scratch:
        folder = Path(scratch)
        found = UnpackedEvidence(folder / EVIDENCE, folder / PARENTS)
        for each in (found.evidence, found.parents):
            each.mkdir()
        try:
            with path.open("rb") as file:
                _take_out(file, folder)
        except OSError as error:
            raise unreadable(error, path) from error
        except PackError as error:
            raise PackError(error.message, hint=_NOT_A_PACK, path=str(path)) from error
        yield found


def _take_out(file: BinaryIO, folder: Path) -> None:
    members = read_members(file)
    if not members or members[0].name != PACK_MARK:
        raise PackError("not a pack of evidence")
    _check_format(file, members[0])
    for member in members:
        if _WANTED.fullmatch(member.name):
            if member.size > MAX_SIDECAR_BYTES:
                raise PackError(f"{member.name} has more than {MAX_SIDECAR_BYTES} bytes")
            _write(folder / member.name, read_member(file, member))


def _check_format(file: BinaryIO, mark: Member) -> None:
    if mark.size > 100:
        raise PackError("not a pack of evidence")
    text = b"".join(read_member(file, mark)).decode("ascii", "replace").strip()
    if text != PACK_FORMAT:
        raise PackError(f"a pack of another format, {text!r}")


def _write(path: Path, pieces: Iterator[bytes]) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("xb") as file:
            for piece in pieces:
                file.write(piece)
    except OSError as error:
        raise storage_error(error, path) from error
