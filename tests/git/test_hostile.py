"""Repositories that try to run, fetch or hide something."""

import os
from pathlib import Path

import pytest
from gitrepos import ABSENT, git, make, opened

from auditkit.errors import GitError
from auditkit.git import Repository
from auditkit.git.process import run_git


def trap(repo: Path, tmp_path: Path) -> Path:
    """Make a repository in which every setting that names a program names ours."""
    witness = tmp_path / "witness"
    program = tmp_path / "trap.sh"
    program.write_text(f'#!/bin/sh\necho "$0 $@" >> {witness}\ncat\n')
    program.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "core.editor",
        "diff.external",
        "diff.own.command",
        "diff.own.textconv",
        "filter.own.clean",
        "filter.own.process",
        "credential.helper",
        "gpg.program",
        "pager.diff",
        "pager.status",
        "alias.status",
    ):
        value = f"!{program}" if key.startswith(("alias", "credential")) else str(program)
        git(repo, "config", key, value)
    git(repo, "config", "filter.own.required", "true")
    return witness


def test_a_submodule_is_not_entered(repo, tmp_path):
    inner = make(tmp_path / "inner")
    git(repo, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "lib")
    git(repo, "commit", "-q", "-m", "with a submodule")
    (repo / "lib" / "train.py").write_text("changed inside\n")
    witness = trap(repo / "lib", tmp_path)
    assert opened(repo).status().changed == ()
    git(repo / "lib", "-c", "core.fsmonitor=false", "commit", "-qam", "moved on", "--no-verify")
    assert opened(repo).status().changed == ("lib",)
    assert not witness.exists()


def test_a_hostile_repository_runs_nothing(repo, tmp_path):
    witness = trap(repo, tmp_path)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "post-checkout", "fsmonitor-watchman"):
        (hooks / name).write_text(f"#!/bin/sh\necho {name} >> {witness}\n")
        (hooks / name).chmod(0o755)
    git(repo, "config", "core.hooksPath", str(hooks))
    (repo / ".gitattributes").write_text("* diff=own filter=own\n")
    (repo / "train.py").write_text("changed\n")
    os.utime(repo / "model.bin", (1, 1))
    repository = opened(repo)
    head = repository.head()
    assert repository.unused_filters == ("own",)
    assert "train.py" in repository.status().changed
    assert b"+changed" in repository.diff(limit=100_000).content
    assert repository.commit_tree(head) is not None
    repository.tags(head)
    repository.remote_url()
    repository.commit_signature(head)
    assert not witness.exists()


def test_the_users_own_filter_is_run(repo, tmp_path, monkeypatch):
    configuration = tmp_path / "gitconfig"
    configuration.write_text('[filter "upper"]\n\tclean = tr a-z A-Z\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    (repo / ".gitattributes").write_text("*.txt filter=upper\n")
    (repo / "a.txt").write_text("text\n")
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "filtered")
    os.utime(repo / "a.txt", (1, 1))
    repository = opened(repo)
    assert repository.unused_filters == ()
    assert repository.status().changed == ()


def test_a_filter_that_cannot_be_switched_off_is_refused(repo):
    git(repo, "config", "filter.a=b.clean", "cat")
    with pytest.raises(GitError, match="cannot be switched off"):
        Repository.discover(repo)


def test_a_partial_clone_fetches_nothing(repo, tmp_path):
    git(repo, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", f"file://{repo}", "partial")
    partial = tmp_path / "partial"
    witness = trap(partial, tmp_path)
    git(partial, "config", "remote.origin.uploadpack", str(tmp_path / "trap.sh"))
    assert not opened(partial).has_commit(ABSENT)
    assert not witness.exists()


def test_a_working_tree_elsewhere_is_not_looked_at(repo, tmp_path):
    other = tmp_path / "private"
    other.mkdir()
    git(repo, "config", "core.worktree", str(other))
    repository = opened(repo)
    assert repository.root is None
    assert repository.head() is not None


def test_the_callers_git_variables_do_not_count(repo, tmp_path, monkeypatch):
    other = make(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "nonsense"))
    assert opened(repo).root == repo
    assert opened(repo).status().changed == ()


def test_a_git_that_hangs_is_stopped(repo, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(GitError, match="took longer than"):
        run_git(["hash-object", str(fifo)], directory=repo, seconds=0.2)


def test_output_is_kept_up_to_the_limit_and_counted_beyond(repo):
    (repo / "big").write_bytes(b"x" * 300_000)
    blob = git(repo, "hash-object", "-w", "big")
    found = run_git(["cat-file", "blob", blob], directory=repo, limit=10)
    assert (found.output, found.size) == (b"x" * 10, 300_000)


def test_an_answer_that_is_too_long_is_an_error(repo, monkeypatch):
    (repo / "untracked").touch()
    repository = opened(repo)
    monkeypatch.setitem(run_git.__kwdefaults__, "limit", 5)
    with pytest.raises(GitError, match="too much to read"):
        repository.status()
