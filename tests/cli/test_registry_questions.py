"""`runs`, `lineage`, `show` and `inventory` over a registry, as people call them."""

from __future__ import annotations

import shutil

import pytest
from commands import Shell


@pytest.fixture
def recorded(shell: Shell) -> Shell:
    """Two runs in a registry, the second of which read what the first wrote; no evidence here."""
    for name in "abc":
        (shell.cwd / f"{name}.txt").write_text(name)
    assert shell("init", "--project", "sample", "--registry", "registry").code == 0
    capture(shell, "one", "a", "b")
    capture(shell, "two", "b", "c")
    shutil.move(shell.cwd / "evidence", shell.cwd / "elsewhere")
    return shell


def capture(shell: Shell, name: str, reads: str, writes: str) -> None:
    data = ("--dataset", f"{reads}={reads}.txt", "--output", f"{writes}={writes}.txt")
    done = shell("capture", "--name", name, *data, "--record")
    assert done.code == 0, done.err


def names(shell: Shell, *arguments: str) -> list[str]:
    return [each["name"] for each in shell("runs", "--json", *arguments).document["runs"]]


def test_runs_of_the_registry_are_listed(recorded: Shell) -> None:
    assert names(recorded) == ["two", "one"]
    runs = recorded("runs", "--json").document["runs"]
    assert [(each["place"], each["entry"]) for each in runs] == [("entry 1", 1), ("entry 0", 0)]
    assert names(recorded, "--dataset", "a") == ["one"]
    assert names(recorded, "--no-registry") == []


def test_the_registry_may_be_named(recorded: Shell) -> None:
    elsewhere = recorded.cwd / "another"
    elsewhere.mkdir()
    (elsewhere / "auditkit.toml").write_text('project = "other"\n')
    registry = str(recorded.cwd / "registry")
    done = recorded("runs", "--registry", registry, cwd=elsewhere)
    assert (done.code, len(done.out.splitlines())) == (0, 3)
    assert "no log is trusted" in done.err
    done = recorded("runs", "--registry", registry, "--no-registry")
    assert (done.code, done.out) == (2, "")


def test_lineage_through_the_registry(recorded: Shell) -> None:
    done = recorded("lineage", "c.txt", "--upstream")
    assert "written by run two" in done.out
    assert "written by run one" in done.out
    assert "written by run one" not in recorded("lineage", "c.txt", "--depth", "1").out
    assert recorded("lineage", "sample/latest", "--json").document["runs"]
    assert recorded("lineage", "c.txt", "--no-registry").code == 3


def test_show_finds_what_is_not_here(recorded: Shell) -> None:
    done = recorded("show", "sample/latest")
    assert done.code == 0
    assert '"name": "two"' in done.out
    assert "not checked" in done.err
    assert "entry 1 of sample/" in done.err
    assert recorded("show", "sample/latest", "--no-registry").code == 2
    run = recorded("runs", "--json").document["runs"][1]
    for target in (run["run"], run["manifest"], run["manifest"][7:20]):
        assert recorded("show", target, "--json").document["predicate"]["run"]["name"] == "one"
    assert recorded("show", "ffffffff-1234").code == 2


def test_show_prefers_what_is_here(recorded: Shell) -> None:
    shutil.move(recorded.cwd / "elsewhere", recorded.cwd / "evidence")
    shutil.rmtree(recorded.cwd / "registry")
    assert recorded("show", "sample/latest").code == 0


def test_an_inventory_out_of_the_registry(recorded: Shell) -> None:
    done = recorded("inventory", "sample/latest", "c")
    assert done.code == 0
    assert done.out.endswith("  c.txt\n")
    for path in (recorded.cwd / "registry" / "blobs").rglob("*"):
        if path.is_file() and path.read_bytes()[:4] == b"PAR1":
            path.unlink()
    assert recorded("inventory", "sample/latest", "c").code == 10


def test_a_rolled_back_registry_is_not_listed(recorded: Shell) -> None:
    assert recorded("runs").code == 0
    registry = recorded.cwd / "registry"
    shutil.copytree(registry, recorded.cwd / "kept")
    shutil.move(recorded.cwd / "elsewhere", recorded.cwd / "evidence")
    capture(recorded, "three", "a", "c")
    assert names(recorded) == ["three", "two", "one"]
    shutil.rmtree(registry)
    shutil.move(recorded.cwd / "kept", registry)
    for command in (("runs",), ("lineage", "sample/latest"), ("runs", "--json")):
        done = recorded(*command)
        assert done.code == 10
        assert "auditkit log" in done.out + done.err
    assert recorded("runs", "--no-registry").code == 0
