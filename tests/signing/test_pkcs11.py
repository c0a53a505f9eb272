"""Keys on a PKCS #11 token, against SoftHSM."""

from __future__ import annotations

import subprocess
import sys
import traceback
from pathlib import Path

import hsm
import pytest
from commands import Shell
from hypothesis import given
from hypothesis import strategies as st
from keypool import private_key

from auditkit.errors import KeyFileError, SigningError
from auditkit.signing.keyfile import write_key_pair
from auditkit.signing.opening import open_signer
from auditkit.signing.pkcs11 import MODULE_VARIABLE
from auditkit.signing.pkcs11_uri import parse_pkcs11_uri
from auditkit.signing.signer import Signer

LONG = b"x" * 100_000
ENVIRON = {"PIN": hsm.PIN}


def opened(uri: str, **environ: str) -> Signer:
    return open_signer(uri, environ={**ENVIRON, **environ})


def refusal(uri: str, **environ: str) -> KeyFileError:
    with pytest.raises(KeyFileError) as caught:
        opened(uri, **environ)
    assert caught.value.hint
    assert hsm.PIN not in "".join(traceback.format_exception(caught.value))
    return caught.value


@pytest.mark.parametrize("algorithm", ["ed25519", "ecdsa-p256", "ecdsa-p384", "rsa-pss"])
@pytest.mark.parametrize("message", [b"", LONG], ids=len)
def test_signatures_verify(token: hsm.Hsm, algorithm: str, message: bytes) -> None:
    signer = opened(token.uri(algorithm))
    assert signer.public_key.algorithm == algorithm
    signer.public_key.verify(signer.sign(message), message)
    assert hsm.PIN not in repr(signer)


class TestNames:
    def test_by_number_serial_slot_and_type(self, token: hsm.Hsm) -> None:
        found = token.token()
        by = [
            "token=audit;object=ed25519",
            "token=%61udit;id=%00",
            f"serial={found.serial.decode()};id=%00;object=ed25519;type=private",
            f"slot-id={found.slot.slot_id};object=ed25519",
            "model=SoftHSM%20v2;manufacturer=SoftHSM%20project;token=audit;id=%00",
        ]
        rest = f"?module-path={token.module}&pin-source=env:PIN"
        assert len({opened(f"pkcs11:{each}{rest}").public_key for each in by}) == 1

    def test_the_module_from_the_environment(self, token: hsm.Hsm) -> None:
        opened("pkcs11:token=audit;id=%00?pin-source=env:PIN", **{MODULE_VARIABLE: token.module})

    @pytest.mark.parametrize(
        ("uri", "says"),
        [
            ("pkcs11:token=nosuch;object=x", "no tokens match"),
            ("pkcs11:object=ed25519", "2 tokens match"),
            ("pkcs11:token=audit;object=nosuch", "No key matching"),
            ("pkcs11:token=audit;object=p521", "not used"),
            ("pkcs11:token=audit;object=rsa-2048", "RSA key of 2048 bits"),
        ],
    )
    def test_what_is_not_there_or_not_used(self, token: hsm.Hsm, uri: str, says: str) -> None:
        full = f"{uri}?module-path={token.module}&pin-source=env:PIN"
        error = refusal(full)
        assert says in error.message
        assert error.path == full

    def test_no_module(self) -> None:
        uri = "pkcs11:object=x?pin-source=env:PIN"
        assert "no PKCS #11 module" in refusal(uri).message
        for path in ("/nonexistent.so", "/dev/null", __file__):
            assert "does not give" in refusal(f"{uri}&module-path={path}").message


