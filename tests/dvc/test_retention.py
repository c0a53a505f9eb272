"""`auditkit retention` on data in DVC: nothing holds it, and `dvc gc` removes what nothing names."""

import shutil

import pytest
from dvcproject import check_out, git


@pytest.fixture
def row(trial):
    def row(reference, *arguments):
        if reference:
            trial.capture("--dataset", reference)
        done = trial.shell("retention", "--key", "auditkit.pub", *arguments, "--json")
        (found,) = done.document["rows"]
        return found

    return row


def test_a_tag_names_the_version(row):
    found = row("raw=data/raw.dvc@v1.0.0")
    assert (found["outcome"], found["version"]) == ("unknown", "v1.0.0")
    assert found["setting"] == "scope of dvc gc"
    assert found["detail"] == (
        "tag v1.0.0 names it: only dvc gc with -T keeps it in the cache and the remote store"
    )
    assert found["action"] == "Keep the tag, and never run dvc gc without --all-tags."


def test_only_a_branch_names_the_version(row, trial):
    git(trial.root, "tag", "-d", "v1.1.0")
    found = row("data/raw.dvc")
    assert found["version"].endswith(".dir")
    assert "branch main names it, until it moves on" in found["detail"]
    shutil.rmtree(trial.root.parent / "remote")
    found = row(None)
    assert "keeps it in the cache" in found["detail"]
    assert found["action"].endswith("Run dvc push, so that a remote has it too.")


def test_nothing_names_the_version(row, trial, dvc):
    (trial.root / "table.csv").write_text("id,x\n1,5\n")
    dvc(trial.root, "add -q table.csv")
    found = row("table.csv.dvc")
    assert "no tag and no branch names it" in found["detail"]
    assert "from the cache" in found["detail"]


def test_only_the_workspace_has_the_bytes(row, trial):
    (trial.root / "table.csv").write_text("id,x\n1,5\n")
    found = row("table.csv.dvc")
    assert found["setting"] == "none: only the workspace"
    assert "dvc push" in found["action"]


def test_what_was_collected_as_garbage_is_lost(row, trial, dvc):
    row("raw=data/raw.dvc@v1.0.0")
    check_out(dvc, trial.root, "v1.1.0")
    shutil.rmtree(trial.root / "data/raw")
    assert row(None)["outcome"] == "unknown"
    dvc(trial.root, "gc -q -w -c -f")
    assert row(None)["outcome"] == "lost"


def test_code_of_a_stage_is_a_plain_file(row, trial, dvc):
    (trial.root / "train.py").write_text("")
    (trial.root / "dvc.yaml").write_text("stages: {s: {cmd: 'true', deps: [train.py]}}")
    dvc(trial.root, "repro -q s")
    trial.capture("--dvc-stage", "s")
    assert row(None)["setting"] == "none: plain local files"
