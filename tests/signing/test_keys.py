import base64
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, mldsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from hypothesis import given
from hypothesis import strategies as st
from keypool import key_signer, private_key

from auditkit.errors import KeyFileError, SignatureError
from auditkit.manifest.dsse import pae
from auditkit.schemes import PAYLOAD_TYPE
from auditkit.signing.algorithms.edwards import is_sound_point
from auditkit.signing.keys import (
    ALGORITHMS,
    MAX_KEY_BYTES,
    encode_private_key,
    generate_private_key,
    load_public_key,
    public_key_of,
)

KNOWN_TO_OPENSSL = [
    each for each in ALGORITHMS if not each.startswith("ml-dsa")
]  # before OpenSSL 3.5
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")

# The eight points of small order, then encodings with y >= p.
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]


def spki_pem(key):
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@pytest.mark.parametrize("algorithm", ALGORITHMS)
class TestEveryAlgorithm:
    def test_signature_verifies_under_its_key_only(self, algorithm):
        signer = key_signer(algorithm)
        other = key_signer(algorithm, 1).public_key
        signature = signer.sign(b"data")
        signer.public_key.verify(signature, b"data")
        with pytest.raises(SignatureError):
            other.verify(signature, b"data")
        with pytest.raises(SignatureError):
            signer.public_key.verify(signature, b"datb")

    @pytest.mark.parametrize(
        "damage", [lambda _: b"", lambda s: s[:-1], lambda s: s + b"\0", lambda _: b"\xff" * 64]
    )
    def test_damaged_signature_is_refused(self, algorithm, damage):
        signer = key_signer(algorithm)
        with pytest.raises(SignatureError):
            signer.public_key.verify(damage(signer.sign(b"data")), b"data")

    def test_pem_and_der_name_the_same_key(self, algorithm):
        key = public_key_of(private_key(algorithm))
        assert load_public_key(key.pem()) == load_public_key(key.spki) == key
        assert key.algorithm == algorithm

    def test_private_key_in_place_of_a_public_one(self, algorithm):
        private = private_key(algorithm)
        der = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8
        for data in (
            encode_private_key(private, None),
            encode_private_key(private, b"secret"),
            private.private_bytes(*der, serialization.NoEncryption()),
            private.private_bytes(*der, serialization.BestAvailableEncryption(b"secret")),
        ):
            with pytest.raises(KeyFileError, match="private key where a public key") as caught:
                load_public_key(data)
            assert ".pub" in caught.value.hint


@pytest.mark.parametrize("algorithm", KNOWN_TO_OPENSSL)
def test_keyid_is_what_openssl_and_sha256sum_say(algorithm):
    key = public_key_of(private_key(algorithm))
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-outform", "DER"],
        input=key.pem(),
        capture_output=True,
        check=True,
    ).stdout
    sums = subprocess.run(["sha256sum"], input=der, capture_output=True, check=True).stdout
    assert sums.decode().split()[0] == key.keyid


def openssl_verifies(folder, algorithm, key, signature, message):
    (folder / "key").write_bytes(key.pem())
    (folder / "sig").write_bytes(signature)
    (folder / "message").write_bytes(message)
    command = {
        "ed25519": "pkeyutl -verify -pubin -inkey key -rawin -in message -sigfile sig",
        "ecdsa-p256": "dgst -sha256 -verify key -signature sig message",
        "ecdsa-p384": "dgst -sha384 -verify key -signature sig message",
        "rsa-pss": "dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 "
        "-verify key -signature sig message",
    }[algorithm]
    done = subprocess.run(
        ["openssl", *command.split()], check=False, cwd=folder, capture_output=True
    )
    return done.returncode == 0


@pytest.mark.parametrize("algorithm", KNOWN_TO_OPENSSL)
def test_openssl_agrees_over_the_pae(tmp_path, algorithm):
    signer = key_signer(algorithm)
    message = pae(PAYLOAD_TYPE, b'{"_type":"x"}')
    signature = signer.sign(message)
    assert openssl_verifies(tmp_path, algorithm, signer.public_key, signature, message)
    assert not openssl_verifies(tmp_path, algorithm, signer.public_key, signature, message + b" ")


def test_vector_of_the_dsse_specification():
    """github.com/secure-systems-lab/dsse, protocol.md, "Test Vectors"."""
    numbers = ec.EllipticCurvePublicNumbers(
        46950820868899156662930047687818585632848591499744589407958293238635476079160,
        5640078356564379163099075877009565129882514886557779369047442380624545832820,
        ec.SECP256R1(),
    )
    key = load_public_key(spki_pem(numbers.public_key()))
    raw = base64.b64decode(
        "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="
    )
    signature = encode_dss_signature(
        int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    )
    key.verify(signature, pae("http://example.com/HelloWorld", b"hello world"))


def test_p256_accepts_either_half_of_s():
    signer = key_signer("ecdsa-p256")
    r, s = decode_dss_signature(signer.sign(b"data"))
    for each in (s, P256_ORDER - s):
        signer.public_key.verify(encode_dss_signature(r, each), b"data")


@pytest.mark.parametrize("encoded", SMALL_ORDER)
def test_small_order_keys_are_refused(encoded):
    with pytest.raises(KeyFileError, match="small order"):
        load_public_key(ED25519_SPKI + bytes.fromhex(encoded))


def test_a_y_that_is_not_on_the_curve_is_refused():
    with pytest.raises(KeyFileError, match="point is invalid"):
        load_public_key(ED25519_SPKI + (2).to_bytes(32, "little"))


@given(st.binary(min_size=32, max_size=32))
def test_every_real_ed25519_key_is_a_sound_point(seed):
    public = ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key()
    assert is_sound_point(public.public_bytes_raw())


@given(st.binary(max_size=200))
def test_garbage_is_refused(data):
    for prefix in (b"", ED25519_SPKI[:8], b"-----BEGIN PUBLIC KEY-----\n"):
        with pytest.raises(KeyFileError):
            load_public_key(prefix + data)


@pytest.mark.parametrize(
    ("key", "named"),
    [
        (ec.generate_private_key(ec.SECP521R1()), "secp521r1"),
        (ec.generate_private_key(ec.SECP256K1()), "secp256k1"),
        (mldsa.MLDSA87PrivateKey.generate(), "MLDSA87"),
        (dsa.generate_private_key(2048), "DSA"),
    ],
)
def test_other_algorithms_are_refused_by_name(key, named):
    with pytest.raises(KeyFileError, match=named) as caught:
        load_public_key(spki_pem(key.public_key()))
    assert "Ed25519" in caught.value.hint


def test_more_than_one_key_is_refused():
    one, two = (public_key_of(generate_private_key("ed25519")).pem() for _ in range(2))
    with pytest.raises(KeyFileError, match="more than one key"):
        load_public_key(one + two)


def test_a_certificate_is_refused_with_the_way_out():
    with pytest.raises(KeyFileError, match="certificate") as caught:
        load_public_key(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    assert "openssl x509" in caught.value.hint


def test_oversized_input_is_refused():
    key = public_key_of(generate_private_key("ed25519")).pem()
    with pytest.raises(KeyFileError, match="too large"):
        load_public_key(key + b"\n" * MAX_KEY_BYTES)


@pytest.mark.parametrize("passphrase", [b"", b"x" * 1024])
def test_unusable_passphrases_are_refused(passphrase):
    with pytest.raises(KeyFileError, match="passphrase"):
        encode_private_key(generate_private_key("ed25519"), passphrase)
