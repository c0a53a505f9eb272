"""What PDFs are signed with in tests: a certificate authority, time stamps, and other programs."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import keypool
import pki
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from timestamping import OpensslAuthority, make_root, make_stamper, served

from auditkit.signing.keys import Algorithm, PrivateKey, encode_private_key

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
LIFE = {"not_before": NOW - DAY, "not_after": NOW + 3650 * DAY}
EMAIL = f"email:{pki.EMAIL}"


@dataclass(frozen=True)
class Office:
    """A folder with a root, an authority under it, their revocation lists, and time stamps."""

    folder: Path
    root: pki.Authority
    issuing: pki.Authority

    @classmethod
    def open(cls, folder: Path) -> Office:
        folder.mkdir(parents=True, exist_ok=True)
        root = pki.Authority.root(**LIFE)
        office = cls(folder, root, root.intermediate(**LIFE))
        stamping = make_root()
        (folder / "root.pem").write_bytes(pem(root.certificate))
        (folder / "tsa-root.pem").write_bytes(stamping.pem)
        lists = {
            "root.crl": root,
            "issuing.crl": office.issuing,
            "tsa.crl": pki.Authority(stamping.certificate, stamping.key),
        }
        for name, authority in lists.items():
            crl = authority.crl(issued=NOW - DAY)
            (folder / name).write_bytes(crl.public_bytes(Encoding.PEM))
        return office

    def certificate(self, key: PrivateKey, name: str = "signer", **options: object) -> Path:
        """Return the file with a certificate for `key` and that of the authority above it."""
        life = {"not_before": NOW - DAY, "not_after": NOW + 365 * DAY, "usages": None}
        leaf = self.issuing.leaf(key, common=name, **{**life, **options})
        path = self.folder / f"{name}.pem"
        certificate = x509.load_der_x509_certificate(leaf)
        path.write_bytes(pem(certificate) + pem(self.issuing.certificate))
        return path

    def key(self, algorithm: Algorithm = "ecdsa-p256", number: int = 0) -> Path:
        """Return the file of a private key that the tests share."""
        path = self.folder / f"{algorithm}.{number}.key"
        path.write_bytes(encode_private_key(keypool.private_key(algorithm, number), None))
        path.chmod(0o600)
        return path

    def policy(self, manifests: Path, *more: str) -> Path:
        """Return a trust policy: `manifests` signs runs, this office reports.

        `more` is put at its beginning.
        """
        key = f'keys = ["{manifests}"]'
        path = self.folder / "trust.toml"
        path.write_text(
            "\n".join(("version = 1", *more))
            + f"""
[[signers]]
name = "CI"
kind = "machine"
{key}
[[signers]]
name = "audit office"
kind = "machine"
statements = ["report"]
[signers.certificate]
roots = ["root.pem"]
identities = ["{EMAIL}"]
crls = ["root.crl", "issuing.crl"]
[[authorities]]
name = "stamper"
roots = ["tsa-root.pem"]
"""
        )
        return path

    @contextmanager
    def stamping(self) -> Iterator[str]:
        """Yield the URL of a time-stamping authority."""
        folder = self.folder / f"tsa-{len(list(self.folder.glob('tsa-*')))}"
        with served(OpensslAuthority.make(folder, make_stamper(make_root())).reply) as url:
            yield url


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def ranges(content: bytes) -> list[tuple[int, int, int, int]]:
    """Return the byte ranges of all signatures, in their order."""
    found = re.findall(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\s*\]", content)
    return sorted({tuple(map(int, each)) for each in found}, key=lambda each: each[2] + each[3])  # type: ignore[misc]


def cms(content: bytes) -> tuple[bytes, bytes]:
    """Return the first signature's CMS in DER, and the bytes that it is over."""
    start, length, after, rest = ranges(content)[0]
    signed = content[start : start + length] + content[after : after + rest]
    der = bytes.fromhex(content[length + 1 : after - 1].decode())
    size = 4 + int.from_bytes(der[2:4], "big")
    return der[:size], signed


def openssl_verify(content: bytes, root: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Let openssl check the first signature and its certificate, without any PDF library."""
    der, signed = cms(content)
    (folder / "signature.der").write_bytes(der)
    (folder / "signed.bin").write_bytes(signed)
    command = ["openssl", "cms", "-verify", "-inform", "DER", "-in", "signature.der", "-binary"]
    command += ["-content", "signed.bin", "-CAfile", str(root), "-purpose", "any", "-out"]
    return subprocess.run(
        [*command, "/dev/null"], cwd=folder, capture_output=True, text=True, check=False
    )
