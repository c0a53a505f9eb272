import hashlib

import pytest
from keypool import private_key

from auditkit.errors import KeyFileError
from auditkit.findings import Trust
from auditkit.signing.keyfile import write_key_pair
from auditkit.signing.keys import ALGORITHMS, generate_private_key, public_key_of
from auditkit.trust.keys import KeyTrust, load_trust


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_says_what_is_trusted_and_why(tmp_path, algorithm):
    private = private_key(algorithm)
    _, public = write_key_pair(tmp_path / "k.pem", private, None)
    key = public_key_of(private)
    trust = load_trust(public, source="project")
    assert trust.public_key == key
    assert trust.describe() == Trust(
        kind="key",
        source="project",
        file=str(public),
        sha256=hashlib.sha256(public.read_bytes()).hexdigest(),
        keyid=key.keyid,
        algorithm=algorithm,
        note="one key that may sign everything",
    )


def test_a_key_from_a_program_names_no_file():
    described = KeyTrust(public_key_of(generate_private_key("ed25519"))).describe()
    assert (described.source, described.file, described.sha256) == ("api", None, None)


def test_public_keys_may_be_open_to_everybody(tmp_path):
    _, public = write_key_pair(tmp_path / "k.pem", generate_private_key("ed25519"), None)
    public.chmod(0o666)
    load_trust(public, source="flag")


def test_a_private_key_is_refused_with_its_path(tmp_path):
    private, _ = write_key_pair(tmp_path / "k.pem", generate_private_key("ed25519"), None)
    with pytest.raises(KeyFileError, match="private key where a public key") as caught:
        load_trust(private, source="flag")
    assert caught.value.path == str(private)
    assert "k.pub" in caught.value.hint


@pytest.mark.parametrize("content", [None, b"", b"garbage", b"x" * 100_000])
def test_what_is_no_key(tmp_path, content):
    path = tmp_path / "k.pub"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(KeyFileError) as caught:
        load_trust(path, source="flag")
    assert caught.value.path == str(path)
    assert caught.value.hint
