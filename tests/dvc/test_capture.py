"""Capture of data that DVC tracks: from the workspace, the cache and a remote."""

import hashlib
import os
import shutil

import pytest
from dvcproject import check_out, git, write_version

V1_TABLE = "id,x\n" + "".join(f"{i},{i}\n" for i in range(9))


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_file_in_the_workspace(trial):
    found = trial.capture("--dataset", "table.csv.dvc")
    assert found.dataset["name"] == "table"
    assert found.dataset["format"] == "dvc"
    assert found.dataset["location"] == "table.csv"
    assert found.dataset["rows"] == 9
    assert found.dataset["table"]["kind"] == "csv"
    assert found.dvc == {
        "pointer": "table.csv.dvc",
        "md5": hashlib.md5((trial.root / "table.csv").read_bytes()).hexdigest(),
        "hash": "md5",
        "readFrom": {"workspace": 1},
        "agrees": True,
    }
    assert found.warnings == []


def test_a_folder_without_what_dvcignore_leaves_out(trial):
    found = trial.capture("--dataset", "images=dvc:data/raw")
    assert (found.dataset["inventory"]["files"], found.dataset["name"]) == (4, "images")
    assert found.dvc["md5"].endswith(".dir")
    assert found.dvc["readFrom"] == {"workspace": 4}
    assert found.dvc["agrees"] is True


@pytest.mark.parametrize("reference", ["data/raw.dvc@v1.0.0", "dvc:data/raw@v1.0.0"])
def test_a_revision_that_is_not_checked_out_comes_from_the_cache(trial, reference):
    found = trial.capture("--dataset", f"raw={reference}")
    assert found.dataset["inventory"]["files"] == 3
    assert found.dvc["readFrom"] == {"cache": 3}
    assert found.dvc["revision"] == {
        "requested": "v1.0.0",
        "commit": git(trial.root, "rev-parse", "v1.0.0"),
    }
    assert found.dvc["agrees"] is True


def test_the_revision_that_is_checked_out_comes_from_the_workspace(trial, dvc):
    found = trial.capture("--dataset", "table.csv.dvc@v1.1.0")
    assert found.dvc["readFrom"] == {"workspace": 1}
    check_out(dvc, trial.root, "v1.0.0")
    found = trial.capture("--dataset", "table.csv.dvc@v1.0.0")
    assert found.dvc["readFrom"] == {"workspace": 1}
    assert found.dataset["inventory"]["root"] == {"sha256": sha256(V1_TABLE)}


def test_the_pointer_need_not_be_in_the_workspace(trial):
    git(trial.root, "rm", "-q", "table.csv.dvc")
    (trial.root / "table.csv").unlink()
    for reference in ("table.csv.dvc@v1.0.0", "dvc:table.csv@v1.0.0"):
        found = trial.capture("--dataset", f"t={reference}")
        assert found.dataset["inventory"]["root"] == {"sha256": sha256(V1_TABLE)}


def test_what_the_workspace_lacks_comes_from_the_cache_and_then_the_remote(trial):
    shutil.rmtree(trial.root / "data/raw")
    recorded = trial.capture("--dataset", "data/raw.dvc")
    assert recorded.dvc["readFrom"] == {"cache": 4}
    one = hashlib.md5(b"id,name\n8,eight\n").hexdigest()
    (trial.root / f".dvc/cache/files/md5/{one[:2]}/{one[2:]}").unlink()
    mixed = trial.capture("--dataset", "data/raw.dvc")
    assert mixed.dvc["readFrom"] == {"cache": 3, "remote": 1}
    assert mixed.dvc["remote"] == "store"
    shutil.rmtree(trial.root / ".dvc/cache")
    remote = trial.capture("--dataset", "data/raw.dvc")
    assert remote.dvc["readFrom"] == {"remote": 4}
    roots = {each.dataset["inventory"]["root"]["dirHash"] for each in (recorded, mixed, remote)}
    assert len(roots) == 1


