"""Bundles that are too large and folders with too much in them cost neither time nor memory."""

from __future__ import annotations

import os
import tracemalloc
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from bundles.making import CI, DATA, INVENTORY, manifest, sealed
from commands import Printed, Shell

from auditkit.api.targets import resolve_targets
from auditkit.api.verify import judge
from auditkit.manifest.codec import decode_statement, encode_statement
from auditkit.schemes import MAX_BUNDLE_BYTES
from auditkit.signing.keys import load_public_key
from auditkit.trust.keys import KeyTrust
from auditkit.verification.options import VerifyOptions


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    (tmp_path / "ci.pub").write_bytes(CI.pem)
    (tmp_path / "data.bin").write_bytes(DATA)
    return Shell(tmp_path, {"PATH": os.environ["PATH"], "HOME": str(tmp_path)})


@pytest.fixture
def folder(shell: Shell) -> Path:
    """Good evidence, to which each test adds too much."""
    folder = shell.cwd / "evidence"
    folder.mkdir()
    (folder / "data.inventory.parquet").write_bytes(INVENTORY)
    (folder / "manifest.sigstore.json").write_bytes(sealed(manifest(), CI).encode())
    return folder


def verify(shell: Shell, target: Path) -> Printed:
    return shell("verify", target, "--key", "ci.pub", "--data-root", ".", "--json")


def failure(printed: Printed) -> tuple[str, str]:
    """Return the check and the words of the one finding that failed."""
    assert printed.code == 10
    findings = printed.document["targets"][0]["findings"]
    (found,) = (each for each in findings if each["status"] == "failed")
    return found["check"], found["detail"]


def test_a_bundle_of_100_mb_is_refused_unread(shell: Shell, folder: Path) -> None:
    with (folder / "manifest.sigstore.json").open("wb") as file:
        file.truncate(100_000_000)
    tracemalloc.start()
    check, detail = failure(verify(shell, folder))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert check == "envelope"
    assert str(MAX_BUNDLE_BYTES) in detail
    assert peak < MAX_BUNDLE_BYTES


def test_an_approval_and_a_token_of_100_mb_are_refused_unread(shell: Shell, folder: Path) -> None:
    for name, check in (
        ("approval.00000000.00000000.sigstore.json", "approval"),
        ("manifest.1.tsr", "envelope"),
    ):
        with (folder / name).open("wb") as file:
            file.truncate(100_000_000)
        found, detail = failure(verify(shell, folder))
        assert found == check
        assert "more than" in detail
        (folder / name).unlink()


@pytest.mark.parametrize(
    ("name", "check", "words"),
    [
        ("manifest.{:08x}.sigstore.json", "envelope", "10001 bundles, more than 100"),
        ("approval.{:08x}.00000000.sigstore.json", "approval", "10000 bundles, more than 100"),
        ("manifest.{}.tsr", "envelope", "9999 time-stamp tokens, more than 20"),
    ],
)
def test_ten_thousand_files_over_one_manifest_are_refused_unread(
    shell: Shell, folder: Path, name: str, check: str, words: str
) -> None:
    source = folder / "manifest.sigstore.json"
    for number in range(10_000):
        (folder / name.format(number)).hardlink_to(source)
    found, detail = failure(verify(shell, folder))
    assert found == check
    assert words in detail


def pile(folder: Path, count: int, bundle: bytes) -> Path:
    """Return a folder in which one bundle stands many times, as if each were a run of its own."""
    folder.mkdir()
    first = folder / "run-0.sigstore.json"
    first.write_bytes(bundle)
    for number in range(1, count):
        (folder / f"run-{number}.sigstore.json").hardlink_to(first)
    return folder


def options(root: Path) -> VerifyOptions:
    return VerifyOptions(trust=KeyTrust(load_public_key(CI.pem)), data_root=root)


def test_a_folder_of_many_bundles_is_listed_once(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listing it for every bundle would make ten thousand cost a hundred million names."""
    folder = pile(shell.cwd / "pile", 200, sealed(manifest(), CI).encode())
    listed: Counter[str] = Counter()
    original = os.listdir

    def counting(path: str) -> list[str]:
        listed[str(path)] += 1
        return original(path)

    targets = resolve_targets([str(folder)], shell.cwd / "evidence")
    assert len(targets) == 200
    monkeypatch.setattr(os, "listdir", counting)
    assert len(judge(targets, options(shell.cwd)).targets) == 200
    assert listed[str(folder)] <= 2


def test_a_verdict_keeps_no_manifest_in_memory(shell: Shell) -> None:
    statement = decode_statement(manifest()).statement
    text = {f"note{number}": "x" * 60_000 for number in range(20)}
    large = msgspec.structs.replace(statement.predicate, parameters=text)
    bundle = sealed(encode_statement(statement.subject, large), CI).encode()
    folder = pile(shell.cwd / "pile", 30, bundle)
    targets = resolve_targets([str(folder)], shell.cwd / "evidence")
    tracemalloc.start()
    verdict = judge(targets, options(shell.cwd))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert {target.run for target in verdict.targets} == {statement.predicate.run.id}
    assert peak < 15 * len(bundle)
