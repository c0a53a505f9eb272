"""Every hostile case has the outcome that its folder's name says, and is made again without a change."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest
from bundles.making import EXIT_CODES
from bundles.vectors import FOLDER, cases, contents
from commands import Shell

NAMES = sorted(path.name for path in FOLDER.iterdir())


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, {"PATH": os.environ["PATH"], "HOME": str(tmp_path)})


@pytest.mark.parametrize("name", NAMES)
def test_the_outcome_is_the_one_in_the_name(name: str, shell: Shell) -> None:
    folder = FOLDER / name
    told = json.loads((folder / "case.json").read_text())
    printed = shell(*told["command"][1:], "--json", cwd=folder)
    assert printed.code == told["exit_code"] == EXIT_CODES[name.rpartition("-")[2]], printed.out
    if printed.code == EXIT_CODES["refused"]:
        assert printed.document["hint"]
        return
    (target,) = printed.document["targets"]
    found = [[each["check"], each["status"]] for each in target["findings"]]
    for expected in told["findings"]:
        assert expected in found, printed.out
    failed = {each["check"] for each in target["findings"] if each["status"] == "failed"}
    assert failed == {check for check, status in told["findings"] if status == "failed"}


def test_vectors_are_made_again_without_a_change() -> None:
    made = {case.name: contents(case) for case in cases()}
    assert sorted(made) == NAMES, "run `make vectors`"
    for name, files in made.items():
        folder = FOLDER / name
        stored = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        assert stored == files, f"run `make vectors`: {name}"


def test_names_are_unique_and_every_outcome_occurs() -> None:
    counted = Counter(case.name for case in cases())
    assert set(counted.values()) == {1}
    assert {case.outcome for case in cases()} == set(EXIT_CODES)
