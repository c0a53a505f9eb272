"""`auditkit verify --all`, over evidence folders and registries, and the verdicts it leaves."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from commands import Printed, Shell
from jsonschema import Draft202012Validator
from keypool import key_signer
from rewrite import read

from auditkit.digests import sha256_hex
from auditkit.manifest.bundle import decode_bundle
from auditkit.registry.admission import bundle_record
from auditkit.registry.registry import Registry
from auditkit.registry.submission import put_blob, submit
from auditkit.signing.signer import seal
from auditkit.stores.directory import DirectoryStore

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def three(shell: Shell) -> Shell:
    """Three recorded runs, and no registry."""
    (shell.cwd / "a.txt").write_text("a")
    (shell.cwd / "b.txt").write_text("b")
    assert shell("init", "--project", "sample").code == 0
    for name in ("one", "two", "three"):
        capture(shell, name)
    return shell


@pytest.fixture
def registered(shell: Shell) -> Shell:
    """Three runs in a registry; the evidence folders are gone."""
    (shell.cwd / "a.txt").write_text("a")
    (shell.cwd / "b.txt").write_text("b")
    done = shell("init", "--project", "sample", "--registry", "registry")
    assert done.code == 0, done.err
    for name in ("one", "two", "three"):
        capture(shell, name, "--record")
    shutil.rmtree(shell.cwd / "evidence")
    return shell


def capture(shell: Shell, name: str, *more: str) -> None:
    done = shell(*("capture", "--name", name, "--dataset", "a=a.txt", "--output", "b=b.txt", *more))
    assert done.code == 0, done.err


def outcomes(done: Printed) -> dict[str, str]:
    return {each["name"]: each["status"] for each in done.document["targets"]}


def test_every_run_is_a_line_of_a_table(three: Shell) -> None:
    done = three("verify", "--all")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].split()[:4] == ["outcome", "run", "project", "name"]
    assert [line.split()[0] for line in lines[1:4]] == ["passed"] * 3
    assert lines[4] == "PASSED: 3 runs, 3 passed"


def test_what_is_wrong_is_named(three: Shell) -> None:
    (three.cwd / "a.txt").write_text("c")
    done = three("verify", "--all")
    assert done.code == 10
    assert all(line.endswith("1/2        dataset.bytes a") for line in done.out.splitlines()[1:4])


@pytest.mark.parametrize("where", ["three", "registered"])
def test_recorded_verdicts_tell_what_is_stale(where: str, request: pytest.FixtureRequest) -> None:
    shell: Shell = request.getfixturevalue(where)
    done = shell("verify", "--all", "--stale", "90d", "--record", "--json")
    assert (done.code, done.err) == (0, "recorded 3 verdicts\n")
    assert shell("verify", "--all", "--stale", "90d").code == 3
    more = ["--record"] if where == "registered" else []
    capture(shell, "four", *more)
    done = shell("verify", "--all", "--stale", "90d", "--json")
    assert outcomes(done) == {"four": "passed"}
    assert len(outcomes(shell("verify", "--all", "--stale", "0s", "--json"))) == 4


def test_what_failed_stays_stale(three: Shell) -> None:
    (three.cwd / "a.txt").write_text("c")
    assert three("verify", "--all", "--record").code == 10
    assert len(outcomes(three("verify", "--all", "--stale", "90d", "--json"))) == 3


@pytest.mark.parametrize("flags", [["--mode", "metadata"], ["--only", "a"]])
def test_what_was_checked_in_part_stays_stale(three: Shell, flags: list[str]) -> None:
    three("verify", "--all", "--record", *flags)
    assert len(outcomes(three("verify", "--all", "--stale", "90d", "--json"))) == 3


def test_a_verdict_by_a_stranger_counts_for_nothing(three: Shell) -> None:
    done = three("keys", "generate", "-o", "other.pem")
    assert done.code == 0, done.err
    done = three("verify", "--all", "--record", "--sign", "other.pem")
    assert (done.code, done.err) == (0, "recorded 3 verdicts\n")
    assert len(outcomes(three("verify", "--all", "--stale", "90d", "--json"))) == 3


def test_since_asks_when_a_run_was_recorded(three: Shell) -> None:
    assert len(outcomes(three("verify", "--all", "--since", "1h", "--json"))) == 3
    assert three("verify", "--all", "--since", "2126-01-01").code == 3


def test_the_statement_says_what_was_found(three: Shell) -> None:
    (three.cwd / "a.txt").write_text("c")
    target = next(each for each in (three.cwd / "evidence").iterdir())
    assert three("verify", str(target), "--record").code == 10
    (path,) = target.glob("verification.*.sigstore.json")
    document = json.loads(read(path).payload)
    schema = json.loads((ROOT / "schemas/verification.v1.json").read_text())
    Draft202012Validator(schema).validate(document)
    predicate = document["predicate"]
    assert document["subject"][0]["name"] == f"run:{target.name}"
    assert (predicate["status"], predicate["mode"]) == ("failed", "full")
    assert predicate["exceptions"][0]["check"] == "dataset.bytes"
    assert [(each["name"], each["condition"]) for each in predicate["datasets"]] == [
        ("a", "altered"),
        ("b", "intact"),
    ]
    assert three("verify", str(target)).code == 10, "an earlier verdict makes nothing pass"


def test_a_registry_is_verified_without_evidence_folders(registered: Shell) -> None:
    done = registered("verify", "--all", "--json")
    assert done.code == 0, done.err
    assert outcomes(done) == {"one": "passed", "two": "passed", "three": "passed"}
    checks = {each["check"] for each in done.document["targets"][0]["findings"]}
    assert "log.inclusion" in checks
    assert done.document["targets"][0]["source"].startswith("entry ")
    assert registered("verify", "--all", "--no-registry").code == 3


def test_a_missing_blob_in_a_registry_fails_its_run_alone(registered: Shell) -> None:
    blobs = sorted((registered.cwd / "registry/blobs/sha256").rglob("*"))
    bundles = [each for each in blobs if each.is_file() and b"dsseEnvelope" in each.read_bytes()]
    bundles[0].chmod(0o600)
    bundles[0].unlink()
    done = registered("verify", "--all", "--json")
    assert done.code == 10
    assert sorted(each["status"] for each in done.document["targets"]) == [
        "failed",
        "passed",
        "passed",
    ]


def test_a_log_that_nobody_vouches_for_is_not_listed(registered: Shell) -> None:
    config = registered.cwd / "auditkit.toml"
    config.write_text(
        "\n".join(line for line in config.read_text().splitlines() if not line.startswith("log ="))
    )
    done = registered("verify", "--all")
    assert done.code == 2
    assert "no log is trusted" in done.err
    elsewhere = registered.cwd / "elsewhere"
    elsewhere.mkdir()
    stranger = registered("init", "--project", "other", "--registry", "log", cwd=elsewhere).out
    (line,) = (each for each in stranger.splitlines() if each.startswith("verifier key:"))
    done = registered("verify", "--all", "--log", line.split()[-1], "--registry", "registry")
    assert done.code == 10
    assert "is not trusted" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--all", "evidence"],
        ["--since", "1h"],
        ["--stale", "1h"],
        ["--all", "--stale", "soon"],
        ["--all", "--since", "soon"],
        ["--sign", "key.pem"],
    ],
)
def test_what_does_not_go_together(three: Shell, arguments: list[str]) -> None:
    assert three("verify", *arguments).code == 2


def test_without_trust_there_is_nothing_to_record(three: Shell) -> None:
    config = three.cwd / "auditkit.toml"
    text = config.read_text()
    config.write_text(text[: text.index("[verify]")])
    done = three("verify", "--record")
    assert done.code == 2
    assert "nothing to record" in done.err


@pytest.mark.parametrize("where", ["three", "registered"])
def test_runs_show_when_they_were_last_verified(where: str, request: pytest.FixtureRequest) -> None:
    shell: Shell = request.getfixturevalue(where)
    assert {each.get("verification") for each in listed(shell)} == {None}
    assert len(listed(shell, "--verified", "never")) == 3
    (shell.cwd / "a.txt").write_text("c")
    assert shell("verify", "--all", "--record").code == 10
    (shell.cwd / "a.txt").write_text("a")
    assert {each["verification"]["status"] for each in listed(shell)} == {"failed"}
    assert len(listed(shell, "--verified", "failed")) == 3
    assert len(listed(shell, "--stale", "90d")) == 3
    assert shell("verify", "--all", "--record").code == 0
    for each in listed(shell):
        found = each["verification"]
        assert (found["status"], found["in_full"], found["by"]) == ("passed", True, found["by"])
        assert found["passed_at"] == found["at"]
    assert listed(shell, "--stale", "90d") == []
    assert len(listed(shell, "--stale", "0s")) == 3
    assert shell("verify", "--all", "--record", "--mode", "metadata").code == 11
    assert [each["verification"]["status"] for each in listed(shell)] == ["indeterminate"] * 3
    assert listed(shell, "--stale", "90d") == []
    line = shell("runs").out.splitlines()[1]
    assert " indeterminate  a " in line


def test_a_stranger_s_verdict_is_not_shown(registered: Shell) -> None:
    assert registered("keys", "generate", "-o", "other.pem").code == 0
    assert registered("verify", "--all", "--record", "--sign", "other.pem").code == 0
    assert len(listed(registered, "--verified", "never")) == 3
    config = registered.cwd / "auditkit.toml"
    lines = config.read_text().splitlines()
    config.write_text("\n".join(line for line in lines if not line.startswith(("key", "trust"))))
    assert {each["verification"]["by"] for each in listed(registered)} == {None}
    assert " passed?  " in registered("runs").out


def test_a_project_and_two_times_choose_among_all(registered: Shell) -> None:
    assert registered("verify", "--all", "--project", "other").code == 3
    assert registered("verify", "--all", "--until", "2020-01-01").code == 3
    done = registered("verify", "--all", "--project", "sample", "--since", "1h", "--json")
    assert len(done.document["targets"]) == 3


def test_a_rolled_back_registry_is_not_one_with_nothing_due(registered: Shell) -> None:
    registry = registered.cwd / "registry"
    shutil.copytree(registry, registered.cwd / "kept")
    capture(registered, "four", "--record")
    assert registered("verify", "--all").code == 0
    shutil.rmtree(registry)
    shutil.move(registered.cwd / "kept", registry)
    assert registered("verify", "--all").code == 10
    assert registered("verify", "--all", "--project", "other").code == 10


def test_a_registry_that_cannot_be_read_is_no_verdict(registered: Shell) -> None:
    (registered.cwd / "registry").rename(registered.cwd / "gone")
    assert registered("verify", "--all").code == 1


def listed(shell: Shell, *arguments: str) -> list[dict[str, object]]:
    done = shell("runs", "--json", *arguments)
    assert done.code == 0, done.err
    runs: list[dict[str, object]] = done.document["runs"]
    return runs


def test_a_verdict_that_cannot_be_recorded_is_printed_all_the_same(registered: Shell) -> None:
    pending = registered.cwd / "registry" / "pending"
    shutil.rmtree(pending)
    pending.write_text("in the way")
    done = registered("verify", "--all", "--record", "--json")
    assert done.document["status"] == "passed"
    assert done.code == 1
    assert "not all verdicts were recorded" in done.err


def test_nothing_is_recorded_in_a_pack(three: Shell) -> None:
    assert three("pack", "sample/latest", "-o", "evidence.zip").code == 0
    done = three("verify", "evidence.zip", "--record")
    assert (done.code, done.out) == (2, "")


def test_a_stranger_s_manifest_cannot_pass_as_somebody_else_s(registered: Shell) -> None:
    registry = Registry(DirectoryStore(registered.cwd / "registry"))
    good = registry.blob(registry.log().entry(0).record.blob)
    document = json.loads(decode_bundle(good).payload)
    document["predicate"]["datasets"][0]["inventory"]["list"] |= {
        "name": "manifest.sigstore.json",
        "sha256": sha256_hex(good),
        "size": len(good),
    }
    forged = seal(json.dumps(document).encode(), key_signer("ed25519", 7)).encode()
    put_blob(registry, forged)
    submit(registry, bundle_record(forged))
    assert registered("log", "integrate").code == 0
    done = registered("verify", "--all", "--json")
    assert done.code == 10
    target = done.document["targets"][3]
    assert target["source"] == "entry 3"
    assert "signer" in {each["check"] for each in target["findings"] if each["status"] == "failed"}


def test_what_was_erased_is_told_from_a_registry(registered: Shell) -> None:
    capture(registered, "four", "--record")
    (registered.cwd / "a.txt").unlink()
    officer = ("--name", "Ada Lane", "--role", "officer", "--reason", "request 17")
    assert registered("attest-erasure", "sample/latest", "a", *officer).code == 0
    assert registered("record", "sample/latest").code == 0
    shutil.rmtree(registered.cwd / "evidence")
    done = registered("verify", "--all", "--json")
    assert outcomes(done) == {"one": "failed", "two": "failed", "three": "failed", "four": "passed"}
    assert registered("verify", "--all").out.splitlines()[4].endswith("1/2        erased a")