def test_data_that_is_nowhere_is_no_data(trial):
    shutil.rmtree(trial.root / "data/raw")
    shutil.rmtree(trial.root / ".dvc/cache")
    shutil.rmtree(trial.root.parent / "remote")
    done = trial.shell("capture", "--dataset", "data/raw.dvc")
    assert done.code == 2
    assert "neither in DVC's workspace nor in its cache or a remote" in done.err


def test_data_that_was_changed_after_dvc_add_is_recorded_and_said(trial):
    table = trial.root / "data/raw/a.csv"
    table.write_text("id,name\n9,nine\n")
    (trial.root / "data/raw/new.csv").write_text("id,name\n")
    (trial.root / "data/raw/c.csv").unlink()
    found = trial.capture("--dataset", "data/raw.dvc")
    assert found.dvc["agrees"] is False
    assert found.dvc["differing"] == ["a.csv", "c.csv", "new.csv"]
    assert found.dvc["differingCount"] == 3
    (warning,) = found.warnings
    assert "3 files (a.csv, c.csv, new.csv) are not what DVC recorded in data/raw.dvc" in warning
    assert warning in found.predicate["capture"]["warnings"]


def test_without_the_list_of_files_the_whole_folder_is_compared(trial):
    for store in (trial.root / ".dvc/cache", trial.root.parent / "remote"):
        for path in store.rglob("*.dir"):
            path.unlink()
    assert trial.capture("--dataset", "data/raw.dvc").dvc["agrees"] is True
    assert "agrees" not in trial.capture("--dataset", "data/raw.dvc", "--exclude", "b.csv").dvc
    (trial.root / "data/raw/a.csv").write_text("id,name\n9,nine\n")
    found = trial.capture("--dataset", "data/raw.dvc")
    assert found.dvc["agrees"] is False
    assert "its files are not what DVC recorded" in found.warnings[0]


def test_excluded_files_are_no_difference(trial):
    found = trial.capture("--dataset", "data/raw.dvc", "--exclude", "sub/", "--exclude", "b.csv")
    assert found.dataset["inventory"]["files"] == 2
    assert found.dvc["agrees"] is True
    shutil.rmtree(trial.root / "data/raw")
    stored = trial.capture("--dataset", "data/raw.dvc", "--exclude", "sub/", "--exclude", "b.csv")
    assert stored.dataset["inventory"]["root"] == found.dataset["inventory"]["root"]


