"""Other people's verifiers agree with ours on the vectors, on every layer below the policy.

Who may sign what, whose approval counts, what is required and which clock is believed is policy:
nobody else's program judges it, so cases that fail there are compared on their signatures, tokens
and certificates. One node process answers for all vectors.
"""

from __future__ import annotations

import base64
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import mldsa
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from google.protobuf import json_format
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as StatementMessage
from interop.vector_questions import File, Signed, Stamped, der, files, signatures, stamps

from auditkit.errors import SignerError
from auditkit.signing.keys import PublicKey
from auditkit.trust.identity import parse_identity
from auditkit.trust.x509 import verify_leaf

SIGSTORE = ("ed25519", "ecdsa-p256")
SIGNATURES = list(signatures())
STAMPS = list(stamps())
CERTIFIED = [each for each in files() if each.bundle and each.bundle.certificate]
SCRIPT = Path(__file__).with_name("verify-vectors.mjs")
OPENSSL = {
    "ed25519": "pkeyutl -verify -pubin -inkey k.pub -rawin -in pae -sigfile sig",
    "ecdsa-p256": "dgst -sha256 -verify k.pub -signature sig pae",
    "ecdsa-p384": "dgst -sha384 -verify k.pub -signature sig pae",
}

LAXER_ABOUT_BASE64 = {"base64-with-line-breaks-failed/evidence/manifest.sigstore.json ci.pub"}
"""Node's decoder skips what is no base64 (RFC 4648, section 3.3, lets a reader refuse it)."""

LAXER_ABOUT_SHA_1 = {"token-over-sha-1-failed/evidence/manifest.sigstore.json token 0"}
"""The token is over the signature; that its imprint is SHA-1 is what we object to."""


LAXER_ABOUT_PURPOSE = {
    f"token-with-a-{which}-failed/evidence/manifest.sigstore.json token 0"
    for which in ("certificate-for-another-purpose", "purpose-that-is-not-critical")
}
"""Sigstore does not look at what an authority's certificate is for (RFC 3161, section 2.3)."""


def sigstore_signature(each: Signed) -> dict[str, Any]:
    key = each.key.pem().decode()
    return {"kind": "sigstore", "id": each.id, "bundle": str(each.file.path), "key": key}


def noble_signature(each: Signed) -> dict[str, Any]:
    assert each.file.bundle is not None
    loaded = load_der_public_key(each.key.spki)
    assert isinstance(loaded, mldsa.MLDSA65PublicKey)
    parts = {
        "signature": each.file.bundle.signature,
        "message": each.file.bundle.signed_bytes,
        "publicKey": loaded.public_bytes_raw(),
    }
    encoded = {name: base64.b64encode(value).decode() for name, value in parts.items()}
    return {"kind": "noble", "id": each.id, **encoded}


def sigstore_stamp(each: Stamped) -> dict[str, Any]:
    """Return the question about one token of a bundle, with its signature or certificate."""
    question = {
        "kind": "sigstore",
        "id": each.id,
        "bundle": str(each.file.path),
        "token": base64.b64encode(each.token).decode(),
        "tsa": each.chain,
    }
    if each.file in CERTIFIED:
        ca = x509.load_pem_x509_certificate(each.file.path.parent.with_name("ca.pem").read_bytes())
        return {**question, "ca": [der(ca)]}
    return {**question, "key": each.file.path.parent.with_name("ci.pub").read_text()}


def asked_of_sigstore() -> list[Signed]:
    return [
        each
        for each in SIGNATURES
        if each.key.algorithm in SIGSTORE and each.file not in CERTIFIED  # they need a token
    ]


def asked_of_noble() -> list[Signed]:
    return [each for each in SIGNATURES if each.key.algorithm == "ml-dsa-65" and each.file.bundle]


@pytest.fixture(scope="module")
def answers() -> dict[str, bool | str]:
    """What the programs of npm say to each question: true, or their objection."""
    questions = [
        *map(sigstore_signature, asked_of_sigstore()),
        *map(noble_signature, asked_of_noble()),
        *map(sigstore_stamp, STAMPS),
    ]
    assert len({each["id"] for each in questions}) == len(questions)
    done = subprocess.run(
        ["node", SCRIPT], input=json.dumps(questions), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, bool | str] = json.loads(done.stdout)
    assert len(found) == len(questions)
    return found


def test_sigstore_agrees_on_every_signature(answers: dict[str, bool | str]) -> None:
    theirs = {each.id: answers[each.id] is True for each in asked_of_sigstore()}
    ours = {each.id: each.ours for each in asked_of_sigstore()}
    assert {name for name in ours if ours[name] != theirs[name]} == LAXER_ABOUT_BASE64
    assert sum(ours.values()) > 50
    assert sum(not each for each in ours.values()) > 20


