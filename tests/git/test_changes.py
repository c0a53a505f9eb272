"""What differs from the commit: status, diff, files left out."""

import os
import subprocess

import pytest
from gitrepos import git, opened


def test_status_lists_staged_unstaged_deleted_unmerged_and_untracked(repo):
    for name in ("staged", "deleted", "conflict"):
        (repo / name).write_text("old\n")
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "more")
    git(repo, "checkout", "-q", "-b", "side")
    (repo / "conflict").write_text("side\n")
    git(repo, "commit", "-q", "-am", "side")
    git(repo, "checkout", "-q", "main")
    (repo / "conflict").write_text("main\n")
    git(repo, "commit", "-q", "-am", "main")
    with pytest.raises(subprocess.CalledProcessError):
        git(repo, "merge", "-q", "side")
    (repo / "staged").write_text("staged\n")
    git(repo, "add", "staged")
    (repo / "train.py").write_text("changed\n")
    (repo / "deleted").unlink()
    (repo / "sub").mkdir()
    (repo / "sub" / "new file").write_text("new\n")
    found = opened(repo).status()
    assert found.changed == ("conflict", "deleted", "staged", "train.py")
    assert found.untracked == ("sub/new file",)


def test_a_moved_file_is_two_changes(repo):
    git(repo, "mv", "train.py", "fit.py")
    git(repo, "config", "status.renames", "copies")
    assert opened(repo).status().changed == ("fit.py", "train.py")


def test_names_keep_their_bytes(repo):
    for name in (b"new\nline", b"latin-\xe9", b'quote"d', b" leading", "ü".encode()):
        (repo / os.fsdecode(name)).write_bytes(b"x")
    found = {os.fsencode(name) for name in opened(repo).status().untracked}
    assert found == {b"new\nline", b"latin-\xe9", b'quote"d', b" leading", "ü".encode()}


def test_left_out_paths_are_literal_and_gone_from_status_and_diff(repo):
    for name in ("data*", "data1", "keep"):
        (repo / name).mkdir()
        (repo / name / "f").write_text("1\n")
    git(repo, "add", ":(literal)data*", "keep")
    found = opened(repo).status(left_out=["data*"])
    assert found.changed == ("keep/f",)
    assert found.untracked == ("data1/f",)
    content = opened(repo).diff(limit=10_000, left_out=["data*"]).content
    assert b"keep/f" in content
    assert b"data*" not in content


def test_flagged_files_are_named(repo):
    git(repo, "update-index", "--assume-unchanged", "train.py")
    git(repo, "update-index", "--skip-worktree", "model.bin")
    (repo / "train.py").write_text("changed behind git's back\n")
    assert opened(repo).status().changed == ()
    assert opened(repo).flagged() == ("model.bin", "train.py")
    (repo / "model.bin").unlink()
    assert opened(repo).flagged() == ("train.py",)


def test_the_diff_rebuilds_the_working_tree(repo, tmp_path):
    git(repo, "config", "diff.noprefix", "true")
    git(repo, "config", "diff.mnemonicPrefix", "true")
    git(repo, "config", "color.ui", "always")
    git(repo, "config", "diff.context", "0")
    (repo / "train.py").write_text("print('changed')\n")
    (repo / "model.bin").write_bytes(bytes(reversed(range(256))))
    (repo / "added.py").write_text("new\n")
    git(repo, "add", "added.py")
    content = opened(repo).diff(limit=100_000).content
    copy = tmp_path / "copy"
    git(tmp_path, "clone", "-q", str(repo), str(copy))
    git(copy, "apply", "-", input=content)
    for name in ("train.py", "model.bin", "added.py"):
        assert (copy / name).read_bytes() == (repo / name).read_bytes()


def test_a_diff_beyond_the_limit_has_a_size_only(repo):
    (repo / "train.py").write_text("x" * 5000)
    found = opened(repo).diff(limit=1000)
    assert found.content is None
    assert found.size > 5000


def test_a_clean_tree_has_an_empty_diff(repo):
    assert opened(repo).diff(limit=1000).content == b""


def test_nothing_is_written(repo):
    os.utime(repo / "train.py", (1, 1))
    before = {path: path.read_bytes() for path in repo.rglob("*") if path.is_file()}
    repository = opened(repo)
    repository.status()
    repository.diff(limit=1000)
    repository.flagged()
    assert {path: path.read_bytes() for path in repo.rglob("*") if path.is_file()} == before
