"""X.509: is this leaf certificate one that the policy's authorities issued to this signer?

A bundle carries the leaf only; roots and intermediates are the verifier's. The path is validated
as in RFC 5280, section 6, at the time the signature is known since, with the code-signing
extended key usage in the leaf and in every authority that is restricted at all. Certificates for
documents need none (RFC 9336), and if they have any, one of those that are used for documents.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from auditkit.errors import IndeterminateSignerError, KeyFileError, SignerError
from auditkit.signing.keys import PublicKey, public_key_from
from auditkit.trust.certificates import Purpose
from auditkit.trust.identity import Identity, describe_names
from auditkit.trust.revocation import check_revocation, who
from auditkit.trust.validity import utc

_MALFORMED: Final = (
    ValueError,
    CryptographyDeprecationWarning,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


_DOCUMENT_USAGES: Final = {
    x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # documents (RFC 9336)
    x509.ObjectIdentifier("1.2.840.113583.1.1.5"),  # Adobe's authentic documents
    x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),  # Microsoft's document signing
    ExtendedKeyUsageOID.EMAIL_PROTECTION,
    ExtendedKeyUsageOID.CODE_SIGNING,
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
}


def readable_certificates(chain: Iterable[bytes]) -> tuple[x509.Certificate, ...]:
    """Return those of these certificates in DER that can be read."""
    found = []
    for each in chain:
        try:
            found.append(_load(each))
        except SignerError:
            continue
    return tuple(found)


def leaf_public_key(leaf_der: bytes) -> PublicKey:
    """Return the public key in a certificate, trusted or not.

    Raises:
        SignerError: not a certificate, or a key that auditkit does not verify with.
    """
    return _key(_load(leaf_der))


def verify_leaf(
    leaf_der: bytes,
    *,
    roots: Sequence[x509.Certificate],
    intermediates: Sequence[x509.Certificate] = (),
    when: datetime,
    identity: Identity,
    crls: Sequence[x509.CertificateRevocationList] = (),
    require_crl: bool = False,
    purpose: Purpose = "statement",
) -> PublicKey:
    """Return the public key of a leaf certificate that may sign as `identity`.

    `when` is an aware time, the earliest at which the signature is known to have existed: a
    time-stamp token's, or now. `leaf_der` and nothing else comes from the bundle.

    Raises:
        SignerError: the certificate is malformed, not for that purpose, names somebody else,
            has no path to one of `roots`, was not yet valid, or was revoked.
        IndeterminateSignerError: nothing is wrong with it but that it, or an authority above
            it, had expired by `when` or was revoked for a harmless reason; or `require_crl` and
            no list in `crls` tells.
    """
    leaf = _load(leaf_der)
    key = _key(leaf)
    try:
        _check_purpose(leaf, purpose)
        _check_identity(leaf, identity)
        chain = _path(leaf, roots, intermediates, when, purpose)
        check_revocation(chain, crls, when, required=require_crl)
    except _MALFORMED as error:
        raise SignerError(f"the certificate is malformed ({str(error)[:200]})") from error
    return key


def _load(der: bytes) -> x509.Certificate:
    """Return the certificate with all its parts parsed, so that none can fail later."""
    try:
        with warnings.catch_warnings(action="error"):  # what the library still lets pass
            leaf = x509.load_der_x509_certificate(der)
            _ = leaf.extensions, leaf.subject, leaf.issuer
    except _MALFORMED as error:
        raise SignerError(f"not an X.509 certificate ({str(error)[:200]})") from error
    return leaf


def _key(leaf: x509.Certificate) -> PublicKey:
    try:
        return public_key_from(leaf.public_key())
    except (*_MALFORMED, KeyFileError) as error:
        raise SignerError(f"the certificate's key cannot be used: {error}") from error


def _check_purpose(leaf: x509.Certificate, purpose: Purpose) -> None:
    for extension in leaf.extensions:
        value = extension.value
        if isinstance(value, x509.BasicConstraints) and value.ca:
            raise SignerError("the certificate is that of an authority, not of a signer")
        binding = isinstance(value, x509.KeyUsage) and value.content_commitment
        usable = binding and purpose == "document"
        if isinstance(value, x509.KeyUsage) and not (value.digital_signature or usable):
            raise SignerError("the certificate's key is not for signatures (key usage)")
    try:
        usages = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        usages = x509.ExtendedKeyUsage([])
    if purpose == "document" and usages and not _DOCUMENT_USAGES & set(usages):
        raise SignerError("the certificate is not for signing documents (extended key usage)")
    if purpose == "statement" and ExtendedKeyUsageOID.CODE_SIGNING not in usages:
        raise SignerError("the certificate is not for code signing (extended key usage)")


def _check_identity(leaf: x509.Certificate, identity: Identity) -> None:
    if not identity.matches(leaf):
        raise SignerError(
            f"the certificate does not name {identity}; it names {describe_names(leaf)}"
        )


def _path(
    leaf: x509.Certificate,
    roots: Sequence[x509.Certificate],
    intermediates: Sequence[x509.Certificate],
    when: datetime,
    purpose: Purpose,
) -> list[x509.Certificate]:
    """Return a valid path from the leaf to a root.

    Where there is none at `when` and there was one when the leaf was issued, only time passed.
    """
    if when < leaf.not_valid_before_utc:
        raise SignerError(
            f"the signature is known since {utc(when)}, before the certificate's validity began "
            f"{utc(leaf.not_valid_before_utc)}"
        )
    if not roots:
        raise SignerError("no root certificate is trusted")
    try:
        return _validate(leaf, roots, intermediates, when, purpose)
    except VerificationError as error:
        reason = str(error)[:300]
    try:
        _validate(leaf, roots, intermediates, leaf.not_valid_before_utc, purpose)
    except VerificationError:
        raise SignerError(
            f"no path leads from the certificate of {who(leaf)} to a trusted root ({reason})"
        ) from None
    raise IndeterminateSignerError(
        f"the certificate of {who(leaf)}, or an authority above it, had expired "
        f"({utc(leaf.not_valid_after_utc)} for the former), and the signature is only known since "
        f"{utc(when)}",
        hint="A time-stamp token from before the expiry would settle it.",
    )


def _validate(
    leaf: x509.Certificate,
    roots: Sequence[x509.Certificate],
    intermediates: Sequence[x509.Certificate],
    when: datetime,
    purpose: Purpose,
) -> list[x509.Certificate]:
    verifier = (
        PolicyBuilder()
        .store(Store(list(roots)))
        .time(when)
        .extension_policies(ca_policy=_AUTHORITIES[purpose], ee_policy=_LEAVES)
        .build_client_verifier()
    )
    return verifier.verify(leaf, list(intermediates)).chain


def _allow_code_signing(_: Policy, __: x509.Certificate, usages: object) -> None:
    """Refuse authorities that were restricted to something else; the library asks for TLS."""
    if isinstance(usages, x509.ExtendedKeyUsage) and not {
        ExtendedKeyUsageOID.CODE_SIGNING,
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
    } & set(usages):
        raise ValueError("an authority is restricted to other purposes than code signing")


def _allow_documents(_: Policy, __: x509.Certificate, usages: object) -> None:
    """Refuse authorities that were restricted to something else than documents."""
    if isinstance(usages, x509.ExtendedKeyUsage) and not _DOCUMENT_USAGES & set(usages):
        raise ValueError("an authority is restricted to other purposes than signing documents")


def _allow_issuing(_: Policy, __: x509.Certificate, usage: object) -> None:
    """Accept authorities without a key usage, as RFC 5280 does in section 6.1.4 (n)."""
    if isinstance(usage, x509.KeyUsage) and not usage.key_cert_sign:
        raise ValueError("an authority's key is not for certificates")


_LEAVES: Final = ExtensionPolicy.permit_all()
_ISSUERS: Final = ExtensionPolicy.webpki_defaults_ca().may_be_present(
    x509.KeyUsage, Criticality.AGNOSTIC, _allow_issuing
)
_AUTHORITIES: Final[dict[Purpose, ExtensionPolicy]] = {
    "statement": _ISSUERS.may_be_present(
        x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _allow_code_signing
    ),
    "document": _ISSUERS.may_be_present(
        x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _allow_documents
    ),
}
