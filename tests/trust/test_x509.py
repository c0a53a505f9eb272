"""Leaf certificates against a small PKI: who may pass, who may not, and who cannot be judged."""

from __future__ import annotations

import subprocess
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import assume, given
from hypothesis import strategies as st
from keypool import private_key
from pki import EMAIL, EXPIRES, ISSUED, SIGNED, YEAR, Authority, revoked

from auditkit.errors import ConfigError, IndeterminateSignerError, SignerError
from auditkit.signing.keys import ALGORITHMS, public_key_of
from auditkit.trust.identity import Identity, parse_identity
from auditkit.trust.x509 import leaf_public_key, verify_leaf

ROOT = Authority.root()
CA = ROOT.intermediate()
KEY = private_key("ed25519")
LEAF = CA.leaf(KEY)
OPENSSL_AUTHORITY = """
req -x509 -newkey rsa:3072 -noenc -keyout ca.key -out ca.pem -subj /CN=Plain -days 9
req -newkey ed25519 -noenc -keyout k.pem -out k.csr -subj /O=Example/CN=signer
x509 -req -in k.csr -CA ca.pem -CAkey ca.key -extfile ext -outform DER -out leaf.der -days 9
"""
DAY = timedelta(days=1)
Reason = x509.ReasonFlags


def verify(leaf=LEAF, *, roots=(ROOT,), intermediates=(CA,), identity=f"email:{EMAIL}", **options):
    options.setdefault("when", SIGNED)
    return verify_leaf(
        leaf,
        roots=[each.certificate for each in roots],
        intermediates=[each.certificate for each in intermediates],
        identity=parse_identity(identity),
        **options,
    )


def refusal(*arguments, **options):
    with pytest.raises(SignerError) as caught:
        verify(*arguments, **options)
    assert not isinstance(caught.value, IndeterminateSignerError)
    return caught.value.message


def unsettled(*arguments, **options):
    with pytest.raises(IndeterminateSignerError) as caught:
        verify(*arguments, **options)
    assert caught.value.hint
    return caught.value.message


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_kind_of_key_can_be_certified(algorithm):
    key = public_key_of(private_key(algorithm))
    leaf = CA.leaf(private_key(algorithm))
    assert verify(leaf) == leaf_public_key(leaf) == key


def test_without_an_intermediate():
    assert verify(ROOT.leaf(KEY), intermediates=()) == public_key_of(KEY)


class TestPath:
    def test_another_root_of_the_same_name(self):
        assert "no path" in refusal(roots=(Authority.root(),))

    def test_another_intermediate_of_the_same_name(self):
        assert "no path" in refusal(intermediates=(ROOT.intermediate(),))

    def test_no_roots_and_no_intermediates(self):
        assert "no root" in refusal(roots=())
        assert "no path" in refusal(intermediates=())

    def test_a_leaf_does_not_issue(self):
        signer = Authority(x509.load_der_x509_certificate(CA.leaf(private_key("ecdsa-p384"))),
                           private_key("ecdsa-p384"))  # fmt: skip
        assert "no path" in refusal(signer.leaf(KEY), intermediates=(CA, signer))

    def test_an_intermediate_of_an_intermediate_is_one_too_many(self):
        assert "no path" in refusal(
            (second := CA.intermediate("Second")).leaf(KEY), intermediates=(CA, second)
        )

    def test_an_authority_for_web_servers(self):
        web = ROOT.intermediate("Web", usages=[ExtendedKeyUsageOID.SERVER_AUTH])
        assert "no path" in refusal(web.leaf(KEY), intermediates=(web,))

    def test_an_authority_for_code_signing(self):
        code = ROOT.intermediate("Code", usages=[ExtendedKeyUsageOID.CODE_SIGNING])
        assert verify(code.leaf(KEY), intermediates=(code,)) == public_key_of(KEY)

    def test_a_critical_extension_that_nobody_knows(self):
        unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55555.1"), b"\5\0")
        assert "no path" in refusal(CA.leaf(KEY, extensions=[(unknown, True)]))

    def test_authorities_made_by_openssl_without_a_key_usage(self, tmp_path):
        (tmp_path / "ext").write_text("extendedKeyUsage=codeSigning")
        for command in OPENSSL_AUTHORITY.strip().splitlines():
            subprocess.run(
                ["openssl", *command.split()], cwd=tmp_path, check=True, capture_output=True
            )
        root = x509.load_pem_x509_certificate((tmp_path / "ca.pem").read_bytes())
        assert verify_leaf(
            (tmp_path / "leaf.der").read_bytes(),
            roots=[root],
            when=root.not_valid_before_utc + DAY,
            identity=parse_identity("subject:CN=signer,O=Example"),
        )


