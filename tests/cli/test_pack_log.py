"""A pack of a recorded run proves offline that the run is in the log, by a key from elsewhere."""

from __future__ import annotations

import os
import shutil
import tomllib
import zipfile
from pathlib import Path

import pytest
from commands import Printed, Shell

from auditkit.registry.receipt import decode_receipt

CAPTURE = ("capture", "--dataset", "train=data/train.csv", "--output", "model=model.bin")
RECEIPT = "manifest.tlog-proof"


@pytest.fixture
def recorded(sample: Shell) -> Shell:
    """Two runs in the log; the receipt of the second lies in the registry only."""
    assert sample("init", "--registry", "../registry").code == 0
    for _ in range(2):
        assert sample(*CAPTURE, "--record").code == 0
    latest(sample).joinpath(RECEIPT).unlink()
    return sample


@pytest.fixture
def outsider(recorded: Shell) -> Shell:
    """A folder with the signer's key and the data, and neither configuration nor registry."""
    folder = recorded.cwd.parent / "outside"
    folder.mkdir()
    shutil.copy(recorded.cwd / "auditkit.pub", folder / "signer.pub")
    shutil.copytree(recorded.cwd / "data", folder / "data")
    shutil.copy(recorded.cwd / "model.bin", folder / "model.bin")
    home = str(recorded.cwd.parent / "nobody")
    return Shell(folder, {"PATH": os.environ["PATH"], "HOME": home})


def latest(shell: Shell) -> Path:
    return max((shell.cwd / "evidence").iterdir())


def log_key(shell: Shell) -> str:
    settings = tomllib.loads((shell.cwd / "auditkit.toml").read_text())
    return str(settings["verify"]["log"])


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def found(printed: Printed, check: str) -> list[str]:
    (target,) = printed.document["targets"]
    return [each["status"] for each in target["findings"] if each["check"] == check]


def test_inclusion_is_checked_offline_with_the_logs_key(recorded: Shell, outsider: Shell) -> None:
    assert recorded("pack", "sample/latest", "-o", "../evidence.zip").code == 0
    shutil.rmtree(recorded.cwd / "../registry")
    shutil.rmtree(recorded.cwd / "evidence")
    verify = ("verify", "../evidence.zip", "--key", "signer.pub", "--json")
    printed = outsider(*verify, "--log", log_key(recorded))
    assert printed.code == 0, printed.out
    assert found(printed, "log.inclusion") == found(printed, "log.checkpoint") == ["passed"]
    assert printed.document["targets"][0]["checkpoint"]["size"] == 2
    without = outsider(*verify)
    assert (without.code, found(without, "log.inclusion")) == (0, ["skipped"])
    stranger = log_key(recorded).replace("sample/", "simple/")
    assert outsider(*verify, "--log", stranger).code == 2


def test_it_holds_checkpoint_and_verifier_key(recorded: Shell) -> None:
    assert recorded("pack", "-o", "../evidence.zip").code == 0
    files = contents(recorded.cwd / "../evidence.zip")
    receipts = [decode_receipt(data) for name, data in files.items() if name.endswith(RECEIPT)]
    assert sorted(each.index for each in receipts) == [0, 1]
    assert files["log/checkpoint"] == (recorded.cwd / "../registry/checkpoint").read_bytes()
    assert files["for-information/log.vkeys"].decode() == f"{log_key(recorded)}\n"
    assert b'--log "$(cat log.vkey)"' in files["README.txt"]
    kept = recorded.cwd / "kept"
    kept.write_bytes(files["log/checkpoint"])
    assert recorded("log", "consistency", "kept").code == 0


def test_a_policy_that_requires_the_log_is_met_offline(recorded: Shell, outsider: Shell) -> None:
    assert recorded("trust", "init").code == 0
    policy = recorded.cwd / "trust.toml"
    policy.write_text(f"{policy.read_text()}\n[require]\nlog = true\n")
    assert recorded("pack", "sample/latest", "-o", "../evidence.zip").code == 0
    for name in ("trust.toml", "auditkit.pub"):
        shutil.copy(recorded.cwd / name, outsider.cwd)
    printed = outsider("verify", "../evidence.zip", "--trust", "trust.toml", "--json")
    assert (printed.code, found(printed, "log.inclusion")) == (0, ["passed"])
    latest(recorded).joinpath(RECEIPT).unlink(missing_ok=True)
    assert recorded("pack", "sample/latest", "--no-registry", "-o", "../bare.zip").code == 10
    assert outsider("verify", "../bare.zip", "--trust", "trust.toml").code == 10


def test_the_same_verdict_gives_the_same_bytes_whatever_the_log_became(recorded: Shell) -> None:
    (recorded.cwd / "verdict.json").write_text(recorded("verify", "sample/latest", "--json").out)
    packing = ("pack", latest(recorded), "--verdict", "verdict.json", "-o", "../evidence.zip")
    assert recorded(*packing).code == 0
    first = (recorded.cwd / "../evidence.zip").read_bytes()
    assert recorded(*CAPTURE, "--record").code == 0
    assert recorded(*packing).code == 0
    assert (recorded.cwd / "../evidence.zip").read_bytes() == first


@pytest.mark.parametrize("other", ["first", "damaged"])
def test_a_receipt_of_something_else_shows(recorded: Shell, outsider: Shell, other: str) -> None:
    first = min((recorded.cwd / "evidence").iterdir()) / RECEIPT
    content = first.read_bytes() if other == "first" else b"c2sp.org/tlog-proof@v1\n"
    latest(recorded).joinpath(RECEIPT).write_bytes(content)
    assert recorded("pack", latest(recorded), "-o", "../evidence.zip").code == 0
    verify = ("verify", "../evidence.zip", "--key", "signer.pub", "--json")
    printed = outsider(*verify, "--log", log_key(recorded))
    assert (printed.code, "failed" in found(printed, "log.inclusion")) == (10, True)


def test_parents_bring_their_receipts(recorded: Shell) -> None:
    parent = min((recorded.cwd / "evidence").iterdir())
    assert recorded(*CAPTURE, "--record", "--parent", parent.name).code == 0
    assert recorded("pack", latest(recorded), "-o", "../evidence.zip").code == 0
    names = contents(recorded.cwd / "../evidence.zip")
    assert f"parents/{parent.name}/{RECEIPT}" in names


def test_a_report_in_pdf_carries_the_receipt(recorded: Shell, outsider: Shell) -> None:
    first = min((recorded.cwd / "evidence").iterdir())
    assert recorded("report", first, "-o", "../report.pdf").code == 0
    shutil.rmtree(recorded.cwd / "../registry")
    printed = outsider(
        "verify", "../report.pdf", "--key", "signer.pub", "--log", log_key(recorded), "--json"
    )
    assert "failed" not in found_anywhere(printed, "log.inclusion")
    assert "passed" in found_anywhere(printed, "log.inclusion")


def found_anywhere(printed: Printed, check: str) -> list[str]:
    return [
        each["status"]
        for target in printed.document["targets"]
        for each in target["findings"]
        if each["check"] == check
    ]
