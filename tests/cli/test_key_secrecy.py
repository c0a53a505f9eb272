"""A private key, its passphrase and its raw bytes appear nowhere but in the file they came in."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from commands import Printed, Shell
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auditkit.signing.keys import encode_private_key, public_key_of

PASSPHRASE = "correct-horse-battery"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(100, 132)))
PEM = encode_private_key(KEY, None)
ENCRYPTED = encode_private_key(KEY, PASSPHRASE.encode())
SECRETS = (
    PASSPHRASE.encode(),
    KEY.private_bytes_raw(),
    KEY.private_bytes_raw().hex().encode(),
    base64.b64encode(KEY.private_bytes_raw())[:-4],
    PEM.split(b"\n")[1],
    base64.b64encode(PEM),
    ENCRYPTED.split(b"\n")[1],
)
ENVIRON = {
    "K": PEM.decode(),
    "K64": base64.b64encode(PEM).decode(),
    "AUDITKIT_PASSPHRASE": "env:P",
    "P": PASSPHRASE,
}


@dataclass(frozen=True)
class Watched:
    """A project, and everything that was printed in it."""

    shell: Shell
    said: list[str] = field(default_factory=list)

    def __call__(self, *arguments: str, **environ: str) -> Printed:
        printed = self.shell(*arguments, **{**ENVIRON, **environ})
        self.said.append(printed.out + printed.err)
        return printed

    def written(self) -> Iterator[tuple[Path, bytes]]:
        """Yield every file but those that hold the key on purpose."""
        for path in self.shell.cwd.parent.rglob("*"):
            if path.is_file() and path.parent.name != "keys":
                yield path, path.read_bytes()


@pytest.fixture
def watched(sample: Shell) -> Iterator[Watched]:
    keys = sample.cwd / "keys"
    keys.mkdir()
    for name, content in (
        ("plain.pem", PEM),
        ("encrypted.pem", ENCRYPTED),
        ("cut.pem", PEM[:-30]),
        ("bare.pem", PEM.split(b"\n")[1]),
        ("passphrase", PASSPHRASE.encode()),
    ):
        (keys / name).write_bytes(content)
        (keys / name).chmod(0o600)
    (sample.cwd / "k.pub").write_bytes(public_key_of(KEY).pem())
    found = Watched(sample)
    yield found
    assert found.said
    for secret in SECRETS:
        assert not [each for each in found.said if secret in each.encode()]
        assert not [path for path, content in found.written() if secret in content]


CAPTURE = ("capture", "--dataset", "data/train.csv", "--key")
URIS = ("keys/plain.pem", "keys/encrypted.pem", "env:K", "env:K64")


@pytest.mark.parametrize("uri", URIS)
def test_signing_approving_and_reporting(watched: Watched, uri: str) -> None:
    assert watched(*CAPTURE, uri).code == 0
    assert watched("keys", "show", uri, "--json").code == 0
    (watched.shell.cwd / "trust.toml").write_text(
        'version = 1\n[[signers]]\nname = "ci"\nkind = "machine"\nkeys = ["k.pub"]\n'
    )
    assert watched("verify", "--trust", "trust.toml", "--json").code == 0
    for form in ("html", "json"):
        assert watched("report", "--key", "k.pub", "-o", f"report.{form}").code == 0
    said = ("--name", "A", "--role", "B", "--meaning", "C")
    refused = watched("approve", "sample/latest", "--key", uri, *said)
    assert (refused.code, "somebody else" in refused.err) == (2, True)


def test_a_wrapped_command_that_prints_its_environment_is_its_own_matter(watched: Watched) -> None:
    done = watched("run", *CAPTURE[1:], "env:K", "--", "sh", "-c", 'test "$P" = "$1"', "_", "x")
    assert done.code == 1, "the run is recorded with its arguments, and not with its environment"
    assert "signed" in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        (*CAPTURE, "keys/cut.pem"),
        (*CAPTURE, "keys/bare.pem"),
        (*CAPTURE, "keys/passphrase"),
        (*CAPTURE, "env:P"),
        ("keys", "show", "keys/bare.pem"),
        ("verify", "--key", "keys/plain.pem"),
        ("verify", "--key", "keys/encrypted.pem"),
        ("verify", "--key", "keys/passphrase"),
        ("verify", "--trust", "keys/plain.pem"),
        ("trust", "check", "keys/bare.pem"),
        ("sign", "keys/plain.pem", "--key", "keys/plain.pem"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_errors(watched: Watched, arguments: tuple[str, ...], form: str) -> None:
    printed = watched(*arguments, *(("--json",) if form == "json" else ()))
    assert printed.code in {2, 3}, printed


@pytest.mark.parametrize(
    "source", ["file:keys/passphrase", "env:P", "env:WRONG", "file:keys/cut.pem"]
)
def test_passphrases_right_and_wrong(watched: Watched, source: str) -> None:
    environ = {"AUDITKIT_PASSPHRASE": source, "WRONG": f"not-{PASSPHRASE}"}
    printed = watched(*CAPTURE, "keys/encrypted.pem", **environ)
    assert printed.code == (0 if source in {"file:keys/passphrase", "env:P"} else 2)


def test_a_policy_with_a_private_key_in_it(watched: Watched) -> None:
    (watched.shell.cwd / "keys" / "trust.toml").write_text(
        f'version = 1\n[[signers]]\nname = "ci"\nkind = "machine"\nkeys = ["""{PEM.decode()}"""]\n'
    )
    assert watched("trust", "check", "keys/trust.toml").code == 2
    assert watched("trust", "check", "keys/trust.toml", "--json").code == 2