def test_a_same_size_edit_with_its_time_restored_is_seen(trial):
    """DVC itself says that data and pipelines are up to date."""
    table = trial.root / "table.csv"
    before = table.stat()
    table.write_text(table.read_text().replace("8,16", "8,61"))
    os.utime(table, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert trial.capture("--dataset", "table.csv.dvc").dvc["agrees"] is False


def test_altered_objects_in_the_cache_are_seen(trial):
    """DVC checks out, pushes and pulls altered objects, if they are as read-only as it left them."""
    (trial.root / "table.csv").unlink()
    md5 = hashlib.md5(V1_TABLE.replace("x", "x").encode()).hexdigest()
    stored = trial.root / f".dvc/cache/files/md5/{md5[:2]}/{md5[2:]}"
    stored.chmod(0o644)
    stored.write_text(V1_TABLE.replace("3,3", "3,4"))
    stored.chmod(0o444)
    done = trial.shell("capture", "--dataset", "table.csv.dvc@v1.0.0")
    assert done.code == 1
    assert "1 file (table.csv) is not what DVC recorded in table.csv.dvc, at v1.0.0" in done.err


def test_a_list_of_files_that_was_altered_is_refused(trial):
    shutil.rmtree(trial.root / "data/raw")
    shutil.rmtree(trial.root.parent / "remote")
    for path in (trial.root / ".dvc/cache").rglob("*.dir"):
        path.chmod(0o644)
        path.write_bytes(path.read_bytes().replace(b"a.csv", b"z.csv"))
    done = trial.shell("capture", "--dataset", "data/raw.dvc")
    assert done.code == 1
    assert "DVC's list of the folder's files was altered" in done.err


@pytest.mark.parametrize(
    ("reference", "message", "code"),
    [
        ("dvc:data", "DVC does not track this path", 2),
        ("dvc:data/raw/a.csv", "DVC does not track this path", 2),
        ("dvc:absent.dvc", "DVC does not track this path", 2),
        ("table.csv.dvc@v9", "git has no revision 'v9'", 2),
        ("table.csv.dvc@", "names no version", 2),
        ("dvc:../elsewhere/x.dvc", "lies in no DVC project", 2),
    ],
)
def test_what_cannot_be_found(trial, reference, message, code):
    done = trial.shell("capture", "--dataset", f"x={reference}")
    assert (done.code, message in done.err) == (code, True), done.err


@pytest.mark.parametrize("path", ["..", "../../../etc", "/etc", "s3://bucket/x", "../../x.csv"])
def test_a_pointer_never_leads_out_of_the_project(trial, path):
    pointer = trial.root / "data/bad.dvc"
    pointer.write_text(f"outs:\n- {{md5: {'0' * 31}a, hash: md5, path: {path}}}\n")
    done = trial.shell("capture", "--dataset", "bad=data/bad.dvc")
    assert done.code == 1
    assert "outside the project" in done.err or "leads out of the project" in done.err


def test_a_link_never_leads_out_of_the_project(trial, tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("secret")
    shutil.rmtree(trial.root / "data/raw")
    (trial.root / "data/raw").symlink_to(secret)
    done = trial.shell("capture", "--dataset", "data/raw.dvc")
    assert (done.code, "leads out" in done.err) == (1, True)
    (trial.root / "data/raw").unlink()
    (trial.root / "data/raw").mkdir()
    (trial.root / "data/raw/key").symlink_to(secret / "key")
    done = trial.shell("capture", "--dataset", "data/raw.dvc")
    assert (done.code, "leads out" in done.err) == (1, True)


@pytest.mark.parametrize("kind", ["symlink", "hardlink", "reflink,copy"])
def test_links_into_the_cache_are_read(trial, dvc, kind):
    dvc(trial.root, f"config cache.type {kind}", "checkout -q --relink")
    linked = (trial.root / "data/raw/a.csv").is_symlink()
    assert linked == (kind == "symlink")
    for reference in ("data/raw.dvc", "table.csv.dvc"):
        found = trial.capture("--dataset", reference)
        assert found.dvc["agrees"] is True
        assert set(found.dvc["readFrom"]) == {"workspace"}


def test_a_cache_that_is_shared_lies_elsewhere(trial, dvc, tmp_path):
    shutil.move(trial.root / ".dvc/cache", tmp_path / "shared")
    dvc(
        trial.root, f"cache dir {tmp_path}/shared", "config cache.type symlink", "checkout --relink"
    )
    assert trial.capture("--dataset", "data/raw.dvc").dvc["agrees"] is True
    shutil.rmtree(trial.root / "data/raw")
    assert trial.capture("--dataset", "data/raw.dvc").dvc["readFrom"] == {"cache": 4}


def test_a_project_in_a_subfolder_of_the_repository(trial, dvc):
    inner = trial.root / "inner"
    inner.mkdir()
    dvc(inner, "init -q --subdir")
    (inner / "d.csv").write_text("a\n1\n")
    dvc(inner, "add -q d.csv")
    git(trial.root, "add", "-A")
    git(trial.root, "commit", "-qm", "inner")
    (inner / "d.csv").unlink()
    found = trial.capture("--dataset", "inner/d.csv.dvc@HEAD")
    assert found.dataset["location"] == "inner/d.csv"
    assert found.dvc["pointer"] == "d.csv.dvc"


def test_a_project_without_git_has_no_revisions(trial, dvc, tmp_path):
    plain = tmp_path / "plain"
    plain.mkdir()
    dvc(plain, "init -q --no-scm")
    (plain / "data/raw").mkdir(parents=True)
    write_version(plain, 1)
    dvc(plain, "add -q data/raw")
    found = trial.capture("--dataset", f"raw={plain}/data/raw.dvc")
    assert found.dataset["location"] == f"{plain}/data/raw"
    assert found.dvc["agrees"] is True
    done = trial.shell("capture", "--dataset", f"raw={plain}/data/raw.dvc@v1")
    assert (done.code, "no git repository" in done.err) == (1, True)
