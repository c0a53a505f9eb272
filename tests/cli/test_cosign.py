"""Cosigning on the command line, and what another implementation reads in the result."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from commands import Printed, Shell
from tlog_scales import signing as peer
from tlog_scales import tlog as peer_log

CAPTURE = ("capture", "--dataset", "train=data/train.csv", "--output", "model=model.bin")
NAME = "witness.example/w1"


@pytest.fixture
def keeper(sample: Shell) -> Shell:
    assert sample("init", "--registry", "../registry").code == 0
    assert sample(*CAPTURE, "--record").code == 0
    settings = tomllib.loads((sample.cwd / "auditkit.toml").read_text())
    (sample.cwd / "log.vkey").write_text(settings["verify"]["log"])
    return sample


@pytest.fixture(params=["ed25519", "ml-dsa-44"])
def witness(keeper: Shell, request: pytest.FixtureRequest) -> Shell:
    """A machine of somebody else's, with a key of its own, that reads the registry."""
    folder = keeper.cwd.parent / "witness"
    folder.mkdir()
    shell = Shell(folder, {"PATH": keeper.environ["PATH"], "HOME": str(folder)})
    made = shell("keys", "generate", "-o", "w.pem", "--algorithm", request.param)
    assert made.code == 0, made.err
    return shell


def log_key(keeper: Shell) -> str:
    return (keeper.cwd / "log.vkey").read_text()


def cosign(witness: Shell, keeper: Shell, *more: str | Path) -> Printed:
    who = ("--key", "w.pem", "--name", NAME, "--log", log_key(keeper))
    return witness("log", "cosign", "--registry", "../registry", *who, *more)


def require(keeper: Shell, key: str) -> None:
    assert keeper("trust", "init").code == 0
    policy = keeper.cwd / "trust.toml"
    policy.write_text(policy.read_text().replace("[[logs]]", f'[[logs]]\ncosigners = ["{key}"]'))


def test_a_policy_requires_it_and_the_verdict_shows_it(keeper: Shell, witness: Shell) -> None:
    done = cosign(witness, keeper, "--json")
    assert (done.code, done.document["cosigned"]) == (0, True)
    require(keeper, done.document["verifier_key"])
    verdict = keeper("verify", "--json")
    assert verdict.code == 0
    assert verdict.document["targets"][0]["checkpoint"]["cosigners"] == [NAME]
    assert f"cosigned by {NAME}" in keeper("log", "status", "--no-probe").out
    assert keeper(*CAPTURE, "--record").code == 0
    without = keeper("verify")
    assert without.code == 10, without.out
    assert "0 of 1 required cosigners" in without.out, without.out
    assert "extends the checkpoint of 1 entries (cosigned before)" in cosign(witness, keeper).out
    assert keeper("verify").code == 0


def test_another_implementation_checks_it(keeper: Shell, witness: Shell) -> None:
    key = cosign(witness, keeper, "--json").document["verifier_key"]
    text = (keeper.cwd / "../registry/checkpoint").read_text()
    body, _, lines = text.rpartition("\n\n")
    origin, size, root = body.split("\n")
    found = [peer.NoteSignature.from_line(line) for line in lines.splitlines()]
    checkpoint = peer_log.Checkpoint(origin, int(size), peer.b64dec(root), [])
    for vkey, note in zip((log_key(keeper), key), found, strict=True):
        peer.Vkey.from_string(vkey).get_verifier().verify_note(note, checkpoint)
    other = peer_log.Checkpoint(origin, int(size) + 1, peer.b64dec(root), [])
    with pytest.raises(Exception, match=r".*"):
        peer.Vkey.from_string(key).get_verifier().verify_note(found[1], other)


def test_a_log_that_forgot_something_gets_none(keeper: Shell, witness: Shell) -> None:
    root = keeper.cwd / "../registry"
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert keeper(*CAPTURE, "--record").code == 0
    assert cosign(witness, keeper).code == 0
    for path in [each for each in root.rglob("*") if each.is_file()]:
        path.write_bytes(before[path]) if path in before else path.unlink()
    done = cosign(witness, keeper, "--json")
    assert (done.code, done.document["cosigned"]) == (10, False)
    assert "fewer than the 2 it had" in str(done.document["findings"])
    assert NAME not in (root / "checkpoint").read_text()


def test_without_rights_to_write(keeper: Shell, witness: Shell) -> None:
    before = (keeper.cwd / "../registry/checkpoint").read_bytes()
    assert cosign(witness, keeper, "-o", "../cosigned").code == 0
    assert (keeper.cwd / "../registry/checkpoint").read_bytes() == before
    done = keeper("log", "cosign", "--attach", "../cosigned")
    assert (done.code, "added 1 cosignature" in done.out) == (0, True)
    assert keeper("log", "cosign", "--attach", "../cosigned", "--json").document["attached"] == 0
    assert keeper("log", "cosign", "--attach", "auditkit.toml").code == 2
    assert keeper("log", "cosign", "--attach", "../cosigned", "--name", NAME).code == 2
    assert keeper(*CAPTURE, "--record").code == 0
    assert keeper("log", "cosign", "--attach", "../cosigned").code == 2


def test_what_is_missing_is_said(keeper: Shell, witness: Shell) -> None:
    assert "--key and --name" in witness("log", "cosign", "--registry", "../registry").err
    unknown = witness(
        "log", "cosign", "--registry", "../registry", "--key", "w.pem", "--name", NAME
    )
    assert (unknown.code, "no log is trusted" in unknown.out) == (11, True)
    assert NAME not in (keeper.cwd / "../registry/checkpoint").read_text()
    spaced = cosign(witness, keeper, "--name", "a name")
    assert (spaced.code, "cannot name a key" in spaced.err) == (2, True)


def test_a_pack_brings_a_receipt_that_its_cosigners_signed(keeper: Shell, witness: Shell) -> None:
    key = cosign(witness, keeper, "--json").document["verifier_key"]
    require(keeper, key)
    assert keeper("pack", "-o", "../evidence.zip").code == 0
    verify = ("verify", "../evidence.zip", "--no-registry")
    assert keeper(*verify).code == 0
    receipt = next((keeper.cwd / "evidence").glob("*/manifest.tlog-proof"))
    assert NAME not in receipt.read_text()
    assert keeper("verify", "--no-registry").code == 10
    assert keeper("log", "proof", "sample/latest").code == 0
    assert keeper("verify", "--no-registry").code == 0


def test_recording_again_submits_nothing_where_cosigners_are_required(
    keeper: Shell, witness: Shell
) -> None:
    require(keeper, cosign(witness, keeper, "--json").document["verifier_key"])
    assert keeper(*CAPTURE, "--record").code == 0
    assert keeper("record", "sample/latest").code == 0
    assert keeper("log", "status", "--json", "--no-probe").document["waiting"] == 0
