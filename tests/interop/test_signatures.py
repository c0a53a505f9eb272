"""Programs that other people wrote check the signatures of keys that sigstore does not take."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from commands import Shell
from cryptography.hazmat.primitives.asymmetric import mldsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from keypool import private_key

from auditkit.manifest.bundle import Bundle, decode_bundle
from auditkit.signing.keyfile import write_key_pair
from auditkit.signing.keys import Algorithm, public_key_of

HERE = Path(__file__).parent
OPENSSL = {
    "ed25519": "openssl pkeyutl -verify -pubin -inkey k.pub -rawin -in pae -sigfile sig",
    "ecdsa-p256": "openssl dgst -sha256 -verify k.pub -signature sig pae",
    "ecdsa-p384": "openssl dgst -sha384 -verify k.pub -signature sig pae",
    "rsa-pss": (
        "openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 "
        "-sigopt rsa_mgf1_md:sha256 -verify k.pub -signature sig pae"
    ),
}
NOBLE = f"node {HERE / 'verify-ml-dsa.mjs'} sig pae k.raw"
SIGSTORE = f"node {HERE / 'verify-bundle.mjs'} bundle.sigstore.json k.pub"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    (tmp_path / "data.bin").write_bytes(b"data")
    home = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    return Shell(tmp_path, {"PATH": "/usr/bin:/bin", **home})


def capture(shell: Shell, algorithm: Algorithm, *options: str) -> Bundle:
    """Record a run; leave its bundle, signature, signed bytes and public key in the folder."""
    key = private_key(algorithm)
    write_key_pair(shell.cwd / "k.pem", key, None)
    flags = ["--project", "p", "--key", "k.pem", "-o", "bundle.sigstore.json", *options]
    assert shell("capture", "--dataset", "data.bin", *flags).code == 0
    bundle = decode_bundle((shell.cwd / "bundle.sigstore.json").read_bytes())
    (shell.cwd / "sig").write_bytes(bundle.signature)
    (shell.cwd / "pae").write_bytes(signed_bytes(shell))
    raw = load_der_public_key(public_key_of(key).spki)
    if isinstance(raw, mldsa.MLDSA65PublicKey):
        (shell.cwd / "k.raw").write_bytes(raw.public_bytes_raw())
    return bundle


def signed_bytes(shell: Shell) -> bytes:
    """Return what `auditkit show --pae` writes."""
    printed = shell("show", "bundle.sigstore.json", "--pae")
    assert printed.code == 0
    return printed.out.encode()


def accepts(command: str, folder: Path) -> bool:
    done = run(command.split(), folder)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode == 0


def run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("algorithm", "command"), [*OPENSSL.items(), ("ml-dsa-65", NOBLE)], ids=lambda each: each[:10]
)
def test_the_signature_is_over_the_pae(shell: Shell, algorithm: Algorithm, command: str) -> None:
    bundle = capture(shell, algorithm)
    assert accepts(command, shell.cwd)
    changed = bundle.signed_bytes.replace(b'"p"', b'"q"', 1)
    assert changed != bundle.signed_bytes
    (shell.cwd / "pae").write_bytes(changed)
    assert not accepts(command, shell.cwd)


@pytest.mark.parametrize("algorithm", ["ecdsa-p384", "rsa-pss"])
def test_sigstore_refuses_what_the_table_says_it_does_not_take(
    shell: Shell, algorithm: Algorithm
) -> None:
    capture(shell, algorithm)
    assert run(SIGSTORE.split(), shell.cwd).returncode != 0