class TestPurpose:
    @pytest.mark.parametrize(
        "usages",
        [None, [ExtendedKeyUsageOID.SERVER_AUTH], [ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]],
    )
    def test_not_for_code_signing(self, usages):
        assert "not for code signing" in refusal(CA.leaf(KEY, usages=usages))

    def test_a_key_that_is_not_for_signatures(self):
        usage = x509.KeyUsage(False, False, True, False, False, False, False, False, False)
        assert "not for signatures" in refusal(CA.leaf(KEY, extensions=[(usage, True)]))

    def test_an_authority(self):
        constraints = x509.BasicConstraints(True, None)
        assert "authority" in refusal(CA.leaf(KEY, extensions=[(constraints, True)]))


class TestIdentity:
    @pytest.mark.parametrize(
        "identity",
        [
            "email:ci@example.org",
            "dns:CI.example.org",
            "uri:https://ci.example.org/jobs/train",
            "subject:CN=CI,O=Example",
        ],
    )
    def test_each_kind_of_name(self, identity):
        assert str(parse_identity(identity)) == identity
        verify(identity=identity)

    @pytest.mark.parametrize(
        "identity",
        [
            "email:CI@example.org",
            "email:ci.example.org",
            "dns:ci@example.org",
            "dns:*.example.org",
            "uri:https://ci.example.org/jobs/train/",
            "subject:CN=CI",
            "subject:O=Example,CN=CI",
            "subject:CN=ci,O=Example",
        ],
    )
    def test_anything_else_is_somebody_else(self, identity):
        message = refusal(identity=identity)
        assert f"does not name {identity}" in message
        assert "email:ci@example.org" in message

    def test_a_name_of_another_kind_does_not_pass(self):
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier("a@example.org")])
        leaf = CA.leaf(KEY, email=None, extensions=[(names, False)])
        verify(leaf, identity="uri:a@example.org")
        assert "does not name" in refusal(leaf, identity="email:a@example.org")

    def test_without_alternative_names(self):
        leaf = CA.leaf(KEY, email=None)
        assert "does not name" in refusal(leaf)
        verify(leaf, identity="subject:CN=CI,O=Example")

    @pytest.mark.parametrize("text", ["", "ci@example.org", "email:", "mail:x", "subject:x", ":"])
    def test_what_is_no_identity(self, text):
        with pytest.raises(ConfigError) as caught:
            parse_identity(text)
        assert caught.value.hint


class TestTime:
    @pytest.mark.parametrize("when", [ISSUED, SIGNED, EXPIRES])
    def test_within_the_validity(self, when):
        verify(when=when)

    def test_before_the_validity(self):
        assert "before the certificate's validity began" in refusal(when=ISSUED - DAY)

    def test_after_the_validity_it_is_unsettled(self):
        assert "had expired (2028-01-01T00:00:00Z" in unsettled(when=EXPIRES + DAY)

    def test_expired_and_from_nobody_known_is_refused(self):
        assert "no path" in refusal(when=EXPIRES + DAY, roots=(Authority.root(),))

    def test_an_expired_intermediate(self):
        short = ROOT.intermediate("Short", not_after=ISSUED + DAY)
        assert "had expired" in unsettled(short.leaf(KEY), intermediates=(short,))

    def test_an_authority_that_had_expired_before_it_issued(self):
        dead = ROOT.intermediate("Dead", not_after=ISSUED - DAY)
        assert "no path" in refusal(dead.leaf(KEY), intermediates=(dead,))


