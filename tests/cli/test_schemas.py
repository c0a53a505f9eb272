"""`auditkit schemas`: versions of a data set's columns, numbered in the order of the log."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from commands import Shell
from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "schemas.v1.json"
TABLES = {
    "first": "id,delay\n1,4\n",
    "second": "id,delay\n1,late\n",
    "third": "id,delay,gate\n1,late,A1\n",
    "again": "id,delay\n7,9\n",
}


@pytest.fixture(params=["registry", "folder"])
def recorded(shell: Shell, request: pytest.FixtureRequest) -> Shell:
    """Runs with three schemas of one data set; the fourth run has the first schema again."""
    place = ("--registry", "registry") if request.param == "registry" else ()
    assert shell("init", "--project", "flights", *place).code == 0
    config = shell.cwd / "auditkit.toml"
    plain = config.read_text()
    for version, (name, text) in enumerate(TABLES.items(), start=1):
        (shell.cwd / "train.csv").write_text(text)
        dataset = f'\n[datasets.train]\npath = "train.csv"\nschema-version = "v{version}"\n'
        config.write_text(plain + dataset)
        record = ("--record",) if place else ()
        done = shell("capture", "--name", name, *record)
        assert done.code == 0, done.err
    return shell


def test_versions_are_numbered_as_they_came_up(recorded: Shell) -> None:
    document = recorded("schemas", "--json").document
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
    (history,) = document["datasets"]
    assert (history["project"], history["dataset"]) == ("flights", "train")
    shown = [(each["ordinal"], each["declared"], each["runs"]) for each in history["versions"]]
    assert shown == [(1, ["v1", "v4"], 2), (2, ["v2"], 1), (3, ["v3"], 1)]
    first, second, third = (each["changed"] for each in history["versions"])
    assert first is None
    assert second["verdict"] == "breaking"
    assert second["changes"] == ["column 'delay' changed from int64 to string"]
    assert third["verdict"] == "compatible"
    assert third["changes"] == ["column 'gate' added (string)"]


def test_the_order_is_that_of_the_log_at_a_checkpoint(recorded: Shell) -> None:
    document = recorded("schemas", "train", "--json").document
    (history,) = document["datasets"]
    entries = [each["entry"] for each in history["versions"]]
    out = recorded("schemas").out
    if (recorded.cwd / "registry").exists():
        checkpoint = document["checkpoint"]
        assert (checkpoint["size"], entries) == (4, [0, 1, 2])
        assert f"in the order of log {checkpoint['origin']} at 4 entries" in out
        assert checkpoint["root"] in out
    else:
        assert (document["checkpoint"], entries) == (None, [None] * 3)
        assert "in the order of recording" in out


def test_people_read_what_changed(recorded: Shell) -> None:
    lines = recorded("schemas").out.splitlines()
    assert lines[0] == "train of flights"
    assert lines[1].startswith("  1, declared v1, v4, 2 columns, 2 runs, first in ")
    assert lines[2].startswith("  2, breaking, declared v2, 2 columns, 1 run, first in ")
    assert lines[3] == "     column 'delay' changed from int64 to string"


def test_runs_tell_which_version_they_had(recorded: Shell) -> None:
    runs = recorded("runs", "--json").document["runs"]
    found = {each["name"]: each["datasets"][0]["schema_ordinal"] for each in runs}
    assert found == {"first": 1, "second": 2, "third": 3, "again": 1}


def test_nothing_fits(recorded: Shell) -> None:
    for arguments in (("other",), ("--project", "other")):
        done = recorded("schemas", *arguments)
        assert (done.code, done.out.count("\n") <= 1) == (0, True)
        assert "no recorded data set fits" in done.err


@pytest.mark.parametrize("recorded", ["registry"], indirect=True)
def test_a_manifest_that_is_gone_leaves_its_changes_open(recorded: Shell) -> None:
    assert recorded("schemas").code == 0
    for path in (recorded.cwd / "registry" / "blobs").rglob("*"):
        if path.is_file() and b"dsseEnvelope" in path.read_bytes():
            path.unlink()
    (history,) = recorded("schemas", "--json").document["datasets"]
    assert [each["columns"] for each in history["versions"]] == [None] * 3
    assert "what changed cannot be read" in recorded("schemas").out


def test_an_index_with_a_schema_that_no_run_had_is_made_again(recorded: Shell) -> None:
    before = recorded("schemas").out
    (path,) = Path(recorded.environ["HOME"]).rglob("*.sqlite")
    with sqlite3.connect(path) as connection:
        row = ("flights", "train", "0" * 64, -1, 99)
        connection.execute("INSERT INTO schemas VALUES (?, ?, ?, ?, ?)", row)
    connection.close()
    assert recorded("schemas").code == 1
    assert recorded("schemas").out == before
    shutil.rmtree(path.parent)
    assert recorded("schemas").out == before
