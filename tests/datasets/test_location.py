from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from auditkit.datasets import location as location_module
from auditkit.datasets.base import Reference
from auditkit.datasets.names import printable
from auditkit.datasets.planning import plan
from auditkit.errors import (
    DataNotFoundError,
    EmptyDatasetError,
    PathNameError,
    UnreadableError,
    UnsafePathError,
    UsageError,
)


def paths(base: Path, reference: str = ".", **options) -> list[str]:
    return [part.path for part in plan(Reference(reference), base=base, **options).parts]


def write(path: Path, content: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def test_single_file(tmp_path):
    write(tmp_path / "sub/a.bin", "12345")
    found = plan(Reference("sub/../sub/a.bin"), base=tmp_path)
    assert (found.kind, found.format, found.bytes) == ("file", "files", 5)
    assert [(part.path, part.size) for part in found.parts] == [("a.bin", 5)]
    assert found.location == str(tmp_path / "sub/a.bin")


def test_order_is_by_utf8_bytes_not_by_folder(tmp_path):
    names = ["a/b", "a.txt", "a-b", "Z", "é", "z", "\U0001f600", "\uffee"]
    for name in names:
        write(tmp_path / name)
    assert paths(tmp_path) == sorted(names, key=str.encode)
    assert paths(tmp_path) != sorted(names)[::-1]


def test_deep_tree_needs_no_recursion(tmp_path):
    folder = os.open(tmp_path, os.O_RDONLY)
    depth = 600  # the path has to stay under PATH_MAX to be opened as a whole
    for _ in range(depth):
        os.mkdir("d", dir_fd=folder)
        inner = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(os.open("f", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    os.close(folder)
    assert paths(tmp_path) == ["d/" * depth + "f"]


def test_missing_path(tmp_path):
    write(tmp_path / "file")
    for reference in ("nope", "file/below"):
        with pytest.raises(DataNotFoundError) as caught:
            plan(Reference(reference), base=tmp_path, collect=True)
        assert caught.value.exit_code == 2


def test_name_too_long_is_unreadable(tmp_path):
    with pytest.raises(UnreadableError, match="too long"):
        plan(Reference("n" * 300), base=tmp_path)


def test_empty_folder(tmp_path):
    (tmp_path / "empty/inner").mkdir(parents=True)
    with pytest.raises(EmptyDatasetError):
        plan(Reference("empty"), base=tmp_path)
    assert plan(Reference("empty"), base=tmp_path, collect=True).parts == ()


@pytest.mark.parametrize(
    ("name", "shown", "reason"),
    [
        (b"new\nline", "new\\nline", "control character"),
        (b"del\x7f", "del\\x7f", "control character"),
        ("c1\x85".encode(), "c1\\x85", "control character"),
        (b"back\\slash", "back\\slash", "backslash"),
        (b"latin\xe9", "latin\\xe9", "not UTF-8"),
    ],
)
def test_names_that_an_inventory_cannot_carry(tmp_path, name, shown, reason):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text("x")
    write(tmp_path / "fine")
    with pytest.raises(PathNameError, match=reason) as caught:
        paths(tmp_path)
    assert caught.value.path == f"{tmp_path}/{shown}"
    assert "--exclude" in caught.value.hint
    collected = plan(Reference("."), base=tmp_path, collect=True)
    assert [part.path for part in collected.parts] == ["fine"]
    assert [problem.path for problem in collected.problems] == [shown]
    prefix = name[:2].decode()
    assert paths(tmp_path, excluded=[f"{prefix}*"]) == ["fine"]


def test_bad_names_of_folders_and_single_files(tmp_path):
    write(tmp_path / "a\tb/c")
    with pytest.raises(PathNameError):
        paths(tmp_path)
    write(tmp_path / "x\ty")
    with pytest.raises(PathNameError):
        plan(Reference("x\ty"), base=tmp_path)


def test_odd_but_legal_names(tmp_path):
    names = ["-rf", " lead", "trail ", "it's", 'q"uote', "a\u00a0b", "\u202eevil", "100%", "$(x)"]
    for name in names:
        write(tmp_path / name)
    assert paths(tmp_path) == sorted(names, key=str.encode)
    assert all(printable(name) == name for name in names)


def test_links_inside_are_followed(tmp_path):
    write(tmp_path / "d/a", "12")
    (tmp_path / "link").symlink_to("d/a")
    (tmp_path / "folder").symlink_to(tmp_path / "d")
    found = plan(Reference("."), base=tmp_path)
    assert [(part.path, part.size) for part in found.parts] == [
        ("d/a", 2),
        ("folder/a", 2),
        ("link", 2),
    ]
    assert {part.real for part in found.parts} == {str(tmp_path / "d/a")}


def test_reference_may_be_a_link(tmp_path):
    write(tmp_path / "real/a")
    (tmp_path / "alias").symlink_to("real")
    (tmp_path / "one").symlink_to("real/a")
    assert paths(tmp_path, "alias") == ["a"]
    found = plan(Reference("one"), base=tmp_path)
    assert [part.path for part in found.parts] == ["one"]
    assert found.location == str(tmp_path / "one")
    assert found.parts[0].real == str(tmp_path / "real/a")


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("../outside", "out of the data set"),
        ("/etc/passwd", "out of the data set"),
        ("../inside-not", "out of the data set"),
        ("nowhere", "points to nothing"),
        ("link", "circle"),
        (".", "leads back"),
        ("sub/..", "leads back"),
    ],
)
def test_links_that_are_refused(tmp_path, target, reason):
    root = tmp_path / "inside"
    write(root / "sub/a")
    write(tmp_path / "outside")
    write(tmp_path / "inside-not")
    (root / "link").symlink_to(target)
    with pytest.raises(UnsafePathError, match=reason) as caught:
        paths(root)
    assert caught.value.path == str(root / "link")
    collected = plan(Reference("."), base=root, collect=True)
    assert [part.path for part in collected.parts] == ["sub/a"]
    assert [problem.path for problem in collected.problems] == ["link"]
    assert paths(root, excluded=["link"]) == ["sub/a"]


def test_cycle_over_two_links(tmp_path):
    write(tmp_path / "a/f")
    write(tmp_path / "b/g")
    (tmp_path / "a/to-b").symlink_to("../b")
    (tmp_path / "b/to-a").symlink_to("../a")
    collected = plan(Reference("."), base=tmp_path, collect=True)
    assert [part.path for part in collected.parts] == ["a/f", "a/to-b/g", "b/g", "b/to-a/f"]
    assert [problem.path for problem in collected.problems] == ["a/to-b/to-a", "b/to-a/to-b"]


def test_links_cannot_multiply_a_tree_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(location_module, "MAX_FILES", 1000)
    for level in range(20):
        (tmp_path / f"{level:02}").mkdir()
        if level:
            for copy in "xy":
                (tmp_path / f"{level - 1:02}" / copy).symlink_to(f"../{level:02}")
    write(tmp_path / "19/f")
    with pytest.raises(UnsafePathError, match="more than 1000 files"):
        plan(Reference("."), base=tmp_path, collect=True)


def test_special_files_are_refused_and_never_opened(tmp_path):
    write(tmp_path / "fine")
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        folder = os.open(tmp_path, os.O_RDONLY)
        server.bind(f"/proc/self/fd/{folder}/socket")
        os.close(folder)
        done = []
        worker = threading.Thread(
            target=lambda: done.append(plan(Reference("."), base=tmp_path, collect=True))
        )
        worker.start()
        worker.join(10)
        assert done, "planning waits for a pipe"
    found = {problem.path: problem.error.message for problem in done[0].problems}
    assert found == {"fifo": "is a pipe, not a file", "socket": "is a socket, not a file"}
    with pytest.raises(UnsafePathError, match="a pipe"):
        plan(Reference("fifo"), base=tmp_path)
    with pytest.raises(UnsafePathError, match="character device"):
        plan(Reference("/dev/zero"), base=tmp_path)


def test_folder_that_cannot_be_listed(tmp_path, monkeypatch):
    # The tests may run as root, whom no mode stops: the system's refusal is simulated.
    write(tmp_path / "open/a")
    write(tmp_path / "shut/b")
    real = os.scandir

    def scandir(path):
        if Path(path).name == "shut":
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(UnreadableError, match="Permission denied"):
        paths(tmp_path)
    collected = plan(Reference("."), base=tmp_path, collect=True)
    assert [problem.path for problem in collected.problems] == ["shut"]
    assert paths(tmp_path, excluded=["shut/"]) == ["open/a"]
    with pytest.raises(UnreadableError):
        plan(Reference("shut"), base=tmp_path, collect=True)


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("*.tmp", ["a.csv", "raw/b.csv", "raw/deep/c.csv", "tmp"]),
        ("tmp", ["a.csv", "a.tmp", "raw/b.csv", "raw/d.tmp", "raw/deep/c.csv"]),
        ("tmp/", ["a.csv", "a.tmp", "raw/b.csv", "raw/d.tmp", "raw/deep/c.csv", "tmp"]),
        ("raw", ["a.csv", "a.tmp", "tmp"]),
        ("raw/", ["a.csv", "a.tmp", "tmp"]),
        ("/a.*", ["raw/b.csv", "raw/d.tmp", "raw/deep/c.csv", "tmp"]),
        ("raw/*.csv", ["a.csv", "a.tmp", "raw/d.tmp", "raw/deep/c.csv", "tmp"]),
        ("raw/**/*.csv", ["a.csv", "a.tmp", "raw/d.tmp", "tmp"]),
        ("raw/**", ["a.csv", "a.tmp", "tmp"]),
        ("**/deep", ["a.csv", "a.tmp", "raw/b.csv", "raw/d.tmp", "tmp"]),
        ("./a.csv", ["a.tmp", "raw/b.csv", "raw/d.tmp", "raw/deep/c.csv", "tmp"]),
        ("[ab].csv", ["a.tmp", "raw/d.tmp", "raw/deep/c.csv", "tmp"]),
        ("*.CSV", ["a.csv", "a.tmp", "raw/b.csv", "raw/d.tmp", "raw/deep/c.csv", "tmp"]),
    ],
)
def test_exclude(tmp_path, pattern, left):
    for name in ["a.csv", "a.tmp", "tmp", "raw/b.csv", "raw/d.tmp", "raw/deep/c.csv"]:
        write(tmp_path / name)
    found = plan(Reference("."), base=tmp_path, excluded=[pattern])
    assert [part.path for part in found.parts] == left
    assert found.excluded == (pattern,)


