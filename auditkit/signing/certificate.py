"""The certificate that goes into bundles beside a signature."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from auditkit.errors import KeyFileError
from auditkit.signing.files import read_small_file
from auditkit.signing.keys import public_key_from
from auditkit.signing.signer import CertifiedSigner, Signer

_MAX_BYTES = 64 * 1024


def with_certificates(signers: Sequence[Signer], paths: Iterable[Path]) -> tuple[Signer, ...]:
    """Return the signers, each with the leaf certificate among `paths` that is for its key.

    A file is PEM or DER. Of several certificates in a PEM file the first is the leaf, as servers
    have them; bundles carry no other (Sigstore bundle v0.3).

    Raises:
        KeyFileError: missing, not a certificate, or for none of the signers' keys.
    """
    found = {each.public_key.keyid: each for each in signers}
    for path in paths:
        keyid, leaf = _read(path)
        if keyid not in found:
            raise KeyFileError(
                "the certificate is for another key than those that sign",
                hint="Give the certificate that was issued for the key.",
                path=str(path),
            )
        found[keyid] = CertifiedSigner(found[keyid], leaf)
    return tuple(found.values())


def _read(path: Path) -> tuple[str, bytes]:
    """Return the keyid of the first certificate in a file, and its DER."""
    from cryptography import x509  # noqa: PLC0415 - only signers with a certificate need it
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415

    data, _ = read_small_file(path, "certificate", _MAX_BYTES)
    is_pem = b"-----BEGIN " in data
    load = x509.load_pem_x509_certificate if is_pem else x509.load_der_x509_certificate
    try:
        leaf = load(data)
        return public_key_from(leaf.public_key()).keyid, leaf.public_bytes(Encoding.DER)
    except ValueError as error:
        raise KeyFileError(
            "not an X.509 certificate in PEM or DER form",
            hint="Give the certificate that was issued for the key.",
            path=str(path),
        ) from error
    except KeyFileError as error:
        error.path = str(path)
        raise
