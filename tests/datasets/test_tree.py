"""A folder that is asked for files by their paths."""

import os

import pytest

from auditkit.datasets.tree import LocalTree
from auditkit.errors import UnreadableError, UnsafePathError


def test_files_are_found_by_their_paths(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/b").write_text("bb")
    (tmp_path / "a").write_text("a")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("a")
    found = list(LocalTree(tmp_path).find(["sub/b", "absent", "a", "sub", "pipe", "a/x", "link"]))
    assert [each and (each.path, each.size) for each in found] == [
        ("sub/b", 2),
        None,
        ("a", 1),
        None,
        None,
        None,
        ("link", 1),
    ]
    assert found[6].real == str(tmp_path / "a")


def test_links_stay_inside(tmp_path):
    (tmp_path / "tree/sub").mkdir(parents=True)
    (tmp_path / "outside").write_text("x")
    (tmp_path / "tree/sub/link").symlink_to(tmp_path / "outside")
    (tmp_path / "tree/up").symlink_to(tmp_path)
    for path in ("sub/link", "up/outside"):
        with pytest.raises(UnsafePathError, match="leads out"):
            list(LocalTree(tmp_path / "tree").find([path]))


def test_a_folder_is_listed(tmp_path):
    (tmp_path / "log/sub").mkdir(parents=True)
    for name in ("b", "a"):
        (tmp_path / "log" / name).write_text(name)
    assert [part.path for part in LocalTree(tmp_path).list("log")] == ["log/a", "log/b"]
    assert LocalTree(tmp_path).list("absent") == []


def test_what_the_system_refuses(tmp_path):
    with pytest.raises(UnreadableError):
        list(LocalTree(tmp_path).find(["x" * 300]))