class TestRevocation:
    def revoked(self, *reason, at=ISSUED + DAY, **options):
        return CA.crl(revoked(LEAF, at, *reason), issued=ISSUED + 2 * DAY, **options)

    @pytest.mark.parametrize(
        "reason", [None, Reason.unspecified, Reason.key_compromise, Reason.privilege_withdrawn]
    )
    def test_revoked_before_the_signature(self, reason):
        message = refusal(crls=[self.revoked(reason)])
        assert "was revoked 2027-01-02T00:00:00Z" in message

    @pytest.mark.parametrize("reason", [Reason.superseded, Reason.cessation_of_operation])
    def test_harmless_reasons_are_unsettled(self, reason):
        assert reason.value in unsettled(crls=[self.revoked(reason)])

    def test_revoked_after_the_signature(self):
        verify(crls=[self.revoked(Reason.key_compromise, at=SIGNED + DAY)])

    def test_invalid_since_before_the_signature(self):
        entry = revoked(LEAF, SIGNED + DAY, Reason.key_compromise, invalid_since=SIGNED - DAY)
        assert "was revoked 2027-05-31" in refusal(crls=[CA.crl(entry)])

    def test_a_revoked_intermediate(self):
        crl = ROOT.crl(revoked(CA.certificate, ISSUED, Reason.ca_compromise))
        assert "CN=Intermediate" in refusal(crls=[crl])

    def test_other_serial_numbers_do_not_matter(self):
        verify(crls=[CA.crl(revoked(CA.leaf(KEY), ISSUED))])

    def test_required_for_every_issuer(self):
        assert "CN=Intermediate" in unsettled(require_crl=True)
        assert "CN=Root" in unsettled(require_crl=True, crls=[CA.crl()])
        verify(require_crl=True, crls=[CA.crl(), ROOT.crl()])

    @pytest.mark.parametrize(
        "crl",
        [
            Authority.root("Intermediate").crl(),
            CA.crl(issued=ISSUED - YEAR, lasts=YEAR - DAY),
            CA.crl(issued=EXPIRES + DAY),
            CA.crl(extensions=[(x509.DeltaCRLIndicator(1), True)]),
        ],
        ids=["another key", "stale", "after the certificate's end", "delta"],
    )
    def test_lists_that_do_not_count(self, crl):
        assert "no revocation list" in unsettled(require_crl=True, crls=[crl, ROOT.crl()])

    def test_a_stranger_cannot_revoke(self):
        forged = Authority.root("Intermediate").crl(revoked(LEAF, ISSUED))
        verify(crls=[forged])

    def test_a_stale_list_still_revokes(self):
        refusal(crls=[self.revoked(lasts=DAY)])


class TestHostileCertificates:
    @pytest.mark.parametrize("data", [b"", b"\x30\x03\x02\x01\x01", b"-----BEGIN CERTIFICATE-----"])
    def test_no_certificate(self, data):
        assert "not an X.509 certificate" in refusal(data)
        with pytest.raises(SignerError):
            leaf_public_key(data)

    def test_a_key_too_weak(self):
        assert "RSA key of 2048 bits" in refusal(CA.leaf(rsa.generate_private_key(65537, 2048)))

    @given(st.integers(0, len(LEAF) - 1), st.integers(1, 255))
    def test_a_changed_byte_is_a_refusal_and_nothing_else(self, position, change):
        # How many bits of the signature's last byte do not count: 0, which nothing looks at.
        signature = x509.load_der_x509_certificate(LEAF).signature
        assume(position != len(LEAF) - len(signature) - 1)
        damaged = bytearray(LEAF)
        damaged[position] ^= change
        with pytest.raises(SignerError):
            verify(bytes(damaged))


def test_an_identity_is_a_value():
    assert parse_identity("dns:a") == Identity("dns", "a")
