"""Trust from the command line: where it comes from, what it says, and what never counts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Shell
from timestamping import OpensslAuthority, make_root, make_stamper, served

POLICY = """version = 1
[[signers]]
name = "sample CI"
kind = "machine"
keys = ["auditkit.pub"]
projects = ["sample"]
not-after = 2090-01-01T00:00:00Z

[[signers]]
name = "Jane Doe"
kind = "person"
role = "model owner"
keys = ["jane.pub"]
not-after = 2090-01-01T00:00:00Z
"""
STAMPED = """
[require]
timestamp = true
[require.approvals]
"model owner" = 1
[[authorities]]
name = "stamper"
roots = ["root.pem"]
"""


@pytest.fixture
def captured(sample: Shell) -> Shell:
    """The sample project with one run, a second key and a policy."""
    assert sample("capture", "--dataset", "train=data/train.csv").code == 0
    assert sample("keys", "generate", "-o", "jane.pem").code == 0
    (sample.cwd / "trust.toml").write_text(POLICY)
    return sample


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[str]:
    root = make_root()
    with served(OpensslAuthority.make(tmp_path / "tsa", make_stamper(root)).reply) as url:
        yield url


def folder(shell: Shell) -> Path:
    (found,) = (shell.cwd / "evidence").iterdir()
    return found


def trusted(shell: Shell, *arguments: str, **environ: str) -> tuple[int, str, str]:
    printed = shell("verify", *arguments, "--json", **environ)
    trust = printed.document["trust"]
    return printed.code, trust["kind"], trust["source"]


def test_a_policy_is_given_by_flag_environment_or_configuration(captured: Shell) -> None:
    assert trusted(captured) == (0, "key", "project")
    assert trusted(captured, "--trust", "trust.toml") == (0, "policy", "flag")
    assert trusted(captured, AUDITKIT_TRUST="trust.toml") == (0, "policy", "environment")
    assert trusted(captured, "--key", "auditkit.pub", AUDITKIT_TRUST="trust.toml") == (
        0,
        "key",
        "flag",
    )
    config = captured.cwd / "auditkit.toml"
    text = config.read_text().replace('key = "auditkit.pub"', 'trust = "trust.toml"')
    config.write_text(text)
    assert trusted(captured) == (0, "policy", "project")
    assert trusted(captured, AUDITKIT_VERIFY_KEY="auditkit.pub") == (0, "key", "environment")


@pytest.mark.parametrize("place", ["flag", "environment", "project"])
def test_a_key_and_a_policy_at_once_are_refused(captured: Shell, place: str) -> None:
    flags: tuple[str, ...] = ()
    environ = {}
    if place == "flag":
        flags = ("--key", "auditkit.pub", "--trust", "trust.toml")
    elif place == "environment":
        environ = {"AUDITKIT_TRUST": "trust.toml", "AUDITKIT_VERIFY_KEY": "auditkit.pub"}
    else:
        config = captured.cwd / "auditkit.toml"
        text = config.read_text()
        config.write_text(text.replace("[verify]", '[verify]\ntrust = "trust.toml"'))
    printed = captured("verify", *flags, **environ)
    assert printed.code == 2
    assert f"both a key and a trust policy are given ({place})" in printed.err


def test_a_replaced_policy_shows_in_the_verdict(captured: Shell) -> None:
    first = captured("verify", "--trust", "trust.toml", "--json").document["trust"]
    (captured.cwd / "trust.toml").write_text(POLICY + "# a word\n")
    second = captured("verify", "--trust", "trust.toml", "--json").document["trust"]
    assert first["sha256"] != second["sha256"]
    shutil.copy(captured.cwd / "jane.pub", captured.cwd / "auditkit.pub")
    (captured.cwd / "trust.toml").write_text(POLICY.partition('[[signers]]\nname = "Jane')[0])
    third = captured("verify", "--trust", "trust.toml", "--json")
    assert third.code == 10
    assert third.document["trust"]["files"] != second["files"]


def test_what_was_trusted_is_named_from_the_working_directory(captured: Shell) -> None:
    def named(*arguments: str, cwd: Path | None = None) -> str:
        document = captured("verify", *arguments, "--json", cwd=cwd).document
        return document["trust"]["file"]

    assert named() == "auditkit.pub"
    assert named("--trust", str(captured.cwd / "trust.toml")) == "trust.toml"
    inside = captured.cwd / "data"
    assert named(cwd=inside) == "../auditkit.pub"
    assert named("--trust", "../trust.toml", cwd=inside) == "../trust.toml"
    assert named("--trust", str(captured.cwd / "trust.toml"), cwd=inside) == "../trust.toml"


def test_configuration_inside_evidence_never_counts(captured: Shell) -> None:
    """Whoever hands over evidence does not get to say what it is verified with."""
    inside = folder(captured)
    for name in ("auditkit.pub", "trust.toml", "jane.pub"):
        shutil.copy(captured.cwd / name, inside / name)
    (inside / "auditkit.toml").write_text('[verify]\ntrust = "trust.toml"\n')
    elsewhere = captured.cwd.parent / "elsewhere"
    shutil.copytree(inside, elsewhere / "pack")
    assert captured("verify", "pack", cwd=elsewhere).code == 11
    printed = captured("verify", ".", "--json", cwd=elsewhere / "pack")
    assert printed.code == 11
    assert printed.document["trust"]["kind"] == "none"


def test_a_first_policy_in_three_commands(sample: Shell) -> None:
    begun = sample("trust", "init")
    assert (begun.code, "auditkit verify goes by it" in begun.out) == (0, True), "after init"
    checked = sample("trust", "check")
    assert checked.code == 0
    assert "never expires" not in checked.out
    assert "every project" not in checked.out
    assert sample("capture", "--dataset", "train=data/train.csv").code == 0
    assert trusted(sample) == (0, "policy", "project")
    before = (sample.cwd / "trust.toml").read_bytes()
    assert sample("trust", "init").code == 1, "never overwritten"
    assert (sample.cwd / "trust.toml").read_bytes() == before
    again = sample("trust", "init", "other.toml")
    assert (again.code, "configured already: trust.toml" in again.err) == (2, True)
    assert not (sample.cwd / "other.toml").exists()


def test_a_first_policy_elsewhere(sample: Shell) -> None:
    config = sample.cwd / "auditkit.toml"
    before = config.read_text()
    (sample.cwd / "policies").mkdir()
    assert sample("trust", "init", "policies/trust.toml").code == 0
    expected = before.replace('key = "auditkit.pub"', 'trust = "policies/trust.toml"')
    assert config.read_text() == expected
    assert sample("capture", "--dataset", "train=data/train.csv").code == 0
    assert trusted(sample) == (0, "policy", "project")


def test_a_configuration_that_a_person_wrote_is_left_to_that_person(sample: Shell) -> None:
    config = sample.cwd / "auditkit.toml"
    written = config.read_text().replace('key = "auditkit.pub"', 'key = "auditkit.pub" # ours')
    config.write_text(written)
    begun = sample("trust", "init")
    assert begun.code == 0
    assert config.read_text() == written
    assert 'to go by it: [verify] trust = "trust.toml" in auditkit.toml' in begun.out
    outside = sample("trust", "init", "../trust.toml")
    assert "to go by it" in outside.out


def test_checking_one_key_points_to_a_policy(sample: Shell) -> None:
    printed = sample("trust", "check")
    assert printed.code == 0
    assert printed.out.count("open:") == 1
    assert "auditkit trust init" in printed.out


def test_a_first_policy_needs_a_project(shell: Shell) -> None:
    printed = shell("trust", "init")
    assert printed.code == 2
    assert "auditkit init" in printed.err


def test_check_warns_and_show_says_it_in_sentences(captured: Shell) -> None:
    printed = captured("trust", "check", "trust.toml")
    assert printed.code == 0
    assert "a policy with 2 signers" in printed.out
    assert "open: No time stamp is required" in printed.out
    printed = captured("trust", "show", "trust.toml")
    assert "sample CI (a machine) may sign manifests of training runs for sample" in printed.out
    document = captured("trust", "show", "trust.toml", "--json").document
    assert document["trust"]["kind"] == "policy"
    assert any("Jane Doe expires" in each for each in document["allows"])
    assert document["warnings"]
    assert captured("trust", "check", AUDITKIT_TRUST="trust.toml").code == 0


@pytest.mark.parametrize("text", ["version = 1", "signers = 1", "[", POLICY + "[more]\n"])
def test_a_bad_policy_is_one_clear_error(captured: Shell, text: str) -> None:
    (captured.cwd / "trust.toml").write_text(text)
    for command in (("trust", "check"), ("trust", "show"), ("verify", "--trust")):
        printed = captured(*command, "trust.toml")
        assert printed.code == 2
        assert printed.err.startswith("error: trust.toml: not a trust policy")
        assert "hint:" in printed.err


def test_the_whole_path_with_stamps_and_an_approval(captured: Shell, authority: str) -> None:
    (captured.cwd / "root.pem").write_bytes(make_root().pem)
    (captured.cwd / "trust.toml").write_text(POLICY + STAMPED)
    assert captured("verify", "--trust", "trust.toml").code == 10
    approved = captured(
        "approve", folder(captured), "--trust", "trust.toml", "--key", "jane.pem",
        "--meaning", "approved for use", "--json",
    )  # fmt: skip
    assert approved.code == 0, approved.err
    assert approved.document["name"] == "Jane Doe"
    assert captured("verify", "--trust", "trust.toml").code == 10
    stamped = captured("timestamp", "sample/latest", "--tsa", authority)
    assert stamped.code == 0, stamped.err
    printed = captured("verify", "--trust", "trust.toml")
    assert printed.code == 0, printed.out
    assert "signed by sample CI" in printed.out
    assert "approved by Jane Doe (model owner): approved for use, 20" in printed.out
    assert "at the latest, proven" in printed.out
    assert captured("report", "-o", "report.html", "--trust", "trust.toml").code == 0


def test_a_capture_is_stamped_at_once(captured: Shell, authority: str) -> None:
    config = captured.cwd / "auditkit.toml"
    config.write_text(config.read_text() + f'\n[timestamp]\nauthorities = ["{authority}"]\n')
    done = captured("capture", "--dataset", "train=data/train.csv", "--json")
    assert done.code == 0
    bundle = captured.cwd / done.document["path"] / "manifest.sigstore.json"
    assert "rfc3161Timestamps" in bundle.read_text()


def test_a_dead_authority_stops_or_warns_as_configured(captured: Shell) -> None:
    config = captured.cwd / "auditkit.toml"
    text = config.read_text()
    dead = "http://127.0.0.1:9/"
    before = sorted((captured.cwd / "evidence").iterdir())
    arguments = ("run", "--dataset", "train=data/train.csv", "--timestamp", dead)
    printed = captured(*arguments, "--", "touch", "trained")
    assert printed.code == 1
    assert "no answer from the time-stamping authority" in printed.err
    assert not (captured.cwd / "trained").exists(), "it is decided before training"
    assert sorted((captured.cwd / "evidence").iterdir()) == before
    config.write_text(text + '\n[timestamp]\non-failure = "warn"\n')
    printed = captured(*arguments, "--", "touch", "trained")
    assert printed.code == 0
    assert "warning: before the run: " in printed.err


@pytest.mark.parametrize("url", ["ftp://example.org", "tsa.example.org"])
def test_what_is_no_authority(captured: Shell, url: str) -> None:
    assert captured("timestamp", folder(captured), "--tsa", url).code == 2
    assert captured("timestamp", folder(captured)).code == 2


def test_approving_what_one_signed_is_refused(captured: Shell) -> None:
    key = str(next((captured.cwd.parent / "config").rglob("sample.pem")))
    printed = captured(
        "approve", folder(captured), "--key", key, "--name", "A", "--role", "B", "--meaning", "C"
    )
    assert printed.code == 2
    assert "somebody else" in printed.err
