"""What commands add to the summary page of a CI job, and that it never changes their outcome."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import Shell

CAPTURE = ("--dataset", "train=data/train.csv", "--output", "model=model.bin")


@pytest.fixture
def summary(tmp_path: Path) -> Path:
    return tmp_path / "summary.md"


def test_each_command_adds_to_what_is_there(sample: Shell, summary: Path) -> None:
    summary.write_text("# by somebody else\n")
    wrapped = ("run", "-q", *CAPTURE, "--", "python3", "-c", "pass")
    assert sample(*wrapped, GITHUB_STEP_SUMMARY=str(summary)).code == 0
    (sample.cwd / "data/train.csv").write_text("id,label\n1,a\n2,c\n")
    assert sample("verify", GITHUB_STEP_SUMMARY=str(summary)).code == 10
    report = sample("report", "--lang", "de", "--json", GITHUB_STEP_SUMMARY=str(summary))
    assert report.document["status"] == "failed"
    text = summary.read_text()
    assert text.startswith("# by somebody else\n\n## auditkit recorded a run\n\n- Run: `")
    assert text.count("\n## ✗ ") == 2
    assert "✗ Altered" in text
    assert "### Abweichungen" in text


def test_a_report_can_be_markdown(sample: Shell) -> None:
    assert sample("capture", *CAPTURE).code == 0
    assert sample("report", "-o", "report.md").code == 0
    assert (sample.cwd / "report.md").read_text().startswith("## ✓ ")


def test_without_a_summary_nothing_is_written(sample: Shell) -> None:
    before = sorted(sample.cwd.iterdir())
    assert sample("capture", *CAPTURE, GITHUB_STEP_SUMMARY="").code == 0
    assert sample("verify").code == 0
    assert sorted(sample.cwd.iterdir()) == sorted([*before, sample.cwd / "evidence"])


def test_a_summary_that_cannot_be_written_changes_no_outcome(sample: Shell, tmp_path: Path) -> None:
    assert sample("capture", *CAPTURE).code == 0
    printed = sample("verify", GITHUB_STEP_SUMMARY=str(tmp_path / "missing" / "summary.md"))
    assert printed.code == 0
    assert "warning: the summary of this job was left as it is: No such file" in printed.err


def test_a_full_summary_is_left_as_it_is(sample: Shell, summary: Path) -> None:
    summary.write_bytes(b"x" * (1024 * 1024 - 20))
    printed = sample("capture", *CAPTURE, GITHUB_STEP_SUMMARY=str(summary))
    assert printed.code == 0
    assert "longer than 1 MiB" in printed.err
    assert summary.stat().st_size == 1024 * 1024 - 20
