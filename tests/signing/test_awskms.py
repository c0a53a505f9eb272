"""Keys in AWS KMS, against moto's server over HTTP."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import aws
import pytest
from commands import Shell
from keypool import private_key

from auditkit.errors import KeyFileError, SigningError
from auditkit.signing.keys import public_key_of
from auditkit.signing.opening import open_signer
from auditkit.signing.signer import Signer

SHORT, LONG = b"x" * 4096, b"x" * 4097
SPECS = {"ecdsa-p256": "ECC_NIST_P256", "ecdsa-p384": "ECC_NIST_P384", "rsa-pss": "RSA_3072"}


@pytest.fixture
def environ(server: aws.Aws, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    for name, value in server.environ.items():
        monkeypatch.setenv(name, value)
    return server.environ


@pytest.fixture
def documented(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    aws.sign_as_documented(monkeypatch)


def create(server: aws.Aws, spec: str, usage: str = "SIGN_VERIFY") -> str:
    made = server.client("kms").create_key(KeySpec=spec, KeyUsage=usage)
    arn: str = made["KeyMetadata"]["Arn"]
    return arn


def opened(name: str) -> Signer:
    return open_signer(name, environ={})


def refusal(name: str) -> KeyFileError:
    with pytest.raises(KeyFileError) as caught:
        opened(name)
    assert caught.value.path == name
    assert caught.value.hint
    assert aws.SETTINGS["AWS_SECRET_ACCESS_KEY"] not in f"{caught.value}{caught.value.hint}"
    return caught.value


@pytest.mark.parametrize("algorithm", ["ecdsa-p256", "ecdsa-p384"])
@pytest.mark.usefixtures("environ")
def test_short_messages_are_signed_raw(server: aws.Aws, algorithm: str) -> None:
    signer = opened(f"awskms:{create(server, SPECS[algorithm])}")
    assert signer.public_key.algorithm == algorithm
    signer.public_key.verify(signer.sign(SHORT), SHORT)


@pytest.mark.parametrize("algorithm", SPECS)
@pytest.mark.parametrize("message", [SHORT, LONG], ids=len)
@pytest.mark.usefixtures("documented")
def test_messages_of_any_length(server: aws.Aws, algorithm: str, message: bytes) -> None:
    signer = opened(f"awskms:{create(server, SPECS[algorithm])}")
    signer.public_key.verify(signer.sign(message), message)


@pytest.mark.parametrize("message", [SHORT, LONG], ids=len)
@pytest.mark.usefixtures("documented")
def test_ml_dsa(server: aws.Aws, message: bytes) -> None:
    from moto.kms.models import kms_backends  # noqa: PLC0415 - heavy

    arn = create(server, "ECC_NIST_P256")
    key = private_key("ml-dsa-65")
    backend = kms_backends["123456789012"][aws.SETTINGS["AWS_DEFAULT_REGION"]]
    backend.describe_key(arn).private_key = SimpleNamespace(
        private_key=key, public_key=lambda: public_key_of(key).spki
    )
    signer = opened(f"awskms:{arn}")
    assert signer.public_key == public_key_of(key)
    signer.public_key.verify(signer.sign(message), message)


@pytest.mark.usefixtures("environ")
def test_a_signature_that_does_not_verify_is_never_handed_out(server: aws.Aws) -> None:
    """The server as it is hashes a digest once more."""
    signer = opened(f"awskms:{create(server, 'ECC_NIST_P256')}")
    with pytest.raises(SigningError, match="does not verify") as caught:
        signer.sign(LONG)
    assert caught.value.hint


@pytest.mark.usefixtures("documented")
def test_names_of_keys(server: aws.Aws) -> None:
    arn = create(server, "ECC_NIST_P256")
    server.client("kms").create_alias(AliasName="alias/train", TargetKeyId=arn)
    names = [arn, arn.partition("/")[2], "alias/train", f"{arn.partition('key/')[0]}alias/train"]
    keys = {
        opened(f"awskms:{slashes}{name}").public_key for name in names for slashes in ("", "///")
    }
    assert len(keys) == 1


@pytest.mark.usefixtures("documented")
def test_an_alias_that_goes_elsewhere_does_not_change_the_signer(server: aws.Aws) -> None:
    first, second = create(server, "ECC_NIST_P256"), create(server, "ECC_NIST_P256")
    kms = server.client("kms")
    kms.create_alias(AliasName="alias/moving", TargetKeyId=first)
    signer = opened("awskms:alias/moving")
    kms.update_alias(AliasName="alias/moving", TargetKeyId=second)
    signer.public_key.verify(signer.sign(LONG), LONG)


class TestRefusals:
    pytestmark = pytest.mark.usefixtures("environ")

    def test_no_such_key(self) -> None:
        assert "NotFound" in refusal("awskms:alias/nosuch").message

    @pytest.mark.parametrize(
        ("spec", "usage", "says"),
        [
            ("RSA_3072", "ENCRYPT_DECRYPT", "for ENCRYPT_DECRYPT, not for signatures"),
            ("RSA_2048", "SIGN_VERIFY", "RSA key of 2048 bits"),
            ("ECC_NIST_P521", "SIGN_VERIFY", "secp521r1"),
        ],
    )
    def test_keys_that_are_not_used(
        self, server: aws.Aws, spec: str, usage: str, says: str
    ) -> None:
        assert says in refusal(f"awskms:{create(server, spec, usage)}").message

    @pytest.mark.parametrize("name", ["", "//", "//host/alias/x", "///", "a b", "alias/é", "x?y=z"])
    def test_names_that_are_none(self, name: str) -> None:
        assert "not the name of a key" in refusal(f"awskms:{name}").message

    def test_no_credentials(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        assert "credentials" in refusal("awskms:alias/x").message

    def test_no_region(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_DEFAULT_REGION")
        assert "region" in refusal("awskms:alias/x").message

    @pytest.mark.parametrize("endpoint", ["http://127.0.0.1:1", "nonsense"])
    def test_no_server(self, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        refusal("awskms:alias/x")


def test_without_boto3_the_extra_is_named(tmp_path: Path) -> None:
    code = "import sys; sys.modules['boto3'] = None; from auditkit.cli.main import main; main()"
    command = [sys.executable, "-c", code, "keys", "show", "awskms:alias/x"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'auditkit-manifest[aws]'" in done.stderr


@pytest.mark.usefixtures("documented")
def test_a_run_is_captured_and_verified(server: aws.Aws, tmp_path: Path) -> None:
    shell, uri = project(server, tmp_path)
    shown = shell("keys", "show", uri, "--json")
    (shell.cwd / "kms.pub").write_text(shown.document["pem"])
    done = shell("capture", "--dataset", "data.bin", "--project", "p", "--key", uri, "--json")
    assert (done.code, done.document["signed"]) == (0, True)
    assert shell("verify", "--key", "kms.pub").code == 0


def test_a_service_that_fails_after_the_run_loses_nothing(
    server: aws.Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.sign_as_documented(monkeypatch)
    shell, uri = project(server, tmp_path)
    disable = f"""
