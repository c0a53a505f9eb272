"""`auditkit runs` as people call it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from commands import Shell
from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "runs.v1.json"


@pytest.fixture
def recorded(sample: Shell) -> Shell:
    """Two runs, of which the second has a higher learning rate."""
    for name, rate in (("first", "0.1"), ("second", "0.5")):
        done = sample(
            *("capture", "--name", name, "--param", f"optimiser.lr={rate}", "--metric", "auc=0.9"),
            *("--dataset", "train=data/train.csv", "--dataset", "images=data/images"),
            *("--output", "model=model.bin"),
        )
        assert done.code == 0, done.err
    return sample


def names(shell: Shell, *arguments: str) -> list[str]:
    done = shell("runs", "--json", *arguments)
    assert done.code == 0, done.err
    return [each["name"] for each in done.document["runs"]]


def test_runs_are_listed_the_latest_first(recorded: Shell) -> None:
    done = recorded("runs")
    lines = done.out.splitlines()
    assert lines[0].split() == [
        "recorded",
        "run",
        "project",
        "name",
        "ended",
        "commit",
        "verified",
        "read",
        "wrote",
    ]
    assert [line.split()[4] for line in lines[1:]] == ["second", "first"]
    assert lines[1].endswith("train, images  model")


def test_the_document_follows_its_schema(recorded: Shell) -> None:
    document = recorded("runs", "--json").document
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
    assert document["runs"][0]["parameters"] == {"optimiser.lr": 0.5}


def test_filters_narrow_the_list_down(recorded: Shell) -> None:
    image = hashlib.sha256(b"one").hexdigest()
    assert names(recorded, "--param", "optimiser.lr>0.1") == ["second"]
    assert names(recorded, "--metric", "auc>=0.9", "--name", "first") == ["first"]
    assert names(recorded, "--digest", image) == ["second", "first"]
    assert names(recorded, "--project", "other") == []
    assert names(recorded, "--since", "1h") == ["second", "first"]
    assert names(recorded, "--until", "2020-01-01") == []


def test_a_longer_list_is_cut_and_says_so(recorded: Shell) -> None:
    done = recorded("runs", "--limit", "1")
    assert len(done.out.splitlines()) == 2
    assert "there are more" in done.err
    assert recorded("runs", "--limit", "1", "--json").document["more"] is True


def test_what_cannot_be_read_is_counted(recorded: Shell) -> None:
    (first, _) = sorted((recorded.cwd / "evidence").iterdir())
    (first / "manifest.sigstore.json").write_text("{")
    done = recorded("runs")
    assert len(done.out.splitlines()) == 2
    assert "1 manifest could not be read" in done.err


def test_without_evidence_the_list_is_empty(shell: Shell) -> None:
    done = shell("runs")
    assert (done.code, done.out) == (0, "")
    assert "no recorded run fits" in done.err


@pytest.mark.parametrize(
    "arguments", [["--param", "lr"], ["--since", "yesterday"], ["--limit", "0"], ["--until", "9w9"]]
)
def test_what_cannot_be_understood(recorded: Shell, arguments: list[str]) -> None:
    assert recorded("runs", *arguments).code == 2
