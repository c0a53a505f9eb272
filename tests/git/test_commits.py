"""Commits and their files, found by name and read from their objects."""

import hashlib
import zlib

import pytest
from gitrepos import ABSENT, git, opened

from auditkit.errors import GitError


def test_commits_are_found_by_full_id_only(any_repo):
    repository = opened(any_repo)
    head = repository.head()
    assert repository.has_commit(head)
    assert repository.commit_tree(head) == repository.tree(head)
    assert not repository.has_commit(repository.tree(head))
    other = hashlib.sha256(b"x").hexdigest()[: len(head)]
    assert not repository.has_commit(other)
    assert repository.commit_tree(other) is None
    with pytest.raises(GitError, match="is missing"):
        repository.tree(other)
    with pytest.raises(GitError, match="is missing"):
        repository.commit_signature(other)


def test_an_id_of_the_other_length_is_not_here_whatever_else_has_that_name(any_repo):
    head = opened(any_repo).head()
    other = head[:40] if len(head) == 64 else head + "0" * 24
    git(any_repo, "update-ref", f"refs/heads/{other}", head)
    assert not opened(any_repo).has_commit(other)


@pytest.mark.parametrize("text", ["HEAD", "--help", "", "ABCDEF" + "0" * 34, "0" * 40 + "\n"])
def test_what_is_not_an_id_never_reaches_git(repo, text):
    repository = opened(repo)
    for call in (repository.has_commit, repository.commit_tree, repository.tags):
        with pytest.raises(GitError, match="not a git object id"):
            call(text)


def test_a_commit_whose_bytes_were_changed_is_not_here(repo):
    head = git(repo, "rev-parse", "HEAD")
    loose = repo / ".git" / "objects" / head[:2] / head[2:]
    content = zlib.decompress(loose.read_bytes()).replace(b"first", b"forst")
    loose.chmod(0o644)
    loose.write_bytes(zlib.compress(content))
    assert not opened(repo).has_commit(head)


def test_a_replacement_object_does_not_stand_in(repo):
    head = git(repo, "rev-parse", "HEAD")
    tree = opened(repo).tree(head)
    (repo / "train.py").write_text("other\n")
    git(repo, "commit", "-q", "-am", "second")
    git(repo, "replace", head, "HEAD")
    assert opened(repo).commit_tree(head) == tree


def test_revisions_name_commits(any_repo):
    repository = opened(any_repo)
    head = repository.head()
    git(any_repo, "tag", "-a", "v1.0.0", "-m", "first")
    git(any_repo, "branch", "side")
    for revision in ("v1.0.0", "side", "HEAD", head, head[:10]):
        assert repository.resolve(revision) == head
    for absent in ("v2", "HEAD:train.py", "--help", "-q", "HEAD~7", "v1.0.0^{tree}", ABSENT):
        assert repository.resolve(absent) is None
    for text in ("", "a\0b"):
        with pytest.raises(GitError, match="not a git revision"):
            repository.resolve(text)


def test_files_of_a_commit_are_read_from_its_objects(any_repo):
    repository = opened(any_repo)
    first = repository.head()
    (any_repo / "train.py").write_text("changed\n")
    git(any_repo, "commit", "-q", "-a", "-m", "second")
    (any_repo / "train.py").unlink()
    assert repository.blob(first, "train.py", limit=100) == b"print('train')\n"
    assert repository.blob(repository.head(), "train.py", limit=8) == b"changed\n"
    for absent in ("none.py", "", "train.py/x", "a b", "a blob", "a blob 3", "größe"):
        assert repository.blob(first, absent, limit=100) is None
    with pytest.raises(GitError, match="more than 7"):
        repository.blob(repository.head(), "train.py", limit=7)
    for text in ("a\nb", "a\0b", "../train.py", "./train.py", "x/../train.py"):
        with pytest.raises(GitError, match="cannot be asked"):
            repository.blob(first, text, limit=100)


def test_a_file_that_was_altered_in_the_object_store_is_not_read(any_repo):
    content = b"print('train')\n"
    found = git(any_repo, "rev-parse", "HEAD:train.py")
    loose = any_repo / ".git" / "objects" / found[:2] / found[2:]
    loose.chmod(0o644)
    loose.write_bytes(zlib.compress(b"blob %d\0" % len(content) + content.replace(b"t", b"T")))
    with pytest.raises(GitError):
        opened(any_repo).blob(opened(any_repo).head(), "train.py", limit=100)


def test_branches_and_tags_name_commits(any_repo):
    repository = opened(any_repo)
    head = repository.head()
    git(any_repo, "tag", "light")
    git(any_repo, "tag", "-a", "annotated", "-m", "x")
    git(any_repo, "tag", "-a", "twice", "-m", "x", "annotated")
    git(any_repo, "tag", "tree", "HEAD^{tree}")
    git(any_repo, "branch", "größe")
    assert [(ref.name, ref.commit) for ref in repository.refs()] == [
        ("refs/heads/größe", head),
        ("refs/heads/main", head),
        ("refs/tags/annotated", head),
        ("refs/tags/light", head),
        ("refs/tags/twice", head),
    ]


def test_a_file_in_many_commits_is_asked_for_at_once(any_repo):
    repository = opened(any_repo)
    first = repository.head()
    (any_repo / "train.py").write_text("changed\n")
    (any_repo / "new.py").write_text("new\n")
    git(any_repo, "add", "-A")
    git(any_repo, "commit", "-q", "-m", "second")
    second = repository.head()
    one, two = repository.blobs([first, second], "train.py")
    assert (one.size, two.size) == (15, 8)
    assert one.id == git(any_repo, "rev-parse", f"{first}:train.py")
    assert repository.blobs([first, second], "new.py")[0] is None
    assert repository.blobs([], "new.py") == ()
