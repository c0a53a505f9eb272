"""Verification of data that DVC tracks, against bytes only, and without touching any."""

import hashlib
import os
import shutil
import stat
from pathlib import Path

import pytest
from dvcproject import check_out, git


def edit(path: Path, data: bytes) -> None:
    """Write over a read-only object and leave its mode as it was, so that DVC believes it."""
    mode = path.stat().st_mode
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(mode)


def object_of(folder: Path, data: bytes) -> Path:
    md5 = hashlib.md5(data).hexdigest()
    return folder / "files/md5" / md5[:2] / md5[2:]


def state(*folders: Path) -> dict[str, tuple[object, ...]]:
    """Return everything about every file: bytes, mode, times, inode."""
    return {
        str(path): (
            stat.filemode(path.lstat().st_mode),
            path.lstat().st_mtime_ns,
            path.lstat().st_ctime_ns,
            path.lstat().st_ino,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for folder in folders
        for path in (folder, *folder.rglob("*"))
    }


@pytest.mark.parametrize("reference", ["table.csv.dvc", "data/raw.dvc", "raw=data/raw.dvc@v1.0.0"])
def test_what_is_unchanged_passes(trial, reference):
    trial.capture("--dataset", reference)
    found = trial.verify()
    assert (found.code, found.condition) == (0, "intact")
    assert found.dataset["coverage"]["files"] == found.dataset["coverage"]["files_total"]


def test_an_edited_workspace_fails_whatever_dvc_thinks(trial):
    trial.capture("--dataset", "data/raw.dvc")
    path = trial.root / "data/raw/b.csv"
    before = path.stat()
    path.write_text("id,name\n7,SEVEN\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    found = trial.verify()
    assert (found.code, found.condition) == (10, "altered")
    assert "b.csv" in found.failed()


def test_after_another_version_was_checked_out_the_cache_has_the_recorded_one(trial, dvc):
    trial.capture("--dataset", "data/raw.dvc")
    check_out(dvc, trial.root, "v1.0.0")
    found = trial.verify()
    assert (found.code, found.condition) == (0, "intact")
    assert found.note == "read from DVC's cache; the workspace has another version"


def test_an_altered_object_in_the_cache_is_found(trial, dvc):
    trial.capture("--dataset", "data/raw.dvc")
    check_out(dvc, trial.root, "v1.0.0")
    edit(object_of(trial.root / ".dvc/cache", b"id,name\n8,eight\n"), b"id,name\n8,ENGHT\n")
    found = trial.verify()
    assert (found.code, found.condition) == (10, "altered")
    assert list(found.failed()) == ["c.csv"]


def test_an_altered_object_in_the_remote_is_found(trial):
    """`dvc pull` takes it, unless `verify` is set."""
    trial.capture("--dataset", "data/raw.dvc")
    shutil.rmtree(trial.root / "data/raw")
    shutil.rmtree(trial.root / ".dvc/cache")
    remote = trial.root.parent / "remote"
    found = trial.verify()
    assert (found.code, found.note) == (
        0,
        "read from DVC's remote store; the workspace has nothing",
    )
    edit(object_of(remote, b"id,name\n8,eight\n"), b"id,name\n8,EIGHT\n")
    assert trial.verify().code == 10


def test_data_and_pointer_changed_together_are_another_version(trial, dvc):
    """Nothing in DVC complains: neither file is signed."""
    trial.capture("--dataset", "table.csv.dvc")
    original = (trial.root / "table.csv").read_bytes()
    (trial.root / "table.csv").write_bytes(original.replace(b"8,16", b"8,61"))
    dvc(trial.root, "add -q table.csv", "status -q")
    found = trial.verify()
    assert (found.code, found.note) == (
        0,
        "read from DVC's cache; the workspace has another version",
    )
    for folder in (trial.root / ".dvc/cache", trial.root.parent / "remote"):
        object_of(folder, original).unlink()
    found = trial.verify()
    assert (found.code, found.condition) == (10, "altered")
    assert found.note == "DVC says that the workspace has another version"


def test_data_that_was_collected_as_garbage_is_missing(trial, dvc):
    trial.capture("--dataset", "raw=data/raw.dvc@v1.0.0")
    dvc(trial.root, "gc -q -w -c -f")
    check_out(dvc, trial.root, "v1.1.0")
    found = trial.verify()
    assert found.code == 10
    assert found.condition in {"missing", "altered"}
    shutil.rmtree(trial.root / "data/raw")
    found = trial.verify()
    assert (found.code, found.condition) == (10, "missing")


def test_a_part_of_the_objects_is_named(trial):
    trial.capture("--dataset", "data/raw.dvc")
    shutil.rmtree(trial.root / "data/raw")
    for folder in (trial.root / ".dvc/cache", trial.root.parent / "remote"):
        object_of(folder, b"id,name\n8,eight\n").unlink()
    found = trial.verify()
    assert (found.code, found.condition) == (10, "missing")
    assert found.failed() == {"c.csv": "missing"}


def test_data_that_never_was_what_dvc_recorded_is_looked_for_in_the_workspace(trial):
    (trial.root / "table.csv").write_text("id,x\n1,5\n")
    trial.capture("--dataset", "table.csv.dvc")
    assert trial.verify().code == 0
    git(trial.root, "checkout", "-q", "v1.0.0")
    assert trial.verify().code == 0
    (trial.root / "table.csv").write_text("id,x\n1,6\n")
    assert trial.verify().condition == "altered"


def test_a_copy_without_dvc_can_be_named(trial, tmp_path):
    trial.capture("--dataset", "data/raw.dvc")
    copy = shutil.copytree(trial.root / "data/raw", tmp_path / "copy")
    shutil.rmtree(trial.root / "data/raw")
    found = trial.verify("--data", f"raw={copy}", "--data-root", "/nonexistent")
    assert found.failed() == {"scratch.tmp": "not in the recorded inventory"}
    (copy / "scratch.tmp").unlink()
    assert trial.verify("--data", f"raw={copy}").code == 0
    (copy / "a.csv").write_text("id,name\n2,ONE\n")
    assert trial.verify("--data", f"raw={copy}").condition == "altered"


def test_another_clone_can_be_named(trial, dvc, tmp_path):
    trial.capture("--dataset", "data/raw.dvc")
    clone = tmp_path / "clone"
    git(trial.root, "clone", "-q", str(trial.root), str(clone))
    (clone / ".dvc/config.local").write_text(
        f"['remote \"store\"']\n    url = {trial.root.parent}/remote\n"
    )
    found = trial.verify("--data", f"raw={clone}/data/raw.dvc")
    assert (found.code, found.dataset["location"]) == (0, f"{clone}/data/raw.dvc")
    assert found.note == "read from DVC's remote store; the workspace has nothing"
    dvc(clone, "pull -q")
    assert trial.verify("--data-root", str(clone)).note == ""


def test_metadata_mode_reads_no_bytes(trial):
    trial.capture("--dataset", "data/raw.dvc")
    found = trial.verify("--mode", "metadata")
    assert (found.code, found.condition) == (11, "unchecked")


def test_a_remote_that_cannot_be_read_is_not_held_against_the_data(trial):
    trial.capture("--dataset", "data/raw.dvc")
    shutil.rmtree(trial.root / "data/raw")
    shutil.rmtree(trial.root / ".dvc/cache")
    (trial.root / ".dvc/config.local").write_text(
        "['remote \"store\"']\n    url = gs://bucket/path\n"
    )
    found = trial.verify()
    assert (found.code, found.condition) == (11, "unreadable")
    assert "cannot be read from here (gs)" in found.note


def test_a_list_that_was_altered_leaves_the_files_missing(trial):
    trial.capture("--dataset", "data/raw.dvc")
    shutil.rmtree(trial.root / "data/raw")
    shutil.rmtree(trial.root.parent / "remote")
    for path in (trial.root / ".dvc/cache").rglob("*.dir"):
        edit(path, path.read_bytes().replace(b"a.csv", b"z.csv"))
    found = trial.verify()
    assert (found.code, found.condition) == (10, "missing")
    assert "was altered" in found.note


@pytest.mark.parametrize("place", ["workspace", "cache", "remote"])
@pytest.mark.parametrize("damaged", [False, True])
def test_nothing_is_ever_written(trial, place, damaged):
    """DVC deletes a mismatched object of a local remote that is not read-only: that is evidence."""
    root, remote = trial.root, trial.root.parent / "remote"
    trial.capture("--dataset", "data/raw.dvc", "--dataset", "t=table.csv.dvc@v1.0.0")
    if place != "workspace":
        shutil.rmtree(root / "data/raw")
    if place == "remote":
        shutil.rmtree(root / ".dvc/cache")
    if damaged:
        for path in (root / "data/raw/c.csv", *root.glob(".dvc/cache/files/md5/??/*")):
            if path.is_file():
                path.chmod(0o644)
                path.write_bytes(path.read_bytes()[::-1])
        for path in remote.glob("files/md5/??/*"):
            path.chmod(0o644)
            path.write_bytes(path.read_bytes()[::-1])
    folders = [
        path for path in (root / "data", root / ".dvc", root / ".git", remote) if path.exists()
    ]
    for each in (path for folder in folders for path in (folder, *folder.rglob("*"))):
        if not each.is_symlink():
            each.chmod(each.stat().st_mode & ~0o222)
    before = state(*folders)
    assert (trial.verify().code == 0) is not damaged
    trial.shell("verify", "--key", "auditkit.pub", "--mode", "metadata")
    trial.shell("capture", "--dataset", "data/raw.dvc", "--dataset", "t=table.csv.dvc@v1.0.0")
    assert state(*folders) == before


def test_a_project_that_was_migrated_to_dvc_3(trial, dvc):
    """`dvc cache migrate --dvc-files` gives the same bytes another MD5."""
    folder = trial.root / "old"
    folder.mkdir()
    data = b"id,x\r\n1,2\r\n"
    (folder / "old.csv").write_bytes(data)
    md5 = hashlib.md5(data.replace(b"\r\n", b"\n")).hexdigest()
    cached = trial.root / ".dvc/cache" / md5[:2] / md5[2:]
    cached.parent.mkdir(parents=True)
    cached.write_bytes(data)
    (folder / "old.csv.dvc").write_text(f"outs:\n- md5: {md5}\n  size: 10\n  path: old.csv\n")
    found = trial.capture("--dataset", "old/old.csv.dvc")
    assert (found.dvc["hash"], found.dvc["agrees"]) == ("md5-dos2unix", True)
    (folder / "old.csv").unlink()
    assert trial.capture("--dataset", "old/old.csv.dvc").dvc["readFrom"] == {"cache": 1}
    dvc(trial.root, "checkout -q old/old.csv.dvc", "cache migrate --dvc-files")
    assert hashlib.md5(data).hexdigest() in (folder / "old.csv.dvc").read_text()
    found = trial.verify()
    assert found.code == 0
