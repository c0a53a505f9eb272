import base64
import os
import stat
import subprocess
import traceback

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from keypool import private_key

from auditkit.errors import KeyFileError
from auditkit.signing.keyfile import write_key_pair
from auditkit.signing.keys import (
    ALGORITHMS,
    MAX_KEY_BYTES,
    encode_private_key,
    load_public_key,
)
from auditkit.signing.opening import open_signer
from auditkit.signing.passphrase import passphrase_source

KNOWN_TO_OPENSSL = [
    each for each in ALGORITHMS if not each.startswith("ml-dsa")
]  # before OpenSSL 3.5


@pytest.fixture(params=ALGORITHMS)
def private(request):
    return private_key(request.param)


@pytest.fixture
def write(tmp_path):
    def write(data, mode=0o600):
        path = tmp_path / "k.pem"
        path.write_bytes(data)
        path.chmod(mode)
        return str(path)

    return write


def signs(signer):
    signer.public_key.verify(signer.sign(b"data"), b"data")
    return True


def refusal(uri, **options):
    options.setdefault("environ", {})
    with pytest.raises(KeyFileError) as caught:
        open_signer(uri, **options)
    assert caught.value.hint
    return caught


class TestKeyFiles:
    def test_plain(self, private, write):
        assert signs(open_signer(write(encode_private_key(private, None)), environ={}))

    def test_passphrase(self, private, write):
        uri = write(encode_private_key(private, b"secret"))
        assert signs(open_signer(uri, passphrase=lambda: b"secret", environ={}))

    def test_passphrase_is_not_asked_for_a_plain_key(self, private, write):
        def ask():
            raise AssertionError("asked")

        open_signer(write(encode_private_key(private, None)), passphrase=ask, environ={})

    @pytest.mark.parametrize("kdf", [["-v2", "aes-256-cbc"], ["-scrypt"]])
    @pytest.mark.parametrize("private", KNOWN_TO_OPENSSL, indirect=True)
    def test_encrypted_by_openssl(self, private, write, kdf):
        encrypted = subprocess.run(
            ["openssl", "pkcs8", "-topk8", *kdf, "-passout", "pass:secret"],
            input=encode_private_key(private, None),
            capture_output=True,
            check=True,
        ).stdout
        assert signs(open_signer(write(encrypted), passphrase=lambda: b"secret", environ={}))

    def test_wrong_passphrase(self, private, write):
        uri = write(encode_private_key(private, b"secret"))
        caught = refusal(uri, passphrase=lambda: b"guess-7531")
        assert "passphrase is wrong" in str(caught.value)
        assert "guess-7531" not in "".join(traceback.format_exception(caught.value))

    @pytest.mark.parametrize("source", [None, lambda: None])
    def test_missing_passphrase(self, private, write, source):
        uri = write(encode_private_key(private, b"secret"))
        assert "no passphrase was given" in str(refusal(uri, passphrase=source).value)

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
    def test_open_permissions_are_refused_unless_allowed(self, private, write, mode):
        uri = write(encode_private_key(private, None), mode)
        assert "chmod 600" in refusal(uri).value.hint
        assert signs(open_signer(uri, allow_open_permissions=True, environ={}))

    def test_missing(self, tmp_path):
        assert "no such key file" in str(refusal(str(tmp_path / "k.pem")).value)

    @pytest.mark.parametrize("name", ["", "missing\0nul", "x" * 5000])
    def test_impossible_paths(self, name, tmp_path):
        refusal(str(tmp_path) + "/" + name)

    def test_folder(self, tmp_path):
        assert "not a regular file" in str(refusal(str(tmp_path)).value)

    def test_pipe_does_not_block(self, tmp_path):
        os.mkfifo(tmp_path / "k.pem", 0o600)
        assert "not a regular file" in str(refusal(str(tmp_path / "k.pem")).value)

    def test_public_key(self, tmp_path, private):
        _, public = write_key_pair(tmp_path / "k.pem", private, None)
        assert "public key where a private" in str(refusal(str(public)).value)

    def test_link_to_a_mounted_secret(self, tmp_path, private, write):
        (tmp_path / "link").symlink_to(write(encode_private_key(private, None)))
        assert signs(open_signer(str(tmp_path / "link"), environ={}))

    @pytest.mark.parametrize(
        ("key", "named"),
        [
            (rsa.generate_private_key(65537, 2048), "an RSA key of 2048 bits"),
            (ec.generate_private_key(ec.SECP521R1()), "secp521r1"),
        ],
    )
    def test_other_kinds(self, write, key, named):
        uri = write(encode_private_key(key, None))
        caught = refusal(uri)
        assert named in str(caught.value)
        assert caught.value.path == uri

    def test_other_encodings(self, write):
        traditional = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        caught = refusal(write(traditional))
        assert "not in PKCS8 form" in str(caught.value)
        assert "openssl pkcs8" in caught.value.hint

    @pytest.mark.parametrize(
        "data", [b"", b"hello", b"\0" * 100, b"x" * (MAX_KEY_BYTES + 1), b"\xff\xfe-----BEGIN"]
    )
    def test_garbage(self, write, data):
        refusal(write(data))

    def test_damaged(self, private, write):
        pem = encode_private_key(private, None)
        secret = pem.split(b"\n")[1].decode()
        caught = refusal(write(pem.replace(b"M", b"!", 1)))
        assert secret[8:24] not in "".join(traceback.format_exception(caught.value))

    def test_other_uri_schemes(self):
        assert "not supported" in str(refusal("gcpkms://projects/x").value)

    def test_the_private_key_is_not_in_the_repr(self, private, write):
        signer = open_signer(write(encode_private_key(private, None)), environ={})
        assert "PrivateKey" not in repr(signer)


