"""`auditkit run`: exit codes, what is recorded of a failure, and inputs that change meanwhile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commands import Shell

from auditkit.manifest.bundle import decode_bundle

INPUTS = ("run", "-q", "--dataset", "train=data/train.csv", "--dataset", "images=data/images")


def _predicate(shell: Shell) -> dict[str, Any]:
    (folder,) = (shell.cwd / "evidence").iterdir()
    payload = decode_bundle((folder / "manifest.sigstore.json").read_bytes()).payload
    predicate: dict[str, Any] = json.loads(payload)["predicate"]
    return predicate


def _python(code: str) -> tuple[str, ...]:
    return ("--", "python3", "-c", code)


@pytest.mark.parametrize(
    ("code", "expected", "status", "signal"),
    [
        ("pass", 0, "completed", None),
        ("raise SystemExit(7)", 7, "failed", None),
        ("import os; os.kill(os.getpid(), 9)", 137, "failed", "SIGKILL"),
        ("import os; os.kill(os.getpid(), 15)", 143, "interrupted", "SIGTERM"),
    ],
)
def test_the_exit_code_is_the_commands_own_and_is_signed(
    sample: Shell, code: str, expected: int, status: str, signal: str | None
) -> None:
    assert sample(*INPUTS, *_python(code)).code == expected
    run = _predicate(sample)["run"]
    assert (run["status"], run["exitCode"], run.get("signal")) == (status, expected, signal)
    assert run["command"][0] == "python3"
    assert run["startedAt"] <= run["finishedAt"]
    assert sample("verify").code == 0


def test_outputs_are_read_after_the_command(sample: Shell) -> None:
    write = "open('made.bin', 'w').write('made')"
    assert sample(*INPUTS, "--output", "made=made.bin", *_python(write)).code == 0
    outputs = [each for each in _predicate(sample)["datasets"] if each["role"] == "output"]
    assert outputs[0]["inventory"]["bytes"] == 4


def test_a_missing_output_is_incomplete_evidence(sample: Shell) -> None:
    command = (*INPUTS, "--output", "made=made.bin")
    printed = sample(*command, *_python("pass"))
    assert printed.code == 1
    assert "made.bin" in printed.err
    warnings = _predicate(sample)["capture"]["warnings"]
    assert any("made.bin" in warning for warning in warnings)
    assert sample(*command, "--on-error", "warn", *_python("pass")).code == 0
    assert sample(*command, *_python("raise SystemExit(3)")).code == 3


def _watch(shell: Shell, name: str) -> dict[str, Any]:
    (found,) = (each for each in _predicate(shell)["datasets"] if each["name"] == name)
    watch: dict[str, Any] = found["watch"]
    return watch


def test_inputs_that_change_meanwhile_are_named(sample: Shell) -> None:
    code = (
        "open('data/images/one.bin', 'w').write('two')\n"
        "open('data/images/new.bin', 'w').write('new')\n"
        "import os; os.utime('data/train.csv')"
    )
    printed = sample(*INPUTS, *_python(code))
    images, train = _watch(sample, "images"), _watch(sample, "train")
    assert images["changed"] == ["new.bin", "one.bin"]
    assert images["changedCount"] == 2
    assert "changed" not in train, "touched, read again, and the same"
    assert train["method"] == "stat-then-rehash"
    assert "images" in printed.err
    assert sample("verify").code == 10


def test_a_change_that_hides_its_date_is_still_seen(sample: Shell) -> None:
    code = (
        "import os\n"
        "path = 'data/images/one.bin'\n"
        "before = os.stat(path)\n"
        "open(path, 'w').write('two')\n"
        "os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))"
    )
    sample(*INPUTS, *_python(code))
    assert _watch(sample, "images")["changed"] == ["one.bin"]


def test_metrics_are_read_when_the_command_has_written_them(sample: Shell) -> None:
    write = "open('m.json', 'w').write('{\"auc\": 0.9, \"loss\": 1}')"
    metrics = ("--metrics", "m.json", "--metric", "loss=0.5")
    assert sample(*INPUTS, *metrics, *_python(write)).code == 0
    assert _predicate(sample)["metrics"] == {"auc": 0.9, "loss": 0.5}


def test_metrics_of_another_run_are_not_taken_for_this_ones(sample: Shell) -> None:
    (sample.cwd / "m.json").write_text('{"auc": 0.9}')
    printed = sample(*INPUTS, "--metrics", "m.json", *_python("pass"))
    assert printed.code == 1
    assert "was not written by the command" in printed.err
    assert "metrics" not in _predicate(sample)


def test_secrets_on_the_command_line_are_not_recorded(sample: Shell) -> None:
    sample(*INPUTS, "--", "python3", "-c", "pass", "--api-token", "hunter2hunter2")
    assert "hunter2" not in json.dumps(_predicate(sample))


def test_nothing_is_run_when_it_could_not_be_recorded(sample: Shell) -> None:
    marker = sample.cwd / "ran"
    command = _python("open('ran', 'w')")
    assert sample("run", "--dataset", "nosuch.csv", *command).code == 2
    assert sample("run", "--dataset", "model.bin", "--key", "nosuch.pem", *command).code == 2
    assert not marker.exists()


def test_flags_after_the_command_belong_to_it(sample: Shell) -> None:
    printed = sample(
        *INPUTS, "--", "python3", "-c", "import sys; sys.exit(len(sys.argv))", "--json"
    )
    assert printed.code == 2
    assert _predicate(sample)["run"]["command"][-1] == "--json"
    assert not Path(sample.cwd / "--json").exists()