def test_noble_agrees_on_every_signature(answers: dict[str, bool | str]) -> None:
    ours = {each.id: each.ours for each in asked_of_noble()}
    assert {each.id: answers[each.id] is True for each in asked_of_noble()} == ours
    assert set(ours.values()) == {True, False}


def openssl(folder: Path, *arguments: str) -> bool:
    done = subprocess.run(
        ["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode == 0


def test_openssl_agrees_on_every_signature(tmp_path: Path) -> None:
    asked = [each for each in SIGNATURES if each.key.algorithm in OPENSSL and each.file.bundle]
    theirs = {}
    for each in asked:
        assert each.file.bundle is not None
        (tmp_path / "k.pub").write_bytes(each.key.pem())
        (tmp_path / "sig").write_bytes(each.file.bundle.signature)
        (tmp_path / "pae").write_bytes(each.file.bundle.signed_bytes)
        theirs[each.id] = openssl(tmp_path, *OPENSSL[each.key.algorithm].split())
    assert theirs == {each.id: each.ours for each in asked}
    assert {each.key.algorithm for each in asked} == OPENSSL.keys()


def test_openssl_agrees_on_every_token(tmp_path: Path) -> None:
    """It judges at one time for all, so it is told the token's own, as RFC 3161 would have it."""
    theirs = {}
    for each in STAMPS:
        (tmp_path / "sig").write_bytes(each.signature)
        (tmp_path / "token").write_bytes(each.token)
        (tmp_path / "root.pem").write_bytes(each.root)
        at = each.claimed or datetime.now(UTC)
        theirs[each.id] = openssl(
            tmp_path,
            *("ts", "-verify", "-data", "sig", "-in", "token", "-CAfile", "root.pem"),
            *("-attime", str(int(at.timestamp()))),
        )
    ours = {each.id: each.ours is not None for each in STAMPS}
    assert {name for name in ours if ours[name] != theirs[name]} == LAXER_ABOUT_SHA_1
    assert set(ours.values()) == {True, False}


def test_sigstore_agrees_on_every_token(answers: dict[str, bool | str]) -> None:
    """With a certificate it judges that too, at the token's time, as we do."""
    ours = {each.id: each.ours is not None and _certificate_holds(each) for each in STAMPS}
    theirs = {each.id: answers[each.id] is True for each in STAMPS}
    assert {name for name in ours if ours[name] != theirs[name]} == LAXER_ABOUT_PURPOSE


def _certificate_holds(each: Stamped) -> bool:
    return each.file not in CERTIFIED or _leaf(each.file, each.ours) is not None


def _leaf(file: File, when: datetime | None) -> PublicKey | None:
    """Return the certified key if its certificate is good for whom it names; None if it is not."""
    assert file.bundle is not None
    assert file.bundle.certificate is not None
    leaf = x509.load_der_x509_certificate(file.bundle.certificate)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    (uri,) = names.get_values_for_type(x509.UniformResourceIdentifier)
    root = x509.load_pem_x509_certificate(file.path.parent.with_name("ca.pem").read_bytes())
    try:
        return verify_leaf(
            file.bundle.certificate,
            roots=[root],
            when=when or datetime.now(UTC),
            identity=parse_identity(f"uri:{uri}"),
        )
    except SignerError:
        return None


def test_openssl_agrees_on_every_certificate(tmp_path: Path) -> None:
    """It is not asked about the purpose: its program knows none for signing code before 3.2."""
    proven = {each.file.name: each.ours for each in STAMPS}
    ours, theirs = {}, {}
    for file in CERTIFIED:
        assert file.bundle is not None
        leaf = x509.load_der_x509_certificate(file.bundle.certificate or b"")
        (tmp_path / "leaf.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
        when = proven.get(file.name) or datetime.now(UTC)
        ca = str(file.path.parent.with_name("ca.pem"))
        at = str(int(when.timestamp()))
        theirs[file.name] = openssl(tmp_path, "verify", "-attime", at, "-CAfile", ca, "leaf.pem")
        ours[file.name] = _leaf(file, when) is not None
    differing = {name.split("/")[0] for name in ours if ours[name] != theirs[name]}
    assert differing == {"certificate-for-another-purpose-failed"}
    assert set(ours.values()) == {True, False}


def test_every_payload_is_a_valid_statement() -> None:
    """The reference library of in-toto reads manifests and approvals, whoever signed them."""
    checked = 0
    for file in files():
        if file.bundle is not None:
            message = json_format.Parse(file.bundle.payload, StatementMessage())
            Statement.copy_from_pb(message).validate()
            checked += 1
    assert checked > 80
