"""The record of the code, from real repositories."""

import hashlib
import os
import subprocess
from pathlib import Path

import msgspec
import pytest

from auditkit.datasets.inventory import read_inventory
from auditkit.manifest.model import Code
from auditkit.provenance import code as code_module
from auditkit.provenance import untracked as untracked_module
from auditkit.provenance.code import record_code

IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@example.org")


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


@pytest.fixture
def repo(tmp_path):
    path = tmp_path / "project"
    (path / "src").mkdir(parents=True)
    git(path, "init", "-q", "-b", "main")
    (path / "src" / "train.py").write_text("print('train')\n")
    git(path, "add", ".")
    git(path, "commit", "-q", "-m", "first")
    return path


def recorded(root: Path, *left_out: Path):
    record = record_code(root, left_out=left_out)
    encoded = msgspec.json.encode(record.code)
    assert msgspec.json.decode(encoded, type=Code) == record.code
    for part in (
        record.code.patch and record.code.patch.diff,
        record.code.untracked and record.code.untracked.list,
    ):
        if part:
            content = record.sidecars[part.name]
            assert (part.size, part.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    return record


def test_a_clean_commit(repo):
    git(repo, "tag", "v1")
    git(repo, "remote", "add", "origin", "https://user:token@host.example/team/r.git?x=1")
    record = recorded(repo / "src")
    code = record.code
    assert code.status == "recorded"
    assert code.commit == git(repo, "rev-parse", "HEAD")
    assert code.tree == git(repo, "rev-parse", "HEAD^{tree}")
    assert (code.branch, code.tags, code.dirty) == ("main", ("v1",), False)
    assert code.remote == "https://host.example/team/r.git?x=1"
    assert code.signature.present is False
    assert (code.patch, code.untracked, record.sidecars, record.warnings) == (None, None, {}, ())


def test_a_detached_commit_has_no_branch(repo):
    git(repo, "checkout", "-q", "--detach")
    assert recorded(repo).code.branch is None


def test_changes_are_a_patch_that_applies(repo, tmp_path):
    (repo / "src" / "train.py").write_text("print('changed')\n")
    record = recorded(repo)
    assert record.code.dirty is True
    assert record.code.patch.files == ("src/train.py",)
    assert record.code.patch.diff.name == "code.patch"
    git(tmp_path, "clone", "-q", str(repo), "copy")
    git(tmp_path / "copy", "apply", "-", input=record.sidecars["code.patch"])
    assert (tmp_path / "copy" / "src" / "train.py").read_text() == "print('changed')\n"


def test_a_patch_beyond_the_limit_is_named_with_its_size(repo):
    (repo / "src" / "train.py").write_text("x = 1\n" * 200_000)
    record = recorded(repo)
    assert record.code.patch.diff is None
    assert record.code.patch.files == ("src/train.py",)
    assert "bytes, more than 1048576" in record.code.patch.omitted
    assert record.sidecars == {}


def test_many_changed_files_are_counted(repo, monkeypatch):
    monkeypatch.setattr(code_module, "_NAMED_FILES", 2)
    for name in "abcd":
        (repo / name).write_text(name)
    git(repo, "add", ".")
    patch = recorded(repo).code.patch
    assert patch.files == ("a", "b")
    assert patch.omitted == "2 more files are not named"
    assert patch.diff is not None


def test_untracked_files_by_path_size_and_digest(repo):
    (repo / "src" / "new.py").write_text("secret content\n")
    (repo / "ä.txt").write_text("x")
    (repo / ".gitignore").write_text("ignored\n")
    (repo / "ignored").write_text("x")
    record = recorded(repo)
    untracked = record.code.untracked
    assert record.code.dirty is True
    assert (untracked.files, untracked.bytes, untracked.omitted) == (3, 24, None)
    listed = read_inventory(record.sidecars["code.untracked.parquet"])
    assert [entry.path for entry in listed] == [".gitignore", "src/new.py", "ä.txt"]
    assert listed[1].sha256 == hashlib.sha256(b"secret content\n").hexdigest()
    assert b"secret content" not in record.sidecars["code.untracked.parquet"]


def test_what_a_list_cannot_carry_is_counted(repo):
    for name in (b"new\nline", b"latin-\xe9", b"back\\slash", b"fine"):
        (repo / os.fsdecode(name)).write_bytes(b"x")
    (repo / "link").symlink_to("/etc/passwd")
    inner = repo / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    (inner / "f").write_text("x")
    untracked = recorded(repo).code.untracked
    assert untracked.files == 1
    assert untracked.omitted == (
        "1 a link or special file, 1 a repository of its own, "
        "3 with a name that a list cannot carry"
    )


def test_only_odd_names_make_no_list(repo):
    (repo / os.fsdecode(b"latin-\xe9")).touch()
    record = recorded(repo)
    assert record.code.untracked.list is None
    assert record.code.untracked.omitted == "1 with a name that a list cannot carry"
    assert record.code.dirty is True


@pytest.mark.parametrize(("limit", "said"), [("MAX_FILES", "2 files"), ("MAX_BYTES", "2 bytes")])
def test_too_many_untracked_files_are_not_hashed(repo, monkeypatch, limit, said):
    monkeypatch.setattr(untracked_module, limit, 1)
    for name in "ab":
        (repo / name).write_text(name)
    untracked = recorded(repo).code.untracked
    assert untracked.list is None
    assert untracked.omitted.startswith(f"{said}, more than 1")


def test_data_outputs_and_evidence_are_left_out(repo, tmp_path, monkeypatch):
    for name in ("data", "models", "evidence"):
        (repo / name).mkdir()
        (repo / name / "f").write_text("x")
    git(repo, "add", "data")
    git(repo, "commit", "-q", "-m", "data too")
    (repo / "data" / "f").write_text("changed")
    (tmp_path / "elsewhere").mkdir()
    (repo / "linked").symlink_to(tmp_path / "elsewhere")
    monkeypatch.chdir(repo)
    left_out = (repo / "data", repo / "models", Path("evidence"), repo / "linked", tmp_path)
    record = recorded(repo, *left_out)
    assert (record.code.dirty, record.code.patch, record.code.untracked) == (False, None, None)
    (repo / "src" / "train.py").write_text("changed\n")
    record = recorded(repo, *left_out)
    assert record.code.patch.files == ("src/train.py",)
    assert b"data/f" not in record.sidecars["code.patch"]


def test_a_project_reached_through_a_link_leaves_out_the_same(repo, tmp_path):
    (repo / "data").mkdir()
    (repo / "data" / "f").write_text("x")
    (tmp_path / "link").symlink_to(repo)
    assert recorded(tmp_path / "link", tmp_path / "link" / "data").code.dirty is False


def test_a_project_that_is_its_own_data_set_still_has_changes(repo):
    (repo / "src" / "train.py").write_text("changed\n")
    assert recorded(repo, repo, repo.parent).code.dirty is True


def test_no_repository_is_a_recorded_fact(tmp_path):
    record = recorded(tmp_path)
    assert record.code == Code(
        basis="observed", status="absent", reason="not inside a git repository"
    )
    assert record.warnings == ()


def test_no_commit_is_a_recorded_fact(tmp_path):
    git(tmp_path, "init", "-q")
    assert recorded(tmp_path).code.reason == "the repository has no commit yet"


def test_no_git_is_a_recorded_fact_and_a_warning(repo, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    record = recorded(repo)
    assert record.code.reason == "git is not installed, or not on PATH"
    assert record.warnings == (
        "code is not recorded: git is not installed, or not on PATH. Install git.",
    )


def test_a_damaged_repository_is_a_recorded_fact_and_a_warning(repo):
    head = git(repo, "rev-parse", "HEAD")
    (repo / ".git" / "objects" / head[:2] / head[2:]).unlink()
    record = recorded(repo)
    assert record.code.status == "absent"
    assert record.code.reason == f"commit {head} is missing"
    assert record.warnings


def test_a_commit_whose_state_is_unknown_is_recorded_with_a_warning(repo):
    (repo / ".git" / "index").write_bytes(b"nonsense")
    record = recorded(repo)
    assert record.code.status == "recorded"
    assert record.code.dirty is None
    assert "uncommitted changes are not known" in record.warnings[0]


def test_a_bare_repository_has_no_state(repo, tmp_path):
    git(tmp_path, "clone", "-q", "--bare", str(repo), "bare")
    record = recorded(tmp_path / "bare")
    assert record.code.commit is not None
    assert record.code.dirty is None
    assert record.warnings == ("the repository has no working tree here",)


def test_a_missing_blob_costs_the_patch_only(repo):
    blob = git(repo, "rev-parse", "HEAD:src/train.py")
    (repo / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    (repo / "src" / "train.py").write_text("changed\n")
    patch = recorded(repo).code.patch
    assert patch.files == ("src/train.py",)
    assert blob in patch.omitted
    assert patch.diff is None


def test_blind_spots_are_told(repo):
    git(repo, "update-index", "--assume-unchanged", "src/train.py")
    git(repo, "config", "filter.own.clean", "cat")
    first, second = recorded(repo).warnings
    assert first == "git is told to overlook changes in 1 tracked files: src/train.py"
    assert "(own)" in second
