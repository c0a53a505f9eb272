"""`auditkit lineage` as people call it: from a model, a run, a file or a digest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from commands import Shell
from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "lineage.v1.json"


@pytest.fixture
def pipeline(shell: Shell) -> Shell:
    """Three recorded stages: ingest, transform, train."""
    for path, text in {
        "data/raw.csv": "id,delay\n1,5\n2,-3\n",
        "data/flights/a.csv": "id,delay\n1,5\n",
        "data/flights/b.csv": "id,delay\n2,-3\n",
        "data/train.csv": "id,late\n2,false\n",
        "model.bin": "weights",
    }.items():
        (shell.cwd / path).parent.mkdir(parents=True, exist_ok=True)
        (shell.cwd / path).write_text(text)
    assert shell("init", "--project", "flights").code == 0
    for name, reads, writes in (
        ("ingest", "raw=data/raw.csv", "flights=data/flights"),
        ("transform", "flights=data/flights", "train=data/train.csv"),
        ("train", "train=data/train.csv", "model=model.bin"),
    ):
        done = shell("capture", "--name", name, "--dataset", reads, "--output", writes)
        assert done.code == 0, done.err
    return shell


def names(document: dict) -> list[str]:
    return sorted(each["name"] for each in document["runs"])


def test_the_tree_of_a_model_leads_to_the_raw_data(pipeline: Shell) -> None:
    done = pipeline("lineage", "model.bin", "--upstream")
    assert done.code == 0
    lines = [line.strip("│├└─ ") for line in done.out.splitlines()]
    assert lines[0].startswith("model.bin (1 file, ")
    words = ("written by run train", "read train data/train.csv", "written by run transform")
    words += (
        "read flights data/flights (2 files",
        "written by run ingest",
        "read raw data/raw.csv",
    )
    assert [line.startswith(word) for line, word in zip(lines[2:], words, strict=True)] == [
        True
    ] * 6


def test_data_leads_to_the_models_that_used_it(pipeline: Shell) -> None:
    done = pipeline("lineage", "data/raw.csv", "--downstream", "--json")
    assert names(done.document) == ["ingest", "train", "transform"]
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(done.document)


@pytest.mark.parametrize("target", ["path", "digest"])
def test_a_single_file_of_a_folder_is_found_through_its_inventory(
    pipeline: Shell, target: str
) -> None:
    (pipeline.cwd / "data/flights/b.csv").rename(pipeline.cwd / "moved.csv")
    digest = hashlib.sha256((pipeline.cwd / "moved.csv").read_bytes()).hexdigest()
    path = "moved.csv" if target == "path" else f"sha256:{digest}"
    done = pipeline("lineage", path, "--json", "--downstream", "--depth", "1")
    assert done.code == 0, done.err
    assert names(done.document) == ["transform"]


def test_a_folder_is_found_by_what_it_holds(pipeline: Shell) -> None:
    (pipeline.cwd / "data/flights").rename(pipeline.cwd / "elsewhere")
    done = pipeline("lineage", "elsewhere", "--json", "--depth", "1")
    assert names(done.document) == ["ingest", "transform"]


def test_an_altered_file_is_looked_for_where_it_was_recorded(pipeline: Shell) -> None:
    (pipeline.cwd / "model.bin").write_text("other weights")
    done = pipeline("lineage", "model.bin", "--json", "--depth", "1")
    assert names(done.document) == ["train"]
    assert "is not what was recorded there" in done.err


@pytest.mark.parametrize("digits", [8, 64])
def test_runs_are_named_by_id_digest_or_as_the_latest(pipeline: Shell, digits: int) -> None:
    latest = pipeline("lineage", "flights/latest", "--json").document
    (run,) = (each for each in latest["runs"] if each["id"] in latest["origins"])
    assert run["name"] == "train"
    for target in (run["run"], f"sha256:{run['manifest'][:digits]}", f"evidence/{run['run']}"):
        assert pipeline("lineage", target, "--json").document["origins"] == latest["origins"]


def test_forms_follow_the_name_of_the_file(pipeline: Shell) -> None:
    for name, begins in (
        ("l.svg", "<svg "),
        ("l.dot", "digraph "),
        ("l.json", "{"),
        ("l.txt", "mo"),
    ):
        done = pipeline("lineage", "model.bin", "-o", name)
        assert (done.code, done.out) == (0, "")
        assert (pipeline.cwd / name).read_text().startswith(begins)
    assert (
        pipeline("lineage", "model.bin", "--format", "svg").out
        == (pipeline.cwd / "l.svg").read_text()
    )


def test_a_second_question_finds_what_was_recorded_since(pipeline: Shell) -> None:
    pipeline("lineage", "model.bin")
    pipeline(
        "capture", "--name", "score", "--dataset", "model=model.bin", "--output", "s=data/raw.csv"
    )
    done = pipeline("lineage", "model.bin", "--downstream", "--depth", "1", "--json")
    assert names(done.document) == ["score"]
    assert list((pipeline.cwd.parent / "home/.cache/auditkit/index").iterdir())


def test_a_missing_parent_shows(pipeline: Shell) -> None:
    first = pipeline("lineage", "flights/latest", "--json").document["origins"][0]
    run = first.removeprefix("run:")
    done = pipeline("capture", "--dataset", "data/raw.csv", "--parent", run[:16], "--name", "tune")
    assert done.code == 0, done.err
    shown = pipeline("show", run[:16], "--json").document["predicate"]["run"]["id"]
    (pipeline.cwd / "evidence" / shown / "manifest.sigstore.json").unlink()
    done = pipeline("lineage", "flights/latest", "--upstream")
    assert f"declares as its parent run {shown}, which is not recorded here" in done.out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["model.bin", "--upstream", "--downstream"], 2, "--upstream and --downstream"),
        (["model.bin", "--json", "--format", "svg"], 2, "--json with another"),
        (["nowhere.bin"], 2, "no such path, run, manifest or recorded data"),
        (["sha256:" + "0" * 64], 2, "no such path, run, manifest or recorded data"),
        (["auditkit.toml"], 2, "no run recorded this"),
        (["0"], 2, "no such path, run"),
    ],
)
def test_what_cannot_be_answered(
    pipeline: Shell, arguments: list[str], code: int, words: str
) -> None:
    done = pipeline("lineage", *arguments)
    assert done.code == code, done.err
    assert words in (done.document["message"] if "--json" in arguments else done.err)


def test_without_any_run_there_is_nothing_to_show(shell: Shell) -> None:
    assert shell("lineage", "anything").code == 3
