"""What git is asked about a repository, on real ones, ordinary and odd."""

import os
import subprocess

import pytest
from gitrepos import git, opened

from auditkit.errors import GitError
from auditkit.git import Repository


def test_a_folder_outside_every_repository_has_none(tmp_path):
    assert Repository.discover(tmp_path) is None


def test_an_absent_folder_is_an_error_not_an_absent_repository(tmp_path):
    with pytest.raises(GitError, match="cannot change to"):
        Repository.discover(tmp_path / "nowhere")


def test_without_git_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="not installed") as caught:
        Repository.discover(tmp_path)
    assert caught.value.hint == "Install git."


def test_another_owners_repository_is_refused_with_the_way_out(repo, tmp_path, monkeypatch):
    # git's own test switch, set by a real program in front of the real git.
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True)
    stub = tmp_path / "bin" / "git"
    stub.parent.mkdir()
    stub.write_text(
        f'#!/bin/sh\nexport GIT_TEST_ASSUME_DIFFERENT_OWNER=1\nexec {real.stdout.strip()} "$@"\n'
    )
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", f"{stub.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(GitError, match="dubious ownership") as caught:
        Repository.discover(repo)
    assert f"safe.directory {repo}" in caught.value.hint


def test_a_gitfile_that_leads_nowhere_is_an_error(tmp_path):
    (tmp_path / ".git").write_text("gitdir: /nonexistent/elsewhere\n")
    with pytest.raises(GitError, match="not a git repository"):
        Repository.discover(tmp_path)


def test_head_tree_and_branch_are_those_git_shows(any_repo):
    repository = opened(any_repo / ".")
    assert repository.root == any_repo
    head = repository.head()
    assert head == git(any_repo, "rev-parse", "HEAD")
    assert repository.tree(head) == git(any_repo, "rev-parse", "HEAD^{tree}")
    assert repository.branch() == "main"


def test_an_unborn_branch_has_no_head(tmp_path):
    git(tmp_path, "init", "-q", "-b", "main")
    assert opened(tmp_path).head() is None
    assert opened(tmp_path).branch() == "main"


def test_a_detached_head_has_no_branch(repo):
    git(repo, "checkout", "-q", "--detach")
    assert opened(repo).branch() is None
    assert opened(repo).head() is not None


def test_tags_light_and_annotated_on_this_commit_only(repo):
    head = git(repo, "rev-parse", "HEAD")
    git(repo, "tag", "light")
    git(repo, "tag", "-a", "annotated", "-m", "x")
    git(repo, "commit", "-q", "--allow-empty", "-m", "second")
    git(repo, "tag", "later")
    assert opened(repo).tags(head) == ("annotated", "light")


def test_the_remote_is_origin_or_the_first_by_name(repo):
    assert opened(repo).remote_url() is None
    git(repo, "remote", "add", "zulu", "https://z.example/r")
    git(repo, "remote", "add", "alpha", "https://a.example/r")
    assert opened(repo).remote_url() == "https://a.example/r"
    git(repo, "remote", "add", "origin", "git@host.example:team/r.git")
    assert opened(repo).remote_url() == "git@host.example:team/r.git"


ARMOURS = {
    "openpgp": "-----BEGIN PGP SIGNATURE-----",
    "ssh": "-----BEGIN SSH SIGNATURE-----",
    "x509": "-----BEGIN SIGNED MESSAGE-----",
    "unknown": "something else",
}


@pytest.mark.parametrize("kind", ARMOURS)
@pytest.mark.parametrize("name", ["gpgsig", "gpgsig-sha256"])
def test_the_kind_of_a_signature_is_read_from_its_armour(repo, kind, name):
    unsigned = git(repo, "cat-file", "commit", "HEAD")
    head, _, message = unsigned.partition("\n\n")
    signed = f"{head}\n{name} {ARMOURS[kind]}\n abc\n\n{message}\n"
    commit = git(repo, "hash-object", "-t", "commit", "-w", "--stdin", input=signed.encode())
    found = opened(repo).commit_signature(commit)
    assert (found.present, found.kind) == (True, kind)


def test_a_message_that_looks_like_a_signature_is_none(repo):
    git(repo, "commit", "-q", "--allow-empty", "-m", "gpgsig -----BEGIN PGP SIGNATURE-----")
    repository = opened(repo)
    found = repository.commit_signature(repository.head())
    assert (found.present, found.kind) == (False, None)


def test_an_ssh_signed_commit_is_recognised(repo, tmp_path):
    key = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    settings = ("-c", "gpg.format=ssh", "-c", f"user.signingkey={key}")
    git(repo, *settings, "commit", "-q", "-S", "--allow-empty", "-m", "signed")
    repository = opened(repo)
    assert repository.commit_signature(repository.head()).kind == "ssh"


def test_worktrees_shallow_clones_and_bare_repositories_are_read(repo, tmp_path):
    git(repo, "commit", "-q", "--allow-empty", "-m", "second")
    head = git(repo, "rev-parse", "HEAD")
    git(repo, "worktree", "add", "-q", str(tmp_path / "tree"))
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repo}", "shallow")
    git(tmp_path, "clone", "-q", "--bare", str(repo), "bare")
    for name, root in (("tree", True), ("shallow", True), ("bare", False)):
        repository = opened(tmp_path / name)
        assert (repository.root == tmp_path / name) is root
        assert repository.head() == head
        assert repository.has_commit(head)
    assert opened(tmp_path / "bare").flagged() == ()
    parent = git(repo, "rev-parse", "HEAD^")
    assert not opened(tmp_path / "shallow").has_commit(parent)