class TestEnvironment:
    def test_pem_text(self, private):
        pem = encode_private_key(private, None).decode()
        assert signs(open_signer("env:KEY", environ={"KEY": pem}))

    def test_base64_of_the_pem_with_line_breaks(self, private):
        text = base64.encodebytes(encode_private_key(private, None)).decode()
        assert signs(open_signer("env:KEY", environ={"KEY": text}))

    def test_encrypted(self, private):
        pem = encode_private_key(private, b"secret").decode()
        environ = {"KEY": pem, "PASS": "secret"}
        source = passphrase_source("env:PASS", environ)
        assert signs(open_signer("env:KEY", passphrase=source, environ=environ))

    @pytest.mark.parametrize(
        ("environ", "says"),
        [({}, "is not set"), ({"KEY": ""}, "is empty"), ({"KEY": " \n"}, "is empty")],
    )
    def test_absent(self, environ, says):
        assert says in str(refusal("env:KEY", environ=environ).value)

    @pytest.mark.parametrize("value", ["c2VjcmV0LTk4NzY=", "secret-9876", "é", "\udcff"])
    def test_something_else_is_not_repeated(self, value):
        caught = refusal("env:KEY", environ={"KEY": value})
        assert "neither a PEM key" in str(caught.value)
        assert value not in "".join(traceback.format_exception(caught.value))


class TestPassphraseSource:
    def test_file_without_its_line_ending(self, tmp_path):
        for ending in ("", "\n", "\r\n"):
            (tmp_path / "p").write_text(f" two words {ending}", newline="")
            assert passphrase_source(f"file:{tmp_path}/p", {})() == b" two words "

    def test_environment(self):
        assert passphrase_source("env:P", {"P": "gehëim"})() == "gehëim".encode()

    @pytest.mark.parametrize("reference", ["env:P", "file:/nonexistent/p", "file:/dev/null"])
    def test_absent(self, reference):
        source = passphrase_source(reference, {})
        with pytest.raises(KeyFileError, match="passphrase") as caught:
            source()
        assert caught.value.hint

    @pytest.mark.parametrize("content", ["", "\n"])
    def test_empty_file(self, tmp_path, content):
        (tmp_path / "p").write_text(content)
        with pytest.raises(KeyFileError, match="empty"):
            passphrase_source(f"file:{tmp_path}/p", {})()

    @pytest.mark.parametrize("reference", ["hunter2", "env:", "file:", "prompt:x", ""])
    def test_another_form_is_refused_and_not_repeated(self, reference):
        with pytest.raises(KeyFileError, match="env:NAME") as caught:
            passphrase_source(reference, {})
        assert "hunter2" not in str(caught.value)


class TestWriteKeyPair:
    def test_names_modes_and_contents(self, tmp_path, private):
        written, public = write_key_pair(tmp_path / "k.pem", private, None)
        assert (written.name, public.name) == ("k.pem", "k.pub")
        assert stat.S_IMODE(written.stat().st_mode) == 0o600
        signer = open_signer(str(written), environ={})
        assert load_public_key(public.read_bytes()) == signer.public_key

    def test_private_mode_does_not_depend_on_the_umask(self, tmp_path, private):
        before = os.umask(0)
        try:
            written, _ = write_key_pair(tmp_path / "k.pem", private, None)
        finally:
            os.umask(before)
        assert stat.S_IMODE(written.stat().st_mode) == 0o600

    def test_encrypted_when_there_is_a_passphrase(self, tmp_path, private):
        written, _ = write_key_pair(tmp_path / "k.pem", private, b"secret")
        assert b"ENCRYPTED" in written.read_bytes()

    @pytest.mark.parametrize("existing", ["k.pem", "k.pub"])
    def test_never_overwrites(self, tmp_path, private, existing):
        (tmp_path / existing).write_text("precious")
        with pytest.raises(KeyFileError, match="never overwritten") as caught:
            write_key_pair(tmp_path / "k.pem", private, None)
        assert caught.value.hint
        assert [each.name for each in tmp_path.iterdir()] == [existing]
        assert (tmp_path / existing).read_text() == "precious"

    def test_dangling_link_is_not_followed(self, tmp_path, private):
        (tmp_path / "k.pem").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(KeyFileError, match="never overwritten"):
            write_key_pair(tmp_path / "k.pem", private, None)
        assert not (tmp_path / "elsewhere").exists()

    def test_missing_folder(self, tmp_path, private):
        with pytest.raises(KeyFileError, match="no such folder"):
            write_key_pair(tmp_path / "absent" / "k.pem", private, None)

    def test_public_name_for_the_private_key(self, tmp_path, private):
        with pytest.raises(KeyFileError, match=r"\.pub"):
            write_key_pair(tmp_path / "k.pub", private, None)
        assert not list(tmp_path.iterdir())
