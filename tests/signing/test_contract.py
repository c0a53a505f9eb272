"""What every signer does, wherever its key is."""

from __future__ import annotations

import aws
import hsm
import pytest
from keypool import key_signer, private_key
from pki import Authority

from auditkit.errors import SignatureError
from auditkit.manifest.bundle import decode_bundle
from auditkit.signing.keyfile import write_key_pair
from auditkit.signing.keys import encode_private_key, load_public_key
from auditkit.signing.opening import open_signer
from auditkit.signing.signer import CertifiedSigner, Signer, seal

LONG = b"x" * 20_000


@pytest.fixture(params=["file", "environment", "certified", "awskms", "pkcs11"])
def signer(request: pytest.FixtureRequest) -> Signer:
    made: Signer = request.getfixturevalue(f"{request.param}_signer")
    return made


@pytest.fixture
def file_signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    path = tmp_path_factory.mktemp("keys") / "k.pem"
    write_key_pair(path, private_key("ed25519"), None)
    return open_signer(str(path), environ={})


@pytest.fixture
def environment_signer() -> Signer:
    pem = encode_private_key(private_key("ml-dsa-65"), None).decode()
    return open_signer("env:KEY", environ={"KEY": pem})


@pytest.fixture
def certified_signer() -> Signer:
    leaf = Authority.root().leaf(private_key("rsa-pss"))
    return CertifiedSigner(key_signer("rsa-pss"), leaf)


@pytest.fixture
def awskms_signer(server: aws.Aws, monkeypatch: pytest.MonkeyPatch) -> Signer:
    aws.sign_as_documented(monkeypatch)
    for name, value in server.environ.items():
        monkeypatch.setenv(name, value)
    made = server.client("kms").create_key(KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")
    return open_signer(f"awskms:{made['KeyMetadata']['KeyId']}", environ={})


@pytest.fixture
def pkcs11_signer(token: hsm.Hsm) -> Signer:
    return open_signer(token.uri("ecdsa-p256"), environ=token.environ)


@pytest.mark.parametrize("message", [b"x", LONG], ids=len)
def test_its_signatures_verify_under_its_key_and_over_nothing_else(
    signer: Signer, message: bytes
) -> None:
    signature = signer.sign(message)
    signer.public_key.verify(signature, message)
    with pytest.raises(SignatureError):
        signer.public_key.verify(signature, message + b"x")


def test_its_key_is_one_that_verifiers_load(signer: Signer) -> None:
    assert load_public_key(signer.public_key.pem()) == signer.public_key


def test_what_it_seals_says_whose_it_is(signer: Signer) -> None:
    bundle = decode_bundle(seal(LONG, signer).encode())
    assert (bundle.payload, bundle.keyid) == (LONG, signer.public_key.keyid)
    assert bundle.certificate == signer.certificate
    signer.public_key.verify(bundle.signature, bundle.signed_bytes)


def test_no_secret_shows_in_it(signer: Signer) -> None:
    for secret in ("PRIVATE KEY", hsm.PIN, aws.SETTINGS["AWS_SECRET_ACCESS_KEY"], "PrivateKey"):
        assert secret not in repr(signer)
