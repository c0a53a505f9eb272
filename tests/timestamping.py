"""Time-stamping authorities: a real one behind HTTP, and tokens of any kind and time.

The real one is `openssl ts`. It stamps with today's time only, so tokens of other times, and
those that no authority should give, are put together here from RFC 3161 and RFC 5652.
"""

from __future__ import annotations

import hashlib
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2046, 1, 1, tzinfo=UTC)
TIME_STAMPING = (ExtendedKeyUsageOID.TIME_STAMPING,)


@dataclass(frozen=True)
class Issued:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def key_for(label: str) -> ec.EllipticCurvePrivateKey:
    """Return the same key for the same label, always: these keys protect nothing."""
    seed = int.from_bytes(hashlib.sha256(label.encode()).digest(), "big")
    return ec.derive_private_key(seed % (2**255), ec.SECP256R1())


def make_root(name: str = "Test Root") -> Issued:
    """Return a root authority whose bytes depend on its name only."""
    key = key_for(name)
    builder = _builder(name, name, key, START, END).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    return Issued(builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True), key)


def make_stamper(
    root: Issued,
    name: str = "Test Time Stamping",
    *,
    usages: tuple[x509.ObjectIdentifier, ...] = TIME_STAMPING,
    critical: bool = True,
    start: datetime = START,
    end: datetime = END,
) -> Issued:
    """Return a time-stamping certificate, right or wrong, issued by `root`."""
    key = key_for(name)
    issuer = root.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    builder = _builder(name, str(issuer), key, start, end).add_extension(
        x509.ExtendedKeyUsage(usages), critical=critical
    )
    return Issued(builder.sign(root.key, hashes.SHA256(), ecdsa_deterministic=True), key)


def _builder(
    name: str, issuer: str, key: ec.EllipticCurvePrivateKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    serial = int.from_bytes(hashlib.sha256(f"{issuer}/{name}".encode()).digest()[:8], "big")
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(serial >> 1)
        .not_valid_before(start)
        .not_valid_after(end)
    )


def make_token(
    stamper: Issued,
    message: bytes,
    at: datetime,
    *,
    hash_name: str = "sha256",
    nonce: int | None = None,
    accuracy_seconds: int | None = None,
) -> bytes:
    """Return a TimeStampResp in DER over `message`; equal arguments give equal bytes."""
    certificate = asn1_x509.Certificate.load(
        stamper.certificate.public_bytes(serialization.Encoding.DER)
    )
    fields = {
        "version": "v1",
        "policy": "1.2.3.4.1",
        "message_imprint": {
            "hash_algorithm": {"algorithm": hash_name},
            "hashed_message": hashlib.new(hash_name, message).digest(),
        },
        "serial_number": 1,
        "gen_time": at,
    }
    if nonce is not None:
        fields["nonce"] = nonce
    if accuracy_seconds is not None:
        fields["accuracy"] = {"seconds": accuracy_seconds}
    info = tsp.TSTInfo(fields).dump()
    return tsp.TimeStampResp(
        {
            "status": {"status": "granted"},
            "time_stamp_token": {
                "content_type": "signed_data",
                "content": _signed_data(info, certificate, stamper.key),
            },
        }
    ).dump()


def _signed_data(
    info: bytes, certificate: asn1_x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> cms.SignedData:
    sha256 = {"algorithm": "sha256"}
    ess = tsp.SigningCertificateV2(
        {"certs": [{"cert_hash": hashlib.sha256(certificate.dump()).digest()}]}
    )
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["tst_info"]},
            {"type": "message_digest", "values": [hashlib.sha256(info).digest()]},
            {"type": "signing_certificate_v2", "values": [ess]},
        ]
    )
    signature = key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    return cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [sha256],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(info),
            },
            "certificates": [certificate],
            "signer_infos": [
                {
                    "version": "v1",
                    "sid": {
                        "issuer_and_serial_number": {
                            "issuer": certificate.issuer,
                            "serial_number": certificate.serial_number,
                        }
                    },
                    "digest_algorithm": sha256,
                    "signed_attrs": attributes,
                    "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                    "signature": signature,
                }
            ],
        }
    )


_CONFIG = """\
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/stamper.pem
signer_key = {folder}/stamper.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
{extra}
"""


@dataclass(frozen=True)
class OpensslAuthority:
    """`openssl ts` with a certificate, in a folder of its own."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, stamper: Issued, *, chain: bytes | None = None) -> OpensslAuthority:
        """Set it up; with a `chain` of certificates OpenSSL 3.0 sends them in the wrong order."""
        folder.mkdir()
        (folder / "serial").write_text("01\n")
        (folder / "stamper.pem").write_bytes(stamper.pem)
        (folder / "stamper.key").write_bytes(
            stamper.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        extra = ""
        if chain is not None:
            (folder / "chain.pem").write_bytes(chain)
            extra = f"certs = {folder}/chain.pem"
        (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder, extra=extra))
        return cls(folder)

    def reply(self, query: bytes) -> bytes:
        """Return the reply to a TimeStampReq in DER."""
        (self.folder / "query").write_bytes(query)
        command = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query"]
        subprocess.run(
            [*command, "-out", "reply"], cwd=self.folder, check=True, capture_output=True
        )
        return (self.folder / "reply").read_bytes()


@contextmanager
def served(reply: Callable[[bytes], bytes], *, status: int = 200) -> Iterator[str]:
    """Yield the URL of an HTTP server on the loopback that answers queries by `reply`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            body = reply(query)
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/tsa"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
