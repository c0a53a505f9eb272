"""The registry as people use it: record, integrate, check, prove."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import Shell

from auditkit.registry.creation import create
from auditkit.registry.logkey import LogSigner
from auditkit.registry.registry import Registry
from auditkit.signing.opening import open_signer
from auditkit.stores.directory import DirectoryStore

CAPTURE = ("capture", "--dataset", "train=data/train.csv", "--output", "model=model.bin")


@pytest.fixture
def logging(sample: Shell) -> Shell:
    """A project with a registry in `registry/`, whose log it trusts and has the key of."""
    sample("keys", "generate", "-o", "log.pem")
    root = sample.cwd / "registry"
    root.mkdir()
    key = LogSigner(open_signer(str(sample.cwd / "log.pem"), environ={}))
    (verifier,) = create(DirectoryStore(root), "sample", key)
    config = sample.cwd / "auditkit.toml"
    text = config.read_text().replace("[verify]\n", f'[verify]\nlog = "{verifier}"\n')
    config.write_text(f'{text}\n[registry]\nuri = "registry"\n')
    return sample


def registry(shell: Shell) -> Registry:
    return Registry(DirectoryStore(shell.cwd / "registry"))


def test_record_integrate_verify(logging: Shell) -> None:
    assert logging(*CAPTURE).code == 0
    assert logging("verify").code == 10
    waiting = logging("record", "--pending", "--json").document
    assert [each["state"] for each in waiting["recorded"]] == ["waiting"]
    assert logging("verify").code == 11
    done = logging("log", "integrate", "--log-key", "log.pem", "--json").document
    assert [(each["index"], each["type"]) for each in done["entries"]] == [(0, "manifest")]
    assert logging("record", "--pending", "--json").document["recorded"][0]["state"] == "logged"
    assert "nothing to record" in logging("record", "--pending").out
    verdict = logging("verify", "--json").document
    assert verdict["status"] == "passed"
    assert verdict["targets"][0]["checkpoint"]["size"] == 1
    assert "log sample/" in logging("verify").out
    assert logging("verify", "--no-registry").code == 0


def test_a_capture_that_records(logging: Shell) -> None:
    printed = logging(*CAPTURE, "--record", "--json", AUDITKIT_LOG_KEY="log.pem")
    assert printed.document["recorded"]["state"] == "logged"
    assert "is entry 1 of 2" in logging(*CAPTURE, "--record", AUDITKIT_LOG_KEY="log.pem").out
    config = logging.cwd / "auditkit.toml"
    config.write_text(config.read_text() + "record = true\n")
    assert "waits for auditkit log integrate" in logging(*CAPTURE).out
    assert "registry" not in logging(*CAPTURE, "--no-record").out


def test_a_wrapped_run_that_records(logging: Shell) -> None:
    printed = logging("run", *CAPTURE[1:], "--record", "--", "true")
    assert printed.code == 0
    assert "waits for auditkit log integrate" in printed.out


def test_a_registry_that_is_gone_keeps_nobody_from_capturing(logging: Shell) -> None:
    (logging.cwd / "registry").rename(logging.cwd / "elsewhere")
    printed = logging(*CAPTURE, "--record")
    assert printed.code == 0
    assert "auditkit record --pending" in printed.err
    assert logging("record", "--pending").code == 1
    (logging.cwd / "elsewhere").rename(logging.cwd / "registry")
    assert logging("record", "--pending").code == 0
    assert len(list(registry(logging).pending())) == 1


def test_nothing_was_dropped_since(logging: Shell) -> None:
    logging(*CAPTURE, "--record", AUDITKIT_LOG_KEY="log.pem")
    assert logging("log", "status", "-o", "old.checkpoint", "--no-probe").code == 0
    (logging.cwd / "verdict.json").write_text(logging("verify", "--json").out)
    before = {
        path: path.read_bytes() for path in (logging.cwd / "registry").rglob("*") if path.is_file()
    }
    logging(*CAPTURE, "--record", AUDITKIT_LOG_KEY="log.pem")
    receipt = next((logging.cwd / "evidence").glob("*/manifest.tlog-proof"))
    found = logging("log", "status", "--json", "--no-probe").document["checkpoint"]
    by_hand = logging.cwd / "by-hand"
    by_hand.write_text(f"{found['origin']}\n{found['size']}\n{found['root']}\n")
    for kept in ("old.checkpoint", "verdict.json", receipt, by_hand):
        printed = logging("log", "consistency", kept, "--json")
        assert (printed.code, printed.document["status"]) == (0, "passed"), kept
    for path in (logging.cwd / "registry").rglob("*"):
        if path.is_file():
            path.write_bytes(before[path]) if path in before else path.unlink()
    assert logging("log", "consistency", by_hand).code == 10
    printed = logging("log", "consistency", "old.checkpoint", XDG_STATE_HOME=str(logging.cwd))
    assert printed.code == 0
    assert logging("log", "integrate", "--log-key", "log.pem").code == 10


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", 2),
        (b"origin\n1\nx\n", 10),
        (b"{}", 2),
        (b"\xff", 2),
        (b"c2sp.org/tlog-proof@v1\n", 10),
    ],
)
def test_what_is_no_checkpoint(logging: Shell, content: bytes, code: int) -> None:
    (logging.cwd / "old").write_bytes(content)
    assert logging("log", "consistency", "old", "--json").code in {code, 10}
    assert logging("log", "consistency", "nosuch").code == 2


def test_everything_is_read_again(logging: Shell) -> None:
    logging(*CAPTURE, "--record", AUDITKIT_LOG_KEY="log.pem")
    logging(*CAPTURE, "--record", AUDITKIT_LOG_KEY="log.pem")
    sound = logging("log", "verify", "--blobs", "--json")
    assert (sound.code, sound.document["entries"]) == (0, 2)
    assert sound.document["blobs"] > 2
    bundle = next((logging.cwd / "evidence").glob("*/manifest.sigstore.json"))
    stored = next(
        path
        for path in (logging.cwd / "registry" / "blobs").rglob("*")
        if path.is_file() and path.read_bytes() == bundle.read_bytes()
    )
    content = stored.read_bytes()
    stored.write_bytes(content[:-2] + b" }")
    damaged = logging("log", "verify", "--blobs", "--json")
    failed = [each for each in damaged.document["findings"] if each["status"] == "failed"]
    assert damaged.code == 10
    assert [(each["check"], each["subject"]) for each in failed] in (
        [("log.blob", "entry 0")],
        [("log.blob", "entry 1")],
    )
    assert logging("log", "verify").code == 0
    assert logging("log", "verify", "--log", _other_key(logging)).code == 10


def _other_key(shell: Shell) -> str:
    from keypool import key_signer  # noqa: PLC0415

    from auditkit.registry.notekeys import verifier_key  # noqa: PLC0415

    origin = registry(shell).log().checkpoint.origin
    return str(verifier_key(key_signer("ed25519", 9).public_key, origin))


def test_a_proof_is_written_and_renewed(logging: Shell) -> None:
    logging(*CAPTURE, "--record")
    assert logging("log", "proof", "sample/latest").code == 2
    logging("log", "integrate", "--log-key", "log.pem")
    first = logging("log", "proof", "sample/latest", "--json").document
    assert Path(logging.cwd / first["receipt"]).read_bytes().startswith(b"c2sp.org/tlog-proof@v1")
    logging(*CAPTURE, "--record", AUDITKIT_LOG_KEY="log.pem")
    run = json.loads(logging("show", Path(first["receipt"]).parent.name, "--json").out)
    again = logging("log", "proof", run["predicate"]["run"]["id"], "-o", "p", "--json").document
    assert (first["size"], again["size"], again["index"]) == (1, 2, 0)
    assert (logging.cwd / "p").is_file()


def test_the_status_of_a_registry(logging: Shell) -> None:
    logging(*CAPTURE, "--record")
    document = logging("log", "status", "--json").document
    assert (document["status"], document["waiting"]) == ("passed", 1)
    assert document["guarantees"]
    printed = logging("log", "status")
    assert "1 entry waits" in printed.out
    assert "whoever may write to this folder" in printed.out


def test_who_has_no_key_and_no_registry_is_told(sample: Shell, logging: Shell) -> None:
    assert "private key of the log" in logging("log", "integrate").err
    assert logging("log", "status", "--registry", "nosuch").code == 1
    (logging.cwd / "empty").mkdir()
    printed = logging("log", "status", "--registry", "empty")
    assert (printed.code, "no registry here" in printed.err) == (2, True)
    assert logging("record").code == 2
    assert logging("record", "--pending", "x").code == 2
    config = sample.cwd / "auditkit.toml"
    config.write_text(config.read_text().partition("[registry]")[0])
    assert "no registry is given" in sample("log", "verify").err


def test_a_flag_beside_a_policy_is_refused(logging: Shell) -> None:
    logging("trust", "init")
    printed = logging("log", "verify", "--trust", "trust.toml", "--log", _other_key(logging))
    assert printed.code == 2
    assert "[[logs]]" in printed.err
