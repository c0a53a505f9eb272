"""What makes a key one that PDFs are signed with: a certificate that readers of PDF accept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from auditkit.errors import KeyFileError
from auditkit.signing.files import read_small_file
from auditkit.signing.keys import public_key_from
from auditkit.signing.pades import PdfIdentity
from auditkit.signing.remote import DIGESTS
from auditkit.signing.signer import Signer

_MAX_BYTES: Final = 1024 * 1024
_REQUEST: Final = (
    "Ask a certificate authority for one (`openssl req -new -key k.pem` makes the request), and "
    "give it by --certificate, followed in the same file by those that lead to its root."
)


def pdf_identity(signer: Signer, certificates: Path | None, now: datetime) -> PdfIdentity:
    """Return the signer with the chain of certificates in a file, PEM, or DER of a single one.

    Raises:
        KeyFileError: there is no certificate, it is for another key, is not valid at `now`, or is
            that of an authority; or the key is of a kind that readers of PDF do not know.
    """
    if signer.public_key.algorithm not in DIGESTS:
        raise KeyFileError(
            f"PDF readers do not know signatures by a key for {signer.public_key.algorithm}",
            hint="Use a key for ECDSA P-256 or P-384, or RSA, that has a certificate.",
        )
    if certificates is None:
        raise KeyFileError("a PDF is signed with a certificate, and none is given", hint=_REQUEST)
    chain = _read(certificates)
    problem = _problem(chain[0], signer, now)
    if problem is not None:
        raise KeyFileError(problem, hint=_REQUEST, path=str(certificates))
    return PdfIdentity(signer, tuple(each.public_bytes(Encoding.DER) for each in chain))


def read_crl(path: Path) -> bytes:
    """Return a list of revoked certificates, PEM or DER, as DER; raises KeyFileError if none."""
    data, _ = read_small_file(path, "revocation list", _MAX_BYTES)
    load = x509.load_pem_x509_crl if b"-----BEGIN " in data else x509.load_der_x509_crl
    try:
        return load(data).public_bytes(Encoding.DER)
    except ValueError as error:
        raise KeyFileError(
            "not a list of revoked certificates in PEM or DER form",
            hint="Download it again from the certificate authority.",
            path=str(path),
        ) from error


def _read(path: Path) -> list[x509.Certificate]:
    data, _ = read_small_file(path, "certificate", _MAX_BYTES)
    try:
        if b"-----BEGIN " in data:
            return x509.load_pem_x509_certificates(data)
        return [x509.load_der_x509_certificate(data)]
    except ValueError as error:
        raise KeyFileError(
            "not X.509 certificates in PEM or DER form", hint=_REQUEST, path=str(path)
        ) from error


def _problem(leaf: x509.Certificate, signer: Signer, now: datetime) -> str | None:
    """Return why nobody would accept a signature with this certificate; None if it is usable."""
    try:
        keyid = public_key_from(leaf.public_key()).keyid
        extensions = [each.value for each in leaf.extensions]
    except (ValueError, KeyFileError, x509.DuplicateExtension) as error:
        return f"the certificate cannot be used ({error})"
    if keyid != signer.public_key.keyid:
        return "the first certificate is for another key than the one that signs"
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        until = leaf.not_valid_after_utc.astimezone(UTC)
        since = leaf.not_valid_before_utc.astimezone(UTC)
        return f"the certificate is valid from {since:%Y-%m-%d} to {until:%Y-%m-%d}, not now"
    for value in extensions:
        if isinstance(value, x509.KeyUsage) and not (
            value.digital_signature or value.content_commitment
        ):
            return "the certificate's key is not for signatures (key usage)"
        if isinstance(value, x509.BasicConstraints) and value.ca and leaf.issuer != leaf.subject:
            return "the certificate is that of an authority, not of a signer"
    return None
