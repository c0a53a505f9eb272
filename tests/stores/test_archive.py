"""Archives have one form: others read it, and nothing else is read."""

from __future__ import annotations

import io
import struct
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.errors import PackError, StorageError
from auditkit.stores import archive
from auditkit.stores.archive import read_member, read_members, write_archive

FILES = {"README.txt": b"read me\n", "a/b.json": b"{}", "a/c": b"", "b": bytes(range(256)) * 9}
SEGMENT = st.from_regex(r"[a-z0-9_][a-z0-9_.-]{0,8}[a-z0-9_]", fullmatch=True)
NAMES = st.lists(SEGMENT, min_size=1, max_size=3).map("/".join)


def written(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    write_archive(out, {name: lambda content=content: content for name, content in files.items()})
    return out.getvalue()


def read(data: bytes) -> dict[str, bytes]:
    """Return all contents, each of them read and checked."""
    file = io.BytesIO(data)
    return {each.name: b"".join(read_member(file, each)) for each in read_members(file)}


GOOD = written(FILES)


def refused(data: bytes) -> str:
    with pytest.raises(PackError) as caught:
        read(data)
    return caught.value.message


def test_what_is_written_is_read() -> None:
    assert read(GOOD) == FILES
    assert read(written({})) == {}


@given(st.dictionaries(NAMES, st.binary(max_size=300), max_size=12))
def test_any_files_are_read_as_they_were_written(files: dict[str, bytes]) -> None:
    try:
        data = written(files)
    except ValueError:  # one name is the folder of another
        assert any(f"{name}/" in f"{other}/" for name in files for other in files if name != other)
        return
    assert read(data) == files
    shuffled = dict(sorted(files.items(), reverse=True))
    assert written(shuffled) == data


def test_other_programs_read_it(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(GOOD)
    with zipfile.ZipFile(path) as other:
        assert {each: other.read(each) for each in other.namelist()} == FILES
        assert other.testzip() is None
        assert {each.compress_type for each in other.infolist()} == {zipfile.ZIP_STORED}
        assert {each.date_time for each in other.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    with zipfile.ZipFile(path) as other:
        other.extractall(tmp_path / "out")
    assert (tmp_path / "out/a/b.json").read_bytes() == b"{}"
    done = subprocess.run(
        ["python3", "-m", "zipfile", "--test", path], capture_output=True, text=True, check=True
    )
    assert "Done testing" in done.stdout


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_every_changed_byte_is_refused(position: int, change: int) -> None:
    damaged = bytearray(GOOD)
    damaged[position] ^= change
    refused(bytes(damaged))


@given(st.integers(0, len(GOOD) - 1))
def test_every_shorter_archive_is_refused(length: int) -> None:
    refused(GOOD[:length])


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], **options: int) -> bytes:
    """Return an archive as the standard library writes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **options) as other:  # type: ignore[arg-type]
        for name, content in entries:
            other.writestr(name, content)
    return out.getvalue()


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("a")
    info.create_system = 3
    info.external_attr = 0o120777 << 16
    return info


def forged(*names: bytes) -> bytes:
    """Return an archive in the right form but for its names."""
    members = [archive.Member(f"{n:0>{len(name)}}", 0, 0, 0) for n, name in enumerate(names)]
    out, placed = b"", []
    for name, member in zip(names, members, strict=True):
        at = archive.Member(member.name, 0, 0, len(out) + 30 + len(name))
        placed.append(at)
        out += at.local()[:30] + name
    central = b"".join(each.central()[:46] + name for name, each in zip(names, placed, strict=True))
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, len(names), len(names), len(central), len(out), 0
    )
    return out + central + end


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "no archive": lambda: b"x" * 100,
    "a prefix": lambda: b"x" + GOOD,
    "a program before it": lambda: b"#!/bin/sh\n" + GOOD,
    "a byte after it": lambda: GOOD + b"\0",
    "another archive after it": lambda: GOOD + GOOD,
    "another directory after it": lambda: GOOD + GOOD[GOOD.index(b"PK\1\2") :],
    "compressed": lambda: zipped(("a", b"a" * 999), compression=zipfile.ZIP_DEFLATED),
    "stored by another program": lambda: zipped(("a", b"a")),
    "a link": lambda: zipped((link(), b"/etc/passwd")),
    "a folder": lambda: zipped(("a/", b"")),
    "a comment": lambda: GOOD[:-2] + b"\2\0hi",
    "encrypted": lambda: GOOD[:6] + b"\1" + GOOD[7:],
    "a name with a bit for UTF-8": lambda: GOOD[:7] + b"\x08" + GOOD[8:],
    "twice": lambda: forged(b"a", b"a"),
    "not in order": lambda: forged(b"b", b"a"),
    "up": lambda: forged(b"../a"),
    "up further in": lambda: forged(b"a/../../b"),
    "here": lambda: forged(b"./a"),
    "absolute": lambda: forged(b"/etc/passwd"),
    "a drive": lambda: forged(b"C:a"),
    "a backslash": lambda: forged(b"a\\b"),
    "no name": lambda: struct.pack("<4s5H3L2H", b"PK\3\4", 10, 0, 0, 0, 33, 0, 0, 0, 0, 0),
    "an empty part": lambda: forged(b"a//b"),
    "only case": lambda: forged(b"A", b"a"),
    "only case of a folder": lambda: forged(b"A/x", b"a/y"),
    "a file that is a folder": lambda: forged(b"a", b"a/b"),
    "a name that ends in a dot": lambda: forged(b"a."),
    "a control character": lambda: forged(b"a\nb"),
    "a null": lambda: forged(b"a\0b"),
    "two forms of one letter": lambda: forged("e\u0301".encode(), "\u00e9".encode()),
    "a direction": lambda: forged("a\u202eb".encode()),
    "a name of 300 bytes": lambda: forged(b"a" * 300),
    "hidden": lambda: forged(b".ssh/x"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_another_program_could_read_in_another_way_is_refused(case: str) -> None:
    refused(HOSTILE[case]())


def test_forged_names_are_what_is_wrong_with_the_forged() -> None:
    assert read(forged(b"a", b"b/c")) == {"a": b"", "b/c": b""}


def test_files_on_top_of_each_other_are_refused() -> None:
    first = archive.Member("a", 4, 0xADF3F363, 31)
    second = archive.Member("b", 4, 0xADF3F363, 31)
    central = first.central() + second.central()
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, len(central), 35, 0)
    refused(first.local() + b"data" + central + end)


def test_sizes_are_believed_up_to_the_end_of_the_file() -> None:
    member = archive.Member("a", 2**32 - 1, 0, 31)
    assert "ends within a file" in refused(member.local() + b"data")


def test_too_many_files_are_neither_written_nor_read(monkeypatch: pytest.MonkeyPatch) -> None:
    many = {f"{number:05}": b"" for number in range(20)}
    data = written(many)
    monkeypatch.setattr(archive, "MAX_MEMBERS", 19)
    assert "more than 19 files" in refused(data)
    with pytest.raises(StorageError, match="more than 19"):
        written(many)


def test_too_many_bytes_are_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_ARCHIVE_BYTES", len(GOOD) - 100)
    with pytest.raises(StorageError, match="4 GiB") as caught:
        written(FILES)
    assert caught.value.hint


@pytest.mark.parametrize("name", ["", "a/", "../a", "a b", "é", "a."])
def test_names_that_are_never_written(name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        written({name: b""})
