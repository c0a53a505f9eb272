"""Sigstore's verifier follows the certificate in our bundles at the time that a token proves."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from keypool import key_signer, private_key
from pki import EXPIRES, SIGNED, Authority
from timestamping import make_root, make_stamper, make_token

from auditkit.manifest.bundle import Bundle
from auditkit.signing.keys import Algorithm
from auditkit.signing.signer import CertifiedSigner, seal
from auditkit.trust.identity import parse_identity
from auditkit.trust.x509 import verify_leaf

SCRIPT = Path(__file__).parent / "verify-certified.mjs"
URI = "https://ci.example.org/jobs/train"
ROOT = Authority.root()
CA = ROOT.intermediate()
TSA_ROOT = make_root()
TSA = make_stamper(TSA_ROOT)


def sealed(algorithm: Algorithm, at: datetime) -> Bundle:
    """Return a bundle with a certificate and a token of the time `at`."""
    leaf = CA.leaf(private_key(algorithm))
    bundle = seal(b'{"predicateType":"x"}', CertifiedSigner(key_signer(algorithm), leaf))
    token = make_token(TSA, bundle.signature, at)
    return msgspec.structs.replace(bundle, timestamps=(token,))


def sigstore(bundle: Bundle, folder: Path, ca: Authority = CA) -> subprocess.CompletedProcess[str]:
    files = [folder / name for name in ("bundle.sigstore.json", "ca", "tsa")]
    files[0].write_bytes(bundle.encode())
    files[1].write_text(_chain((ca.certificate, ROOT.certificate)))
    files[2].write_text(_chain((TSA.certificate, TSA_ROOT.certificate)))
    command = ["node", SCRIPT, *files]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _chain(certificates: Iterable[x509.Certificate]) -> str:
    return "\n".join(
        base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in certificates
    )


@pytest.mark.parametrize("algorithm", ["ed25519", "ecdsa-p256"])
def test_both_accept(algorithm: Algorithm, tmp_path: Path) -> None:
    bundle = sealed(algorithm, SIGNED)
    done = sigstore(bundle, tmp_path)
    assert (done.returncode, done.stdout) == (0, URI), done.stderr
    assert bundle.certificate is not None
    key = verify_leaf(
        bundle.certificate,
        roots=[ROOT.certificate],
        intermediates=[CA.certificate],
        when=SIGNED,
        identity=parse_identity(f"uri:{done.stdout}"),
    )
    key.verify(bundle.signature, bundle.signed_bytes)


def test_sigstore_refuses_another_payload_another_authority_and_a_late_token(
    tmp_path: Path,
) -> None:
    bundle = sealed("ecdsa-p256", SIGNED)
    assert sigstore(msgspec.structs.replace(bundle, payload=b"{}"), tmp_path).returncode != 0
    stranger = replace(CA, certificate=ROOT.intermediate().certificate)
    assert sigstore(bundle, tmp_path, stranger).returncode != 0
    late = sealed("ecdsa-p256", EXPIRES + timedelta(days=1))
    assert sigstore(late, tmp_path).returncode != 0
