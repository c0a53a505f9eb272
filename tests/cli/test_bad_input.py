"""Bad input: one clear error with a hint and the right exit code, never a traceback."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from commands import Shell

Setup = Callable[[Path], object]


def _nothing(_: Path) -> None: ...


def _corrupt_parquet(folder: Path) -> None:
    path = folder / "bad.parquet"
    pq.write_table(pa.table({"a": [1, 2, 3]}), path)
    path.write_bytes(path.read_bytes()[:-20] + b"\0" * 16 + b"PAR1")


def _symlink_out(folder: Path) -> None:
    (folder / "tree").mkdir()
    (folder / "tree/out").symlink_to("/etc/hostname")


def _symlink_cycle(folder: Path) -> None:
    (folder / "tree/sub").mkdir(parents=True)
    (folder / "tree/sub/up").symlink_to("..")


def _named(name: bytes) -> Setup:
    def make(folder: Path) -> None:
        (folder / "tree").mkdir()
        Path(os.fsdecode(os.fsencode(folder / "tree") + b"/" + name)).write_text("x")

    return make


def _pipe(folder: Path) -> None:
    (folder / "tree").mkdir()
    os.mkfifo(folder / "tree/pipe")


def _socket(folder: Path) -> None:
    (folder / "tree").mkdir()
    with socket.socket(socket.AF_UNIX) as server, _inside(folder / "tree"):
        server.bind("s")


class _inside:  # noqa: N801 - reads like a statement
    def __init__(self, folder: Path) -> None:
        self._folder, self._before = folder, Path.cwd()

    def __enter__(self) -> None:
        os.chdir(self._folder)

    def __exit__(self, *_: object) -> None:
        os.chdir(self._before)


DATA: dict[str, tuple[Setup, str, int, str]] = {
    "missing path": (_nothing, "nosuch.csv", 2, "nosuch.csv"),
    "empty folder": (lambda folder: (folder / "tree").mkdir(), "tree", 2, "no files"),
    "corrupt Parquet": (_corrupt_parquet, "bad.parquet", 1, "bad.parquet"),
    "text called Parquet": (
        lambda folder: (folder / "x.parquet").write_text("hello"),
        "x.parquet",
        1,
        "x.parquet",
    ),
    "empty Parquet file": (
        lambda folder: (folder / "x.parquet").write_bytes(b""),
        "x.parquet",
        1,
        "x.parquet",
    ),
    "ragged CSV": (
        lambda folder: (folder / "r.csv").write_text("a,b\n1,2\n1,2,3\n"),
        "r.csv",
        1,
        "row 3",
    ),
    "CSV that is not UTF-8": (
        lambda folder: (folder / "r.csv").write_bytes(b"a,b\n\xff\xfe,2\n"),
        "r.csv",
        1,
        "UTF-8",
    ),
    "JSON Lines that are none": (
        lambda folder: (folder / "r.jsonl").write_text('{"a":1}\n{"a":\n'),
        "r.jsonl",
        1,
        "r.jsonl",
    ),
    "symlink out of the tree": (_symlink_out, "tree", 1, "out"),
    "symlink cycle": (_symlink_cycle, "tree", 1, "up"),
    "control character in a name": (_named(b"a\nb"), "tree", 1, r"a\nb"),
    "backslash in a name": (_named(b"a\\b"), "tree", 1, "a"),
    "name that is not UTF-8": (_named(b"a\xff"), "tree", 1, "UTF-8"),
    "pipe": (_pipe, "tree", 1, "pipe"),
    "socket": (_socket, "tree", 1, "socket"),
    "device": (_nothing, "/dev/zero", 1, "/dev/zero"),
    "URL of a scheme that cannot be read": (_nothing, "gs://bucket/key", 2, "gs"),
}


@pytest.mark.parametrize("name", DATA)
def test_data_that_cannot_be_recorded(sample: Shell, name: str) -> None:
    setup, reference, code, message = DATA[name]
    setup(sample.cwd)
    printed = sample("capture", "--dataset", f"d={reference}")
    assert printed.code == code, printed.err
    assert printed.err.startswith("error: ")
    assert message in printed.err
    assert "Traceback" not in printed.err
    assert not (sample.cwd / "evidence").exists(), "nothing is left behind"


@pytest.mark.parametrize("name", ["control character in a name", "name that is not UTF-8", "pipe"])
def test_the_hint_helps(sample: Shell, name: str) -> None:
    DATA[name][0](sample.cwd)
    (sample.cwd / "tree/good").write_text("x")
    assert "--exclude" in sample("capture", "--dataset", "tree").err
    assert sample("capture", "--dataset", "tree", "--exclude", "[!g]*").code == 0
    assert sample("verify").code == 0


USAGE: dict[str, tuple[tuple[str, ...], int, str]] = {
    "no such command": (("frobnicate",), 2, "frobnicate"),
    "no such flag": (("capture", "--frobnicate"), 2, "--frobnicate"),
    "nothing to record": (("capture",), 2, "no data set"),
    "name used twice": (
        ("capture", "--dataset", "a=model.bin", "--output", "a=model.bin"),
        2,
        "used by two",
    ),
    "no such key": (("capture", "--dataset", "model.bin", "--key", "nosuch.pem"), 2, "nosuch.pem"),
    "public key to sign with": (
        ("capture", "--dataset", "model.bin", "--key", "auditkit.pub"),
        2,
        "public key",
    ),
    "key variable not set": (
        ("capture", "--dataset", "model.bin", "--key", "env:NOSUCH"),
        2,
        "NOSUCH",
    ),
    "parameter without a value": (
        ("capture", "--dataset", "model.bin", "--param", "lr"),
        2,
        "lr",
    ),
    "parameters that are missing": (
        ("capture", "--dataset", "model.bin", "--params", "nosuch.yaml"),
        2,
        "nosuch.yaml",
    ),
    "output without the right ending": (
        ("capture", "--dataset", "model.bin", "-o", "x.json"),
        2,
        ".sigstore.json",
    ),
    "no evidence": (("verify",), 3, "no evidence"),
    "no such target": (("verify", "nosuch"), 2, "nosuch"),
    "no such run": (("verify", "01890000-0000-7000-8000-000000000000"), 2, "01890000"),
    "report of no known form": (("report", "-o", "report.doc"), 2, "report.doc"),
    "command that does not exist": (
        ("run", "--dataset", "model.bin", "--", "nosuch-program"),
        2,
        "nosuch-program",
    ),
    "no command": (("run", "--dataset", "model.bin"), 2, "COMMAND"),
}


@pytest.mark.parametrize("name", USAGE)
@pytest.mark.parametrize("as_json", [False, True])
def test_usage(sample: Shell, name: str, as_json: bool) -> None:
    arguments, code, message = USAGE[name]
    if as_json and arguments[0] != "run":
        printed = sample(arguments[0], "--json", *arguments[1:])
        assert printed.code == code
        document = printed.document
        assert document["schema"] == "urn:auditkit:schema:error:v1"
        assert document["exit_code"] == code
        assert message in f"{document['path']} {document['message']}"
    else:
        printed = sample(*arguments)
        assert printed.code == code
        assert message in printed.err
        assert printed.out == ""


@pytest.mark.parametrize("command", [(), ("keys",), ("trust",)], ids=str)
def test_without_a_command_the_usage_is_shown_as_it_is(
    sample: Shell, command: tuple[str, ...]
) -> None:
    printed = sample(*command)
    assert (printed.code, printed.out) == (2, "")
    assert printed.err.startswith("Usage: ")
    assert "\n\nCommands:\n" in printed.err


def test_a_wrong_passphrase(sample: Shell) -> None:
    made = sample("keys", "generate", "-o", "k.pem", "--passphrase", "env:P", P="open")
    assert made.code == 0
    arguments = ("capture", "--dataset", "model.bin", "--key", "k.pem")
    for environ in ({"P": "sesame"}, {"P": ""}, {}):
        printed = sample(*arguments, AUDITKIT_PASSPHRASE="env:P", **environ)
        assert printed.code == 2
        assert "passphrase" in printed.err
        assert "sesame" not in printed.err
    assert sample(*arguments, AUDITKIT_PASSPHRASE="env:P", P="open").code == 0


def test_a_key_that_others_can_read(sample: Shell) -> None:
    key = Path(sample.environ["XDG_CONFIG_HOME"]) / "auditkit/keys/sample.pem"
    key.chmod(0o644)
    printed = sample("capture", "--dataset", "model.bin")
    assert printed.code == 2
    assert "chmod 600" in printed.err
    assert sample("capture", "--dataset", "model.bin", "--allow-open-key").code == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("project = ", "auditkit.toml"),
        ("projct = 'x'", "projct"),
        ("project = 7", "project"),
        ("[datasets.'no name']\npath = 'x'", "no name"),
        ("[datasets.train]\npath = 'x'\npersonal_data = true", "personal_data"),
    ],
)
def test_a_configuration_that_is_wrong(shell: Shell, text: str, message: str) -> None:
    (shell.cwd / "auditkit.toml").write_text(text)
    printed = shell("verify")
    assert printed.code == 2
    assert message in printed.err


@pytest.mark.parametrize("data", [b"", b"\0" * 100, b'{"a":1,"a":2}', b"[" * 10_000])
def test_a_bundle_that_is_none(sample: Shell, data: bytes) -> None:
    (sample.cwd / "x.sigstore.json").write_bytes(data)
    printed = sample("verify", "x.sigstore.json")
    assert printed.code == 10
    assert "envelope" in printed.out


def test_an_oversized_bundle_is_not_read(sample: Shell) -> None:
    with (sample.cwd / "x.sigstore.json").open("wb") as file:
        file.truncate(1 << 36)
    printed = sample("verify", "x.sigstore.json")
    assert printed.code == 10
    assert "Traceback" not in printed.err


def test_a_full_disk_leaves_nothing_half_written(sample: Shell) -> None:
    (sample.cwd / "big").mkdir()
    for number in range(400):
        (sample.cwd / f"big/{number}").write_text(str(number))

    # Bytecode cut short by the limit would break every later import.
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    printed = subprocess.run(
        [sys.executable, "-c", "from auditkit.cli.main import main; main()", "capture",
         "--dataset", "big"],
        cwd=sample.cwd, env={**sample.environ, "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True, text=True,
        preexec_fn=limit, check=False,
    )  # fmt: skip
    assert printed.returncode == 1
    assert "error:" in printed.stderr
    assert "Traceback" not in printed.stderr
    evidence = sample.cwd / "evidence"
    assert not evidence.exists() or list(evidence.iterdir()) == []


def test_an_interrupted_capture_leaves_nothing_and_says_so(sample: Shell) -> None:
    with (sample.cwd / "big.bin").open("wb") as file:
        file.truncate(1 << 37)
    program = "from auditkit.cli.main import main; main()"
    command = [sys.executable, "-c", program, "capture", "--dataset", "big.bin"]
    with subprocess.Popen(
        command, cwd=sample.cwd, env=dict(sample.environ), stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            _until_reading(process.pid, "big.bin")
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "interrupted" in err
    assert not (sample.cwd / "evidence").exists() or not list((sample.cwd / "evidence").iterdir())


def _until_reading(pid: int, name: str) -> None:
    """Wait until a file is well under way, when nothing is imported any more.

    An interrupt during an import may end up in a callback of Python's, which drops it.
    """
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for link in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                about = Path(f"/proc/{pid}/fdinfo", link.name).read_text()
                if link.readlink().name == name and int(about.split()[1]) > 1 << 28:
                    return
            except OSError:
                continue
    raise AssertionError("the capture did not begin to read")


def test_hostile_names_and_values_are_printed_harmlessly(sample: Shell) -> None:
    evil = "\x1b[31mred\u202etxt"
    assert sample("capture", "--dataset", "model.bin", "--name", evil).code == 0
    (sample.cwd / "model.bin").unlink()
    for printed in (sample("verify"), sample("show", "sample/latest")):
        assert "\x1b" not in printed.out + printed.err
        assert "\u202e" not in printed.out + printed.err


def test_secrets_reach_nothing(sample: Shell) -> None:
    secret = "hunter2hunter2"
    printed = sample(
        "capture", "--dataset", "model.bin", "--param", f"db.password={secret}",
        "--param", f"url=https://me:{secret}@example.org/x", AUDITKIT_API_TOKEN=secret,
    )  # fmt: skip
    assert printed.code == 0
    kept = b"".join(p.read_bytes() for p in (sample.cwd / "evidence").rglob("*") if p.is_file())
    shown = sample("show", "sample/latest", "--json").out
    assert secret not in printed.out + printed.err + shown
    assert secret.encode() not in kept
