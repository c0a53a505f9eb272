"""Several keys over one manifest, and keys that somebody certified."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commands import Shell
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from keypool import private_key
from pki import Authority, revoked

from auditkit.manifest.bundle import decode_bundle
from auditkit.signing.keyfile import write_key_pair
from auditkit.signing.keys import Algorithm, public_key_of

CLASSICAL: Algorithm = "ecdsa-p384"
QUANTUM: Algorithm = "ml-dsa-65"


@pytest.fixture
def hybrid(sample: Shell) -> Shell:
    """The sample project with a classical and a post-quantum key beside it."""
    for algorithm in (CLASSICAL, QUANTUM):
        write_key_pair(sample.cwd / f"{algorithm}.pem", private_key(algorithm), None)
    return sample


def capture(shell: Shell, *options: str, keys: tuple[str, ...] = (CLASSICAL, QUANTUM)) -> Path:
    named = [flag for key in keys for flag in ("--key", f"{key}.pem")]
    done = shell("capture", "--dataset", "train=data/train.csv", *named, *options, "--json")
    assert done.code == 0, done.err
    return shell.cwd / done.document["path"]


def keyid(algorithm: Algorithm) -> str:
    return public_key_of(private_key(algorithm)).keyid


class TestHybrid:
    def test_two_bundles_over_one_payload_that_lists_both_signers(self, hybrid: Shell) -> None:
        folder = capture(hybrid)
        names = sorted(path.name for path in folder.glob("*.sigstore.json"))
        assert names == [f"manifest.{keyid(QUANTUM)[:8]}.sigstore.json", "manifest.sigstore.json"]
        second, first = (decode_bundle((folder / name).read_bytes()) for name in names)
        assert (first.keyid, second.keyid) == (keyid(CLASSICAL), keyid(QUANTUM))
        assert first.payload == second.payload
        signers = json.loads(first.payload)["predicate"]["capture"]["signers"]
        assert signers == [keyid(CLASSICAL), keyid(QUANTUM)]

    @pytest.mark.parametrize("trusted", [CLASSICAL, QUANTUM])
    def test_each_key_verifies_it(self, hybrid: Shell, trusted: Algorithm) -> None:
        folder = capture(hybrid)
        assert hybrid("verify", folder, "--key", f"{trusted}.pub").code == 0

    @pytest.mark.parametrize("stripped", [CLASSICAL, QUANTUM])
    def test_without_either_bundle_it_fails_under_the_other_key(
        self, hybrid: Shell, stripped: Algorithm
    ) -> None:
        folder = capture(hybrid)
        (victim,) = (
            path
            for path in folder.glob("*.sigstore.json")
            if decode_bundle(path.read_bytes()).keyid == keyid(stripped)
        )
        victim.unlink()
        kept = QUANTUM if stripped == CLASSICAL else CLASSICAL
        printed = hybrid("verify", folder, "--key", f"{kept}.pub", "--json")
        assert printed.code == 10
        failed = [
            each for each in printed.document["targets"][0]["findings"]
            if each["status"] == "failed"
        ]  # fmt: skip
        assert [(each["check"], each["expected"]) for each in failed] == [
            ("signer", keyid(stripped))
        ]

    def test_free_standing_bundles(self, hybrid: Shell) -> None:
        path = capture(hybrid, "-o", "run.sigstore.json")
        sibling = path.with_name(f"run.{keyid(QUANTUM)[:8]}.sigstore.json")
        assert sibling.is_file()
        assert hybrid("verify", path, "--key", f"{QUANTUM}.pub").code == 0
        sibling.unlink()
        assert hybrid("verify", path, "--key", f"{CLASSICAL}.pub").code == 10

    def test_keys_from_the_configuration_and_signing_later(self, hybrid: Shell) -> None:
        config = hybrid.cwd / "auditkit.toml"
        text = config.read_text().split("[sign]")[0]
        config.write_text(f'{text}[sign]\nkey = ["{CLASSICAL}.pem", "{QUANTUM}.pem"]\n')
        assert len(list(capture(hybrid, keys=()).glob("*.sigstore.json"))) == 2
        unsigned = capture(hybrid, "--no-sign", keys=())
        printed = hybrid("sign", unsigned.name, "--json")
        assert [each["keyid"] for each in printed.document["bundles"]] == [
            keyid(CLASSICAL),
            keyid(QUANTUM),
        ]
        assert hybrid("verify", unsigned, "--key", f"{QUANTUM}.pub").code == 0

    def test_the_same_key_twice_is_refused_before_anything_is_read(self, hybrid: Shell) -> None:
        flags = ["--key", f"{CLASSICAL}.pem"] * 2
        printed = hybrid("capture", "--dataset", "data/train.csv", *flags)
        assert printed.code == 2
        assert "given twice" in printed.err
        assert not (hybrid.cwd / "evidence").exists()


class TestCertificates:
    @pytest.fixture
    def leaf(self, hybrid: Shell) -> Path:
        path = hybrid.cwd / "leaf.der"
        path.write_bytes(Authority.root().leaf(private_key(CLASSICAL)))
        return path

    @pytest.mark.parametrize("form", [Encoding.DER, Encoding.PEM])
    def test_the_leaf_goes_into_the_bundle_of_its_key(
        self, hybrid: Shell, leaf: Path, form: Encoding
    ) -> None:
        der = leaf.read_bytes()
        leaf.write_bytes(x509.load_der_x509_certificate(der).public_bytes(form))
        folder = capture(hybrid, "--certificate", str(leaf), keys=(QUANTUM, CLASSICAL))
        bundles = [decode_bundle(path.read_bytes()) for path in folder.glob("*.sigstore.json")]
        assert {each.keyid: each.certificate for each in bundles} == {
            keyid(CLASSICAL): der,
            keyid(QUANTUM): None,
        }

    def test_a_certificate_for_another_key(self, hybrid: Shell, leaf: Path) -> None:
        flags = ["--key", f"{QUANTUM}.pem", "--certificate", str(leaf)]
        printed = hybrid("capture", "--dataset", "data/train.csv", *flags)
        assert (printed.code, "for another key" in printed.err) == (2, True)

    def test_what_is_no_certificate(self, hybrid: Shell) -> None:
        (hybrid.cwd / "x.pem").write_text("-----BEGIN CERTIFICATE-----\n")
        flags = ["--key", f"{CLASSICAL}.pem", "--certificate", "x.pem"]
        printed = hybrid("capture", "--dataset", "data/train.csv", *flags)
        assert (printed.code, "not an X.509 certificate" in printed.err) == (2, True)

    def test_a_configured_certificate_belongs_to_the_configured_key(
        self, hybrid: Shell, leaf: Path
    ) -> None:
        config = hybrid.cwd / "auditkit.toml"
        text = config.read_text().split("[sign]")[0]
        config.write_text(f'{text}[sign]\nkey = "{CLASSICAL}.pem"\ncertificate = "{leaf.name}"\n')
        certified = capture(hybrid, keys=()) / "manifest.sigstore.json"
        assert decode_bundle(certified.read_bytes()).certificate == leaf.read_bytes()
        plain = capture(hybrid, keys=(QUANTUM,)) / "manifest.sigstore.json"
        assert decode_bundle(plain.read_bytes()).certificate is None


class TestCertificateAndPolicy:
    """From `capture --certificate` to the verdict of a policy that knows the authorities."""

    @pytest.fixture
    def evidence(self, hybrid: Shell) -> Shell:
        """A run signed by a certified key, and a policy that trusts its root."""
        now = datetime.now(tz=UTC)
        validity = {"not_before": now - timedelta(days=1), "not_after": now + timedelta(days=9)}
        root = Authority.root(**validity)
        authority = root.intermediate(**validity)
        leaf = authority.leaf(private_key(CLASSICAL), **validity)
        (hybrid.cwd / "leaf.der").write_bytes(leaf)
        write_pem(hybrid.cwd / "root.pem", root.certificate)
        write_pem(hybrid.cwd / "ca.pem", authority.certificate)
        for name, crl in {
            "root.crl": root.crl(issued=now),
            "ca.crl": authority.crl(issued=now),
            "revoked.crl": authority.crl(revoked(leaf, now), issued=now),
        }.items():
            write_pem(hybrid.cwd / name, crl)
        capture(hybrid, "--certificate", "leaf.der", keys=(CLASSICAL,))
        return hybrid

    @pytest.mark.parametrize(
        ("changes", "code", "says"),
        [
            ({}, 0, ""),
            ({"identities": ["email:other@example.org"]}, 10, "not signed by"),
            ({"intermediates": []}, 10, "no path leads"),
            ({"crls": ["revoked.crl"]}, 10, "was revoked"),
            ({"require-crl": True}, 11, "no revocation list"),
            ({"require-crl": True, "crls": ["ca.crl", "root.crl"]}, 0, ""),
        ],
    )
    def test_the_verdict(
        self, evidence: Shell, changes: dict[str, object], code: int, says: str
    ) -> None:
        section = {
            "roots": ["root.pem"],
            "intermediates": ["ca.pem"],
            "identities": ["email:ci@example.org"],
            **changes,
        }
        lines = [f"{name} = {json.dumps(value)}" for name, value in section.items()]
        policy = ["version = 1", "[[signers]]", 'name = "CI"', 'kind = "machine"']
        (evidence.cwd / "trust.toml").write_text(
            "\n".join([*policy, "[signers.certificate]", *lines])
        )
        printed = evidence("verify", "--trust", "trust.toml")
        assert (printed.code, says in printed.out) == (code, True), printed.out + printed.err


def write_pem(path: Path, content: x509.Certificate | x509.CertificateRevocationList) -> None:
    path.write_bytes(content.public_bytes(Encoding.PEM))
