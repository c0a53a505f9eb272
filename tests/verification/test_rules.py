"""What may and may not lead to which overall status."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from projects import Outcome, Project

from auditkit.api.capture import capture_run
from auditkit.api.options import CaptureOptions, DatasetRequest
from auditkit.datasets.base import Reference
from auditkit.errors import UsageError
from auditkit.findings import overall
from auditkit.signing.signer import Signer


def test_overall_never_passes_on_skipped_alone() -> None:
    assert overall([]) == "indeterminate"
    assert overall(["skipped", "skipped"]) == "indeterminate"
    assert overall(["passed", "skipped"]) == "passed"
    assert overall(["passed", "indeterminate"]) == "indeterminate"
    assert overall(["indeterminate", "failed", "passed"]) == "failed"


def test_without_a_key_nothing_is_opened_and_nothing_passes(project: Project) -> None:
    outcome = project.verify(trust=None)
    assert outcome.verdict.exit_code == 11
    assert outcome.verdict.trust.kind == "none"
    assert "passed" not in {each.status for each in outcome.findings if each.step > 1}
    assert outcome.runs[0].statement is None


def test_inspection_never_passes(project: Project) -> None:
    outcome = project.verify(mode="inspect")
    assert outcome.verdict.exit_code == 11
    assert outcome.verdict.targets[0].datasets == ()


def test_metadata_mode_reads_no_bytes_and_never_passes(project: Project) -> None:
    outcome = project.verify(mode="metadata")
    assert outcome.failed() == []
    assert outcome.verdict.exit_code == 11
    for dataset in outcome.verdict.targets[0].datasets:
        assert dataset.condition == "unchecked"
        assert (dataset.coverage.files, dataset.coverage.bytes) == (0, 0)
    schema = [each for each in outcome.findings if each.check == "dataset.schema"]
    assert {each.status for each in schema if each.subject == "train"} == {"passed"}


def test_metadata_mode_sees_sizes_names_and_footers(project: Project) -> None:
    path = project.root / "data/images/a.bin"
    path.write_bytes(path.read_bytes() + b"x")
    assert project.verify(mode="metadata").dataset("images").condition == "altered"
    assert project.verify(mode="metadata").verdict.exit_code == 10


def test_metadata_mode_misses_a_change_of_the_same_size_and_does_not_claim_otherwise(
    project: Project,
) -> None:
    (project.root / "data/images/a.bin").write_bytes(b"b" * 1000)
    assert project.verify(mode="metadata").verdict.exit_code == 11


def test_only_restricts_and_says_so(project: Project) -> None:
    (project.root / "data/images/a.bin").write_bytes(b"b" * 1000)
    outcome = project.verify(only=frozenset({"labels"}))
    assert outcome.verdict.exit_code == 0
    assert outcome.verdict.only == ("labels",)
    assert outcome.dataset("images").status == "skipped"
    assert outcome.dataset("images").coverage.files == 0


@pytest.mark.parametrize("option", ["only", "data"])
def test_a_name_that_is_not_recorded_is_a_usage_error(project: Project, option: str) -> None:
    value = frozenset({"nosuch"}) if option == "only" else {"nosuch": Reference(".")}
    with pytest.raises(UsageError, match="nosuch"):
        project.verify(**{option: value})


def test_moved_data_is_found_by_root_and_by_name(project: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (project.root / "data").rename(elsewhere / "data")
    (project.root / "models").rename(elsewhere / "models")
    missing = project.verify()
    assert missing.verdict.exit_code == 10
    assert {each.condition for each in missing.verdict.targets[0].datasets} == {"missing"}
    assert project.verify(data_root=elsewhere).verdict.exit_code == 0
    (elsewhere / "data/labels.csv").rename(elsewhere / "renamed.csv")
    found = {"labels": Reference(str(elsewhere / "renamed.csv"))}
    assert project.verify(data_root=elsewhere, data=found).verdict.exit_code == 0


def test_a_file_that_cannot_be_read_is_indeterminate_not_missing(project: Project) -> None:
    path = project.root / "data/images/a.bin"
    path.unlink()
    path.symlink_to("a.bin")
    outcome = project.verify()
    assert outcome.dataset("images").condition == "unreadable"
    assert outcome.verdict.exit_code == 11


def test_an_unreadable_file_does_not_hide_an_altered_one(project: Project) -> None:
    path = project.root / "data/images/a.bin"
    path.unlink()
    os.mkfifo(path)
    (project.root / "data/images/sub/b.bin").write_bytes(b"c" * 1000)
    outcome = project.verify()
    assert (9, "dataset.bytes", "images", "sub/b.bin") in outcome.failed()
    assert outcome.dataset("images").condition == "altered"


def test_another_trusted_key_is_not_this_one(project: Project, stranger: Signer) -> None:
    outcome = project.verify(trusted=stranger)
    assert [each[:2] for each in outcome.failed()] == [(3, "signer")]


def _git(root: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org")
    command = ["git", "-C", str(root), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _with_commit(project: Project) -> Project:
    _git(project.root, "init", "-q")
    (project.root / "train.py").write_text("print(1)\n")
    _git(project.root, "add", "train.py")
    _git(project.root, "commit", "-qm", "start")
    result = capture_run(
        CaptureOptions(
            project="sample",
            root=project.root,
            signers=(project.signer,),
            evidence_dir=project.root / "evidence",
            datasets=(
                DatasetRequest(
                    name="images", reference=Reference("data/images"), base=project.root
                ),
            ),
        )
    )
    for folder in (project.root / "evidence").iterdir():
        if folder != result.path:
            folder.rename(project.root / "kept")
    return project


def _code(outcome: Outcome) -> str:
    (status,) = outcome.statuses("code")
    return status


def test_the_commit_is_looked_for_only_where_told(project: Project, tmp_path: Path) -> None:
    _with_commit(project)
    assert _code(project.verify()) == "skipped"
    assert _code(project.verify(repo=project.root)) == "passed"
    other = tmp_path / "other"
    other.mkdir()
    assert _code(project.verify(repo=other)) == "failed"
    _git(other, "init", "-q")
    outcome = project.verify(repo=other)
    assert _code(outcome) == "failed"
    assert outcome.verdict.exit_code == 10
