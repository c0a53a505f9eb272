"""Verdicts and packs name data as it was recorded or given: never the folders of a machine."""

from __future__ import annotations

import shutil
import zipfile

import pytest
from commands import Printed, Shell


@pytest.fixture
def recorded(sample: Shell) -> Shell:
    """A run whose inputs lie in the project and outside of it."""
    outside = sample.cwd.parent / "lake"
    outside.mkdir()
    (outside / "raw.csv").write_text("id\n1\n")
    inputs = ("--dataset", "train=data/train.csv", "--dataset", "images=data/images")
    done = sample("capture", *inputs, "--dataset", "raw=../lake/raw.csv")
    assert done.code == 0
    assert "'raw' lies outside of the project" in done.err
    assert "--data raw=PATH" in done.err
    assert "'train' lies outside" not in done.err
    return sample


def locations(done: Printed) -> dict[str, str]:
    (target,) = done.document["targets"]
    return {each["name"]: each["location"] for each in target["datasets"]}


def test_a_verdict_names_places_as_they_were_recorded(recorded: Shell) -> None:
    lake = recorded.cwd.parent / "lake"
    done = recorded("verify", "--json")
    assert locations(done) == {
        "train": "data/train.csv",
        "images": "data/images",
        "raw": str(lake / "raw.csv"),
    }
    assert str(recorded.cwd) not in done.out


def test_a_verdict_names_places_as_they_were_given(recorded: Shell) -> None:
    lake = recorded.cwd.parent / "lake"
    shutil.copytree(lake, recorded.cwd.parent / "copy")
    done = recorded("verify", "--data", "raw=../copy/raw.csv", "--json")
    assert (done.code, locations(done)["raw"]) == (0, "../copy/raw.csv")
    assert str(recorded.cwd.parent) not in done.out
    missing = recorded("verify", "--data", "raw=../none/raw.csv", "--json")
    assert "../none/raw.csv: no such file" in missing.out
    assert str(recorded.cwd.parent / "none") not in missing.out


def test_findings_do_not_tell_the_folders_of_this_machine(recorded: Shell) -> None:
    (recorded.cwd / "data/train.csv").unlink()
    shutil.rmtree(recorded.cwd / "data/images")
    (recorded.cwd / "data/images").symlink_to("images")
    done = recorded("verify", "--json", "--data-root", str(recorded.cwd))
    assert done.code == 10
    assert str(recorded.cwd) not in done.out
    details = [each["detail"] for each in done.document["targets"][0]["findings"]]
    assert any(each.startswith("data/train.csv: no such file") for each in details)
    assert any("data/images: " in each for each in details)


def test_a_pack_tells_nothing_of_the_machine(recorded: Shell) -> None:
    inside = recorded.cwd / "work"
    inside.mkdir()
    (recorded.cwd / "data/train.csv").unlink()
    done = recorded(
        "pack", "--key", "../auditkit.pub", "--only", "train", "../evidence", cwd=inside
    )
    assert done.code == 10
    with zipfile.ZipFile(inside / "evidence.zip") as pack:
        names = [each for each in pack.namelist() if not each.startswith("evidence/")]
        told = b"".join(map(pack.read, names))
    assert str(recorded.cwd).encode() not in told
