"""`--content`, its settings, and what a terminal says about rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commands import Shell

CAPTURE = ("capture", "--dataset", "train=data/train.csv")


def kinds(shell: Shell) -> dict[str, str | None]:
    """Return what kind of digest each data set of the last capture has."""
    newest = max((shell.cwd / "evidence").iterdir(), key=lambda path: path.name)
    datasets: list[dict[str, Any]] = shell("show", newest, "--json").document["predicate"][
        "datasets"
    ]
    return {each["name"]: each.get("content", {}).get("kind") for each in datasets}


def configure(shell: Shell, text: str) -> None:
    path = shell.cwd / "auditkit.toml"
    path.write_text(path.read_text() + text)


@pytest.mark.parametrize("kind", ["sequence", "bag", None])
def test_the_flag_says_which_digest(sample: Shell, kind: str | None) -> None:
    assert sample(*CAPTURE, "--output", "model.bin", "--content", kind or "none").code == 0
    assert kinds(sample) == {"train": kind, "model.bin": None}
    assert sample("verify").code == 0


def test_tables_have_a_digest_without_being_asked(sample: Shell) -> None:
    assert sample(*CAPTURE).code == 0
    assert kinds(sample) == {"train": "sequence"}


def test_a_data_set_beats_the_project_and_the_flag_beats_both(sample: Shell) -> None:
    (sample.cwd / "data/other.csv").write_text("a\n1\n")
    configure(
        sample,
        '[capture]\ncontent = "none"\n'
        '[datasets.train]\npath = "data/train.csv"\ncontent = "bag"\n'
        '[outputs]\nother = "data/other.csv"\n',
    )
    assert sample("capture").code == 0
    assert kinds(sample) == {"train": "bag", "other": None}
    assert sample(*CAPTURE, "--dataset", "new=data/other.csv").code == 0
    assert kinds(sample) == {"train": "bag", "new": None}
    assert sample("capture", "--content", "sequence").code == 0
    assert kinds(sample) == {"train": "sequence", "other": "sequence"}


def test_a_wrong_kind_is_a_usage_error(sample: Shell) -> None:
    assert sample(*CAPTURE, "--content", "xor").code == 2
    configure(sample, '[capture]\ncontent = "xor"\n')
    printed = sample(*CAPTURE)
    assert printed.code == 2
    assert "xor" in printed.err


def row_digests(shell: Shell) -> dict[str, bool]:
    """Return which data sets of the last capture have digests of single rows."""
    newest = max((shell.cwd / "evidence").iterdir(), key=lambda path: path.name)
    manifest = shell("show", newest, "--json").document
    found = {
        each["name"]: "rowDigests" in each["content"] for each in manifest["predicate"]["datasets"]
    }
    for name, kept in found.items():
        assert (newest / f"{name}.rows.parquet").exists() == kept
    return found


def test_row_digests_are_kept_on_request_with_a_warning(sample: Shell) -> None:
    printed = sample(*CAPTURE, "--content", "bag", "--row-digests")
    assert printed.code == 0
    assert "find out by trial whether it holds a certain row" in " ".join(printed.err.split())
    assert row_digests(sample) == {"train": True}
    assert sample("verify").code == 0
    printed = sample(*CAPTURE, "--content", "bag")
    assert "warning" not in printed.err
    assert row_digests(sample) == {"train": False}


def test_row_digests_without_a_bag_are_a_usage_error(sample: Shell) -> None:
    for flags in ((), ("--content", "sequence"), ("--content", "none")):
        printed = sample(*CAPTURE, "--row-digests", *flags)
        assert printed.code == 2
        assert "--content bag" in printed.err


def test_row_digests_of_one_data_set_or_of_all(sample: Shell) -> None:
    (sample.cwd / "data/other.csv").write_text("a\n1\n")
    configure(
        sample,
        '[capture]\ncontent = "bag"\nrow-digests = true\n'
        '[datasets.train]\npath = "data/train.csv"\nrow-digests = false\n'
        '[outputs.other]\npath = "data/other.csv"\n'
        '[datasets.ordered]\npath = "data/other.csv"\ncontent = "sequence"\n',
    )
    assert sample("capture").code == 0
    assert row_digests(sample) == {"train": False, "ordered": False, "other": True}
    assert sample("capture", "--row-digests").code == 0
    assert row_digests(sample) == {"train": True, "ordered": False, "other": True}
    assert sample("capture", "--content", "sequence").code == 0
    assert row_digests(sample) == {"train": False, "ordered": False, "other": False}


def test_row_digests_of_a_sequence_are_a_mistake_in_the_settings(sample: Shell) -> None:
    configure(sample, '[datasets.train]\npath = "data/train.csv"\nrow-digests = true\n')
    printed = sample("capture")
    assert printed.code == 2
    assert "'train'" in printed.err


def test_the_terminal_names_an_added_row(sample: Shell) -> None:
    path = sample.cwd / "data/train.csv"
    assert sample(*CAPTURE, "--content", "bag", "--row-digests").code == 0
    path.write_text("id,label\n2,b\n3,c\n1,a\n")
    printed = sample("verify")
    assert printed.code == 10
    text = " ".join(printed.out.split())
    assert "1 row added; 2 of 2 rows as recorded" in text
    assert "FAILED dataset.content train row 1, file train.csv: not recorded" in text


def test_the_terminal_names_column_rows_and_file(sample: Shell) -> None:
    path = sample.cwd / "data/train.csv"
    path.write_text("id,label\n1,a\n2,b\n3,c\n")
    assert sample(*CAPTURE).code == 0
    path.write_text("id,label\n1,a\n2,x\n3,c\n")
    printed = sample("verify")
    assert printed.code == 10
    expected = "FAILED dataset.content train column 'label', rows 0-2, file train.csv"
    assert expected in " ".join(printed.out.split())


def test_the_terminal_says_how_a_relaid_table_differs(sample: Shell) -> None:
    assert sample(*CAPTURE).code == 0
    path = sample.cwd / "data/train.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    printed = sample("verify")
    assert printed.code == 0
    assert "relaid" in printed.out
    assert "(1 file rewritten)" in " ".join(printed.out.split())
    verdict = json.loads(sample("verify", "--json").out)
    assert verdict["targets"][0]["datasets"][0]["condition"] == "relaid"


def test_the_report_has_the_digest(sample: Shell, tmp_path: Path) -> None:
    assert sample(*CAPTURE).code == 0
    assert sample("report", "-o", tmp_path / "report.html").code == 0
    text = (tmp_path / "report.html").read_text()
    assert "Content digest (sequence)" in text
