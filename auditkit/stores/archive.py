"""ZIP archives in one form only, so that an archive can hold nothing that is not looked at.

Files are stored and not compressed, sorted by the bytes of their names, dated 1980-01-01, and
nothing stands before, between or after them. Reading demands each byte of that form, so whatever
makes two programs see different files in one archive is refused: other names in the central
directory, files on top of each other, links, encryption, comments, prefixes, trailing bytes.

Source: PKWARE's APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16; what is written is what
section 4 calls "stored", of version 1.0.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO, Final

from auditkit.errors import PackError, StorageError

MAX_MEMBERS: Final = 10_000
MAX_NAME: Final = 255
MAX_ARCHIVE_BYTES: Final = 2**32 - 1
"""Beyond this an archive would need the second form of the format, Zip64."""

_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_VERSION: Final = 10
_UNIX: Final = 3 << 8
_DATE: Final = 0x0021
_MODE: Final = 0o100644 << 16
_CHUNK: Final = 1024 * 1024
_NAME: Final = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*")

_TOO_LARGE: Final = "Hand over the evidence folder itself."

Contents = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its relative POSIX path, and where its bytes begin."""

    name: str
    size: int
    crc: int
    offset: int

    @property
    def _start(self) -> int:
        return self.offset - _LOCAL.size - len(self.name)

    def local(self) -> bytes:
        """Return the header before the file's bytes."""
        name = self.name.encode()
        return (
            _LOCAL.pack(
                *(b"PK\3\4", _VERSION, 0, 0, 0, _DATE),
                *(self.crc, self.size, self.size, len(name), 0),
            )
            + name
        )

    def central(self) -> bytes:
        """Return the file's entry in the central directory."""
        name = self.name.encode()
        return (
            _CENTRAL.pack(
                *(b"PK\1\2", _UNIX | _VERSION, _VERSION, 0, 0, 0, _DATE),
                *(self.crc, self.size, self.size, len(name), 0, 0, 0, 0, _MODE, self._start),
            )
            + name
        )


def write_archive(file: BinaryIO, members: Mapping[str, Contents]) -> None:
    """Write an archive; `members` are contents by name, of which one is held at a time.

    Raises:
        StorageError: it would have more than 10,000 files or 4 GiB.
        ValueError: a name that is none, or two that some file system takes for one.
    """
    names = sorted(members)
    if problem := _problem(names):
        raise ValueError(problem)
    if len(names) > MAX_MEMBERS:
        raise StorageError(f"{len(names)} files, more than {MAX_MEMBERS}", hint=_TOO_LARGE)
    written: list[Member] = []
    end = 0
    for name in names:
        content = members[name]()
        offset = end + _LOCAL.size + len(name)
        member = Member(name, len(content), zlib.crc32(content), offset)
        end = offset + len(content)
        if end + sum(_CENTRAL.size + len(each) for each in names) > MAX_ARCHIVE_BYTES:
            raise StorageError("more than 4 GiB do not fit an archive", hint=_TOO_LARGE)
        written.append(member)
        file.write(member.local())
        file.write(content)
    file.write(_directory(written, end))


def read_members(file: BinaryIO) -> tuple[Member, ...]:
    """Return the files of an archive, by name, none of which is read.

    Raises:
        PackError: it is not in the one form.
    """
    size = file.seek(0, 2)
    members: list[Member] = []
    end = 0
    while (member := _member_at(file, end, size)) is not None:
        members.append(member)
        end = member.offset + member.size
        if len(members) > MAX_MEMBERS:
            raise PackError(f"more than {MAX_MEMBERS} files")
    if problem := _problem([member.name for member in members]):
        raise PackError(problem)
    expected = _directory(members, end)
    file.seek(end)
    if file.read(len(expected) + 1) != expected:
        raise PackError("its directory is not that of its files, or something follows it")
    return tuple(members)


def read_member(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """Yield the bytes of one file in pieces; raises PackError if they are not what was stored."""
    file.seek(member.offset)
    left, crc = member.size, 0
    while left:
        piece = file.read(min(left, _CHUNK))
        if not piece:
            raise PackError("it ends within a file")
        left -= len(piece)
        crc = zlib.crc32(piece, crc)
        yield piece
    if crc != member.crc:
        raise PackError(f"{member.name} is damaged")


def _member_at(file: BinaryIO, start: int, size: int) -> Member | None:
    """Return the file whose header begins at `start`; None where the directory begins."""
    file.seek(start)
    head = file.read(_LOCAL.size)
    if head[:4] in {b"PK\1\2", b"PK\5\6"}:
        return None
    if len(head) < _LOCAL.size:
        raise PackError("it ends early")
    *_, crc, _, stored, name_length, _ = _LOCAL.unpack(head)
    name = file.read(min(name_length, MAX_NAME)).decode("ascii", "replace")
    member = Member(name, stored, crc, start + _LOCAL.size + len(name))
    if not _NAME.fullmatch(name) or head + name.encode() != member.local():
        raise PackError("it is not stored in the one form that is read")
    if member.offset + member.size > size:
        raise PackError("it ends within a file")
    return member


def _directory(members: list[Member], start: int) -> bytes:
    entries = b"".join(member.central() for member in members)
    count = len(members)
    return entries + _END.pack(b"PK\5\6", 0, 0, count, count, len(entries), start, 0)


def _problem(names: list[str]) -> str | None:
    """Return what is wrong with the names of an archive, in their order; None if nothing is."""
    if any(first >= second for first, second in pairwise(names)):
        return "its files are not in order, or one is there twice"
    seen: dict[str, str] = {}
    for name in names:
        if not _NAME.fullmatch(name) or len(name) > MAX_NAME or "./" in f"{name}/":
            return f"not a name of a file in an archive: {name[:80]!r}"
        parts = name.split("/")
        for depth in range(1, len(parts) + 1):
            path = "/".join(parts[:depth])
            kind = path if depth == len(parts) else f"{path}/"
            if seen.setdefault(path.lower(), kind) != kind:
                return f"two names that some file systems take for one: {name[:80]!r}"
    return None
