"""Hostile approvals, and certificates that are not what a policy asks for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from bundles.making import (
    CI,
    EARLY,
    JANE,
    LATE,
    MIDDLE,
    ONE,
    SECOND,
    Case,
    Key,
    Policy,
    approval,
    evidence,
    manifest,
    sealed,
    stamped,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from timestamping import END, START, key_for, make_root

OWNER = 'role = "model owner"'
NEEDED = '[require.approvals]\n"model owner" = 1\n'
PEOPLE = ONE.signer("Jane Doe", JANE, kind="person", rest=OWNER)
PAYLOAD = manifest()
SIGNED = evidence(sealed(PAYLOAD, CI))
CA = make_root("Vector CA")
URI = "https://ci.example.org/train"


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _approvals()
    yield from _certificates()


def _case(
    name: str, why: str, given: dict[str, bytes], policy: Policy, *findings: tuple[str, str]
) -> Case:
    return Case(name, why, {**SIGNED, **given, **policy.contents()}, findings)


def _approvals() -> Iterator[Case]:
    required = PEOPLE.more(NEEDED)
    refused = ("approval", "failed")
    yield _case(
        "approved-passed",
        "The approval that the policy requires.",
        approval(PAYLOAD, JANE),
        required,
        ("approval", "passed"),
    )
    yield _case("approval-absent-failed", "It is required and not there.", {}, required, refused)
    yield _case(
        "approval-in-another-name-failed",
        "The key is Jane Doe's, and the approval says Max Roe.",
        approval(PAYLOAD, JANE, name="Max Roe"),
        PEOPLE,
        refused,
    )
    yield _case(
        "approval-in-another-role-failed",
        "The key is that of a model owner, and the approval says auditor.",
        approval(PAYLOAD, JANE, role="auditor"),
        PEOPLE,
        refused,
    )
    yield _case(
        "approval-by-a-machine-failed",
        "A machine's key cannot approve.",
        approval(PAYLOAD, SECOND),
        PEOPLE.signer("robot", SECOND),
        refused,
    )
    both = OWNER + '\nstatements = ["training-run", "approval"]'
    yield _case(
        "approval-by-the-signer-failed",
        "Whoever signed the manifest cannot approve it.",
        approval(PAYLOAD, CI),
        Policy().signer("Jane Doe", CI, kind="person", rest=both),
        refused,
    )
    yield _case(
        "approval-by-the-signers-second-key-failed",
        "The signer approves with another key of its own.",
        approval(PAYLOAD, JANE),
        Policy().signer("Jane Doe", CI, JANE, kind="person", rest=both),
        refused,
    )
    yield _case(
        "approval-of-another-manifest-failed",
        "The approval is over another manifest's digest.",
        approval(manifest(project="other"), JANE),
        PEOPLE,
        refused,
    )
    yield _case(
        "approval-by-a-stranger-failed",
        "A role is required, and a key that nobody knows has approved.",
        approval(PAYLOAD, Key("nobody")),
        required,
        refused,
    )
    first = approval(PAYLOAD, JANE)
    second = approval(PAYLOAD, JANE, approved_at="2026-03-03T00:00:00.000Z")
    two = PEOPLE.signer("Max Roe", Key("max"), kind="person", rest=OWNER)
    yield _case(
        "two-approvals-by-one-person-failed",
        "Two persons are required, and one has approved twice.",
        {**first, **second},
        two.more(NEEDED.replace("1", "2")),
        refused,
    )


def _certificates() -> Iterator[Case]:
    good = _leaf()
    yield _certified("certificate-passed", "A leaf that the policy's authority issued.", good)
    yield _certified(
        "certificate-for-another-purpose-failed",
        "The leaf is for servers.",
        _leaf(usage=ExtendedKeyUsageOID.SERVER_AUTH),
    )
    yield _certified(
        "certificate-for-another-name-failed",
        "The leaf names another job.",
        _leaf(uri="https://ci.example.org/other"),
    )
    yield _certified(
        "certificate-of-another-authority-failed",
        "An authority of the same name, with another key.",
        _leaf(issuer="Another CA"),
    )
    yield _certified(
        "certificate-expired-indeterminate",
        "The leaf has expired, and nothing shows when it signed.",
        _leaf(end=MIDDLE),
    )
    yield _certified(
        "certificate-expired-after-the-token-passed",
        "The leaf has expired, and a token is older.",
        _leaf(end=MIDDLE),
        at=EARLY,
    )
    yield _certified(
        "certificate-expired-before-the-token-indeterminate",
        "The leaf had expired when the only token was made.",
        _leaf(end=MIDDLE),
        at=LATE,
    )


def _certified(name: str, why: str, leaf: bytes, at: datetime | None = None) -> Case:
    bundle = sealed(manifest(SECOND), SECOND, certificate=leaf)
    policy = Policy(
        '[[signers]]\nname = "train job"\nkind = "machine"\n\n[signers.certificate]\n'
        f'roots = ["ca.pem"]\nidentities = ["uri:{URI}"]\n\n',
        {"ca.pem": CA.pem},
    )
    files = {
        **evidence(bundle if at is None else stamped(bundle, at)),
        **policy.stamps().contents(),
    }
    outcome = name.rpartition("-")[2]
    return Case(name, why, files, (("signer", outcome),))


def _leaf(
    *,
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.CODE_SIGNING,
    uri: str = URI,
    issuer: str = "Vector CA",
    start: datetime = START,
    end: datetime = END,
) -> bytes:
    serial = hashlib.sha256(f"{usage.dotted_string}{uri}{issuer}{start}{end}".encode()).digest()
    key = key_for(issuer)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "train job")]))
        .issuer_name(CA.certificate.subject)
        .public_key(serialization.load_der_public_key(SECOND.signer.public_key.spki))  # type: ignore[arg-type]
        .serial_number(int.from_bytes(serial[:8], "big") >> 1)
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)]), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
    )
    certificate = builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    return certificate.public_bytes(serialization.Encoding.DER)
