"""git, on real repositories: ordinary ones, odd ones and hostile ones."""

import hashlib
import os
import subprocess
import zlib
from pathlib import Path

import pytest

from auditkit.errors import GitError
from auditkit.git import Repository
from auditkit.git.process import run_git

IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
ABSENT = "0" * 39 + "1"


@pytest.fixture(autouse=True)
def _no_user_configuration(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path_factory.getbasetemp()))


def git(where: Path, *arguments: str, **more) -> str:
    done = subprocess.run(
        ["git", "-C", where, *IDENTITY, *arguments], check=True, capture_output=True, **more
    )
    return done.stdout.decode().strip()


def make(path: Path, *options: str) -> Path:
    path.mkdir()
    git(path, "init", "-q", "-b", "main", *options)
    (path / "train.py").write_text("print('train')\n")
    (path / "model.bin").write_bytes(bytes(range(256)))
    git(path, "add", ".")
    git(path, "commit", "-q", "-m", "first")
    return path


def opened(path: Path) -> Repository:
    repository = Repository.discover(path)
    assert repository is not None
    return repository


@pytest.fixture
def repo(tmp_path):
    return make(tmp_path / "project")


@pytest.fixture(params=["sha1", "sha256"])
def any_repo(request, tmp_path):
    return make(tmp_path / "project", f"--object-format={request.param}")


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
