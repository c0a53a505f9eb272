"""Delta tables on the command line: which version is meant, while tables go on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from commands import Shell
from delta_tables import TABLE, append
from deltalake import write_deltalake

APPEND = """
import sys, pyarrow
from deltalake import write_deltalake
write_deltalake(sys.argv[1], pyarrow.table({"id": [1]}), mode="append", schema_mode="merge")
"""


@pytest.fixture
def lake(sample: Shell) -> Shell:
    write_deltalake(sample.cwd / "data/events", TABLE)
    return sample


def recorded(shell: Shell) -> dict[str, object]:
    shown = shell("show", "sample/latest", "--json").document["predicate"]
    return {**shown["datasets"][0]["delta"], "warnings": shown["capture"].get("warnings", [])}


def test_the_version_is_resolved_before_a_command_that_writes_to_the_table(lake: Shell) -> None:
    """Whoever asks for the newest version afterwards names one that was not trained on."""
    append_one = (sys.executable, "-c", APPEND, "data/events")
    assert lake("run", "--dataset", "train=data/events", "--", *append_one).code == 0
    assert (recorded(lake)["version"], recorded(lake)["warnings"]) == (0, [])
    assert lake("verify", "-q").code == 0
    printed = lake("verify", "-q", "--against", "latest")
    assert printed.code == 10
    assert "(version 1 was read, and version 0 recorded" in printed.out


def test_an_output_is_the_version_that_the_command_made(lake: Shell) -> None:
    append_one = (sys.executable, "-c", APPEND, "data/events")
    assert lake("run", "--output", "events=delta:data/events", "--", *append_one).code == 0
    assert recorded(lake)["version"] == 1


def test_version_zero_is_a_version(lake: Shell) -> None:
    append(lake.cwd / "data/events", TABLE)
    assert lake("capture", "-q", "--dataset", "train=delta:data/events@0").code == 0
    assert (recorded(lake)["version"], recorded(lake)["requested"]) == (0, "0")
    assert lake("verify", "-q").code == 0


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("delta:data/events@7", 2),
        ("delta:data/events@", 2),
        ("delta:data/events@yesterday", 2),
        ("delta:data/images", 2),
        ("delta:nowhere", 2),
    ],
)
def test_what_is_not_there_is_said_before_anything_is_signed(
    lake: Shell, reference: str, code: int
) -> None:
    printed = lake("capture", "--dataset", f"train={reference}")
    assert printed.code == code, printed.err
    assert "Traceback" not in printed.err
    assert not Path(lake.cwd / "evidence").exists()


def test_which_version_is_read_follows_from_the_record(lake: Shell) -> None:
    assert lake("capture", "-q", "--dataset", "train=data/events").code == 0
    assert lake("verify", "--data", "train=delta:data/events@0").code == 2
    assert lake("verify", "-q", "--data", "train=delta:data/events").code == 0