@pytest.mark.parametrize("pattern", ["", "/", "!keep", "../x", "a/../b"])
def test_bad_exclude(tmp_path, pattern):
    write(tmp_path / "a")
    with pytest.raises(UsageError, match="cannot exclude"):
        plan(Reference("."), base=tmp_path, excluded=[pattern])


def test_a_named_file_is_never_excluded(tmp_path):
    write(tmp_path / "a.tmp")
    found = plan(Reference("a.tmp"), base=tmp_path, excluded=["*.tmp"])
    assert found.excluded == ()
    assert len(found.parts) == 1


@pytest.mark.parametrize(
    ("names", "format"),
    [
        (["a.parquet"], "table"),
        (["a.PARQUET", "b.pq"], "table"),
        (["a.csv", "b.tsv.gz"], "table"),
        (["a.jsonl", "b.ndjson.zst"], "table"),
        (["a.arrow", "b.feather", "c.ipc"], "table"),
        (["p.parquet", "_SUCCESS", "_delta/x.json", ".crc/y"], "table"),
        (["_k=1/p.parquet", "_k=2/p.parquet"], "table"),
        (["a.parquet", "b.csv"], "files"),
        (["a.parquet", "README.md"], "files"),
        (["a.parquet.gz"], "files"),
        (["_a.csv"], "files"),
        ([".csv"], "files"),
    ],
)
def test_format_guess(tmp_path, names, format):
    for name in names:
        write(tmp_path / "d" / name)
    assert plan(Reference("d"), base=tmp_path).format == format
    assert plan(Reference("d", "files"), base=tmp_path).format == "files"
    assert plan(Reference("d", "table"), base=tmp_path).format == "table"


def test_a_named_table_may_have_any_name(tmp_path):
    write(tmp_path / "_a.csv")
    assert plan(Reference("_a.csv"), base=tmp_path).format == "table"