import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r})
import aws; aws.Aws({server.endpoint!r}).client("kms").disable_key(KeyId={uri.rpartition("/")[2]!r})
"""
    (shell.cwd / "train.py").write_text(disable)
    options = ["--dataset", "data.bin", "--project", "p", "--key", uri]
    done = shell("run", *options, "--", sys.executable, "train.py")
    assert done.code == 1
    assert "did not sign" in done.err
    assert "auditkit sign" in done.err
    (folder,) = (shell.cwd / "evidence").iterdir()
    assert (folder / "manifest.statement.json").is_file()
    server.client("kms").enable_key(KeyId=uri.rpartition("/")[2])
    assert shell("sign", folder, "--key", uri).code == 0
    (shell.cwd / "kms.pub").write_text(shell("keys", "show", uri, "--json").document["pem"])
    assert shell("verify", folder, "--key", "kms.pub").code == 0


def project(server: aws.Aws, folder: Path) -> tuple[Shell, str]:
    """Return a project with one file of data, and the URI of a key."""
    (folder / "data.bin").write_bytes(b"data")
    home = {"HOME": str(folder / "home"), "XDG_CONFIG_HOME": str(folder / "config")}
    shell = Shell(folder, {"PATH": "/usr/bin:/bin", **home, **server.environ})
    return shell, f"awskms:{create(server, 'ECC_NIST_P384')}"
