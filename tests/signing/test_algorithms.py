"""Every parameter of every algorithm is fixed: a signature made otherwise is not accepted."""

from __future__ import annotations

import math

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import mldsa, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from hypothesis import given
from hypothesis import strategies as st
from keypool import key_signer, private_key

from auditkit.errors import KeyFileError, SignatureError
from auditkit.signing.algorithms.ml_dsa import message_representative
from auditkit.signing.algorithms.rsa_strength import weakness_of
from auditkit.signing.keys import load_public_key, public_key_of

SHA256, SHA384 = hashes.SHA256(), hashes.SHA384()


def verifies(algorithm, signature, data=b"data"):
    try:
        public_key_of(private_key(algorithm)).verify(signature, data)
    except SignatureError:
        return False
    return True


@pytest.mark.parametrize("algorithm", ["ed25519", "ecdsa-p256", "ecdsa-p384"])
def test_signing_twice_gives_the_same_signature(algorithm):
    signer = key_signer(algorithm)
    assert signer.sign(b"data") == signer.sign(b"data")


@pytest.mark.parametrize(("algorithm", "size"), [("rsa-pss", 384), ("ml-dsa-65", 3309)])
def test_signing_twice_gives_two_signatures(algorithm, size):
    signer = key_signer(algorithm)
    one, two = signer.sign(b"data"), signer.sign(b"data")
    assert one != two
    assert len(one) == len(two) == size


@pytest.mark.parametrize(
    ("algorithm", "digest", "good"),
    [
        ("ecdsa-p256", SHA256, True),
        ("ecdsa-p256", SHA384, False),
        ("ecdsa-p384", SHA384, True),
        ("ecdsa-p384", SHA256, False),
    ],
)
def test_each_curve_has_its_hash(algorithm, digest, good):
    assert verifies(algorithm, private_key(algorithm).sign(b"data", ECDSA(digest))) is good


@pytest.mark.parametrize(
    ("pad", "digest", "good"),
    [
        (padding.PSS(padding.MGF1(SHA256), 32), SHA256, True),
        (padding.PSS(padding.MGF1(SHA256), 0), SHA256, False),
        (padding.PSS(padding.MGF1(SHA256), padding.PSS.MAX_LENGTH), SHA256, False),
        (padding.PSS(padding.MGF1(SHA384), 32), SHA256, False),
        (padding.PSS(padding.MGF1(SHA384), 48), SHA384, False),
        (padding.PKCS1v15(), SHA256, False),
    ],
)
def test_the_parameters_of_pss(pad, digest, good):
    assert verifies("rsa-pss", private_key("rsa-pss").sign(b"data", pad, digest)) is good


def test_ml_dsa_is_pure_and_its_context_empty():
    key = private_key("ml-dsa-65")
    assert verifies("ml-dsa-65", key.sign(b"data", b""))
    assert not verifies("ml-dsa-65", key.sign(b"data", b"context"))


@given(st.binary(max_size=300))
def test_a_signature_over_the_representative_is_one_over_the_message(data):
    key = private_key("ml-dsa-65")
    raw = key.public_key().public_bytes_raw()
    hasher = mldsa.MLDSAMuHasher(key.public_key())
    hasher.update(data)
    assert message_representative(raw, data) == hasher.finalize()
    assert verifies("ml-dsa-65", key.sign_mu(message_representative(raw, data)), data)


def test_sound_rsa_keys_are_not_called_weak():
    numbers = private_key("rsa-pss").public_key().public_numbers()
    assert weakness_of(numbers.n, numbers.e) is None


def prime(start):
    """Return the next number that passes Fermat's test; near enough to prime for these keys."""
    return next(n for n in range(start | 1, start + 100_000, 2) if pow(2, n - 1, n) == 1)


def infineon_number(power):
    """Return a number of the form that ROCA factors: 65537^a modulo a product of primes."""
    product = math.prod(n for n in range(2, 702) if all(n % d for d in range(2, n)))
    return (2**1537 // product) * product + pow(65537, power, product)


P, Q = prime(2**1537 - 10**9), prime(2**1537 + 3 * 2**1500)

WEAK = {
    "2048 bits": (2**2047 + 1, 65537),
    "20000 bits": (2**19999 + 1, 65537),
    "exponent is not 65537": (P * Q, 3),
    "small factor": (743 * prime(2**3070), 65537),
    "almost the same": (P * prime(P + 10**6), 65537),
    "ROCA": (infineon_number(7) * infineon_number(1000), 65537),
}


@pytest.mark.parametrize("says", WEAK)
def test_weak_rsa_keys_are_refused_when_loaded(says):
    modulus, exponent = WEAK[says]
    der = (
        rsa.RSAPublicNumbers(exponent, modulus)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    with pytest.raises(KeyFileError, match=says) as caught:
        load_public_key(der)
    assert caught.value.hint


def test_the_weak_keys_of_this_test_have_one_weakness_each():
    assert weakness_of(P * Q, 65537) is None