class TestPin:
    def test_from_a_file(self, token: hsm.Hsm, tmp_path: Path) -> None:
        (tmp_path / "pin").write_text(f"{hsm.PIN}\n")
        for form in (f"file:{tmp_path}/pin", f"{tmp_path}/pin"):
            opened(token.uri("ed25519", f"&pin-source={form}"))

    def test_asked_for_where_the_uri_names_no_source(self, token: hsm.Hsm) -> None:
        asked = []

        def ask() -> bytes:
            asked.append("once")
            return hsm.PIN.encode()

        signer = open_signer(token.uri("ed25519", ""), passphrase=ask, environ={})
        signer.sign(b"one")
        signer.sign(b"two")
        assert asked == ["once"]

    def test_wrong(self, token: hsm.Hsm) -> None:
        error = refusal(token.uri("ed25519"), PIN="guess-7531")
        assert "PinIncorrect" in error.message
        assert "guess-7531" not in "".join(traceback.format_exception(error))

    @pytest.mark.parametrize("query", ["", "&pin-source=env:NOSUCH", "&pin-source=/nonexistent"])
    def test_missing(self, token: hsm.Hsm, query: str) -> None:
        refusal(token.uri("ed25519", query))

    def test_not_text(self, token: hsm.Hsm) -> None:
        assert "not UTF-8" in refusal(token.uri("ed25519"), PIN="\udcff").message

    @pytest.mark.parametrize(
        "uri",
        [
            f"pkcs11:object=a?pin-value={hsm.PIN}",
            f"pkcs11:object=a?pin-value={hsm.PIN}&pin-value={hsm.PIN}",
            f"pkcs11:object=a;PIN-value={hsm.PIN}",
        ],
    )
    def test_never_in_the_uri(self, uri: str) -> None:
        error = refusal(uri)
        assert "stands in the key's URI" in error.message
        assert error.path is None


class TestUri:
    def test_percent_encoding(self) -> None:
        uri = parse_pkcs11_uri("pkcs11:token=a%3Bb%20%c3%a9;object=x;id=%00%FF?pin-source=env:A")
        assert (uri.token, uri.id, uri.pin_source) == ({"token": "a;b é"}, b"\0\xff", "env:A")

    @pytest.mark.parametrize(
        "uri",
        [
            "pkcs11:",
            "pkcs11:token=a",
            "pkcs11:object=a;object=b",
            "pkcs11:object",
            "pkcs11:object=a;nosuch=b",
            "pkcs11:object=a;type=cert",
            "pkcs11:object=%ff",
            "pkcs11:object=a?pin-source=|cat%20pin",
            "pkcs11:object=a?module-name=x",
            "pkcs11:object=a?pin-source=env:A&pin-source=env:B",
        ],
    )
    def test_what_is_refused(self, uri: str) -> None:
        assert refusal(uri).path == uri

    @given(st.text("pkcs1:;?&=%0af objecttoken-", max_size=60))
    def test_nothing_else_is_raised(self, text: str) -> None:
        try:
            parsed = parse_pkcs11_uri(f"pkcs11:{text}")
        except KeyFileError:
            return
        assert parsed.label is not None or parsed.id is not None


def test_a_key_that_is_gone_when_it_is_needed(token: hsm.Hsm) -> None:
    import pkcs11  # noqa: PLC0415 - an extra

    with token.token().open(rw=True, user_pin=hsm.PIN) as session:
        hsm._generate(session, "ecdsa-p256", b"\x77")
    uri = token.uri("ecdsa-p256").replace("object=ecdsa-p256", "id=%77")
    signer = opened(uri)
    with token.token().open(rw=True, user_pin=hsm.PIN) as session:
        session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, id=b"\x77").destroy()
    with pytest.raises(SigningError, match="did not sign") as caught:
        signer.sign(b"data")
    assert caught.value.path == uri


def test_without_the_library_the_extra_is_named(tmp_path: Path) -> None:
    code = "import sys; sys.modules['pkcs11'] = None; from auditkit.cli.main import main; main()"
    command = [sys.executable, "-c", code, "keys", "show", "pkcs11:object=x"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'auditkit-manifest[pkcs11]'" in done.stderr


def test_a_run_is_captured_with_a_token_and_a_file_and_verified(
    token: hsm.Hsm, tmp_path: Path
) -> None:
    (tmp_path / "data.bin").write_bytes(b"data")
    write_key_pair(tmp_path / "pq.pem", private_key("ml-dsa-65"), None)
    home = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    shell = Shell(tmp_path, {"PATH": "/usr/bin:/bin", **home, **token.environ})
    uri = token.uri("rsa-pss")
    (tmp_path / "hsm.pub").write_text(shell("keys", "show", uri, "--json").document["pem"])
    keys = ["--key", uri, "--key", "pq.pem"]
    done = shell("capture", "--dataset", "data.bin", "--project", "p", *keys)
    assert done.code == 0
    assert shell("verify", "--key", "hsm.pub").code == 0
    assert shell("verify", "--key", "pq.pub").code == 0
    written = b"".join(path.read_bytes() for path in (tmp_path / "evidence").rglob("*.json"))
    assert hsm.PIN.encode() not in written
    assert hsm.PIN not in done.out + done.err
