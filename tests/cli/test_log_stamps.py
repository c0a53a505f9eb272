"""Time stamps over a log's checkpoint: by a real authority, checked offline, and never believed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Printed, Shell
from timestamping import OpensslAuthority, make_root, make_stamper, served

CAPTURE = ("capture", "--dataset", "train=data/train.csv", "--output", "model=model.bin")
AUTHORITY = '\n[[authorities]]\nname = "stamper"\nroots = ["root.pem"]\n'


@pytest.fixture
def recorded(sample: Shell) -> Shell:
    """A run in the log, and a policy that trusts the log and one authority."""
    assert sample("init", "--registry", "../registry").code == 0
    assert sample(*CAPTURE, "--record").code == 0
    assert sample("trust", "init").code == 0
    policy = sample.cwd / "trust.toml"
    policy.write_text(policy.read_text() + AUTHORITY)
    (sample.cwd / "root.pem").write_bytes(make_root().pem)
    return sample


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[str]:
    with served(OpensslAuthority.make(tmp_path / "tsa", make_stamper(make_root())).reply) as url:
        yield url


def receipt(shell: Shell) -> Path:
    return next((shell.cwd / "evidence").glob("*/manifest.tlog-proof"))


def stamps(printed: Printed) -> list[tuple[str, str]]:
    (target,) = printed.document["targets"]
    return [
        (each["status"], each["detail"])
        for each in target["findings"]
        if each["check"] == "log.timestamp"
    ]


def test_a_kept_checkpoint_tells_how_old_it_is(recorded: Shell, authority: str) -> None:
    assert recorded("log", "status", "--no-probe", "-o", "kept").code == 0
    done = recorded("timestamp", "kept", "--tsa", authority)
    assert (done.code, "wrote kept.1.tsr" in done.out) == (0, True)
    printed = recorded("log", "consistency", "kept")
    assert printed.code == 0
    assert "from kept; stamped 2" in printed.out
    assert "by stamper" in printed.out
    (recorded.cwd / "trust.toml").write_text(
        (recorded.cwd / "trust.toml").read_text().replace(AUTHORITY, "")
    )
    without = recorded("log", "consistency", "kept")
    assert "no time-stamping authority is trusted" in without.out


def test_a_stamped_receipt_is_verified_offline_and_in_a_pack(
    recorded: Shell, authority: str
) -> None:
    assert recorded("timestamp", receipt(recorded), "--tsa", authority).code == 0
    online = recorded("verify", "--json")
    assert [each for each, _ in stamps(online)] == ["passed"]
    assert recorded("pack", "-o", "../evidence.zip").code == 0
    shutil.rmtree(recorded.cwd / "../registry")
    offline = recorded("verify", "../evidence.zip", "--no-registry", "--json")
    assert offline.code == 0
    ((status, detail),) = stamps(offline)
    assert (status, "the checkpoint of 1 entries existed by 2" in detail) == ("passed", True)
    (stamp,) = offline.document["targets"][0]["checkpoint"]["stamps"]
    assert (stamp["authority"], stamp["token"]) == ("stamper", "manifest.tlog-proof.1.tsr")
    assert recorded("report", "../evidence.zip", "--no-registry", "-o", "r.html").code == 0
    assert "This state of the log existed by" in (recorded.cwd / "r.html").read_text()


@pytest.mark.parametrize("what", ["of another checkpoint", "damaged", "too many"])
def test_a_token_that_does_not_count_is_listed(recorded: Shell, authority: str, what: str) -> None:
    proof = receipt(recorded)
    assert recorded("timestamp", proof, "--tsa", authority).code == 0
    token = proof.with_name(f"{proof.name}.1.tsr")
    if what == "damaged":
        token.write_bytes(token.read_bytes()[:-9])
    elif what == "too many":
        for number in range(2, 30):
            shutil.copy(token, proof.with_name(f"{proof.name}.{number}.tsr"))
    else:
        assert recorded(*CAPTURE, "--record").code == 0
        assert recorded("log", "proof", proof.parent).code == 0
    printed = recorded("verify", proof.parent, "--no-registry", "--json")
    assert printed.code == 0
    ((status, detail),) = stamps(printed)
    assert (status, detail.startswith("not counted: ")) == ("skipped", True)
    assert "stamps" not in printed.document["targets"][0]["checkpoint"]


def test_what_is_no_checkpoint_is_no_target(recorded: Shell, authority: str) -> None:
    (recorded.cwd / "broken").write_text("c2sp.org/tlog-proof@v1\nextra\n")
    for target, code in (("auditkit.toml", 2), ("broken", 10)):
        printed = recorded("timestamp", target, "--tsa", authority)
        assert (printed.code, "Traceback" in printed.err) == (code, False)
