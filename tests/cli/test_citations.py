"""`--dataset NAME=run:RUN/NAME` as people write it."""

from __future__ import annotations

import pytest
from commands import Shell

import auditkit


@pytest.fixture
def base(sample: Shell) -> Shell:
    done = sample("capture", "--dataset", "train=data/train.csv", "--output", "model=model.bin")
    assert done.code == 0, done.err
    return sample


def cited(shell: Shell) -> dict[str, dict]:
    document = shell("show", "sample/latest", "--json").document
    return {each["name"]: each for each in document["predicate"]["datasets"] if "cites" in each}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("run:sample/latest/train", "train"),
        ("base=run:sample/latest/train", "base"),
        ("base:reference=run:sample/latest/model", "base"),
    ],
)
def test_a_run_is_cited_from_the_command_line(base: Shell, text: str, name: str) -> None:
    done = base("capture", "--dataset", text, "--output", "model=model.bin")
    assert done.code == 0, done.err
    assert list(cited(base)) == [name]
    assert base("verify", "sample/latest").code == 0


def test_a_run_is_cited_from_the_project_file(base: Shell) -> None:
    with (base.cwd / "auditkit.toml").open("a") as file:
        file.write('[datasets.base]\npath = "run:sample/latest/train"\n')
        file.write('[outputs]\nmodel = "model.bin"\n')
    assert base("capture").code == 0
    assert cited(base)["base"]["basis"] == "derived"


def test_a_wrapped_command_may_cite(base: Shell) -> None:
    done = base(
        *("run", "--dataset", "base=run:sample/latest/train", "--output", "model=model.bin"),
        *("--", "true"),
    )
    assert done.code == 0, done.err
    assert list(cited(base)) == ["base"]


def test_a_dry_run_tells_what_is_cited(base: Shell) -> None:
    done = base("capture", "--dry-run", "--dataset", "base=run:sample/latest/train", "--json")
    assert done.document["cited"] == ["sample/latest/train"]
    assert done.document["files"] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--dataset", "run:sample/latest"],
        ["--dataset", "run:"],
        ["--dataset", "base=run:nobody/latest/train"],
        ["--dataset", "base=run:sample/latest/nothing"],
        ["--output", "model=run:sample/latest/model"],
        ["--dataset", "model=run:sample/latest/model", "--output", "model=model.bin"],
    ],
)
def test_what_cannot_be_cited(base: Shell, arguments: list[str]) -> None:
    done = base("capture", *arguments)
    assert done.code == 2, done.err


def test_data_has_a_place_and_no_run(base: Shell) -> None:
    assert base("verify", "--data", "train=run:sample/latest/train").code == 2


def test_python_cites_the_same_way(base: Shell, monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.chdir(base.cwd)
    for name, value in base.environ.items():
        monkeypatch.setenv(name, value)
    with auditkit.capture() as run:
        run.dataset("base", "run:sample/latest/train")
        run.output("model", "model.bin")
    assert list(cited(base)) == ["base"]
