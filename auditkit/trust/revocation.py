"""What certificate revocation lists say about a chain at a given time (RFC 5280, section 6.3).

Lists are handed to the verifier; nothing is fetched. A list counts if the issuer signed it,
covers every certificate of that issuer (no delta, no partition), and was not stale.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

from cryptography import x509

from auditkit.errors import IndeterminateSignerError, SignerError
from auditkit.trust.validity import utc

_HARMLESS: Final = (
    x509.ReasonFlags.affiliation_changed,
    x509.ReasonFlags.superseded,
    x509.ReasonFlags.cessation_of_operation,
)
"""Reasons that cast no doubt on who held the key before."""


def check_revocation(
    chain: Sequence[x509.Certificate],
    crls: Sequence[x509.CertificateRevocationList],
    when: datetime,
    *,
    required: bool,
) -> None:
    """Return if nothing in `chain`, from the leaf to the root, was revoked by `when`.

    Raises:
        SignerError: revoked by then, or the key is said to be invalid since an earlier time.
        IndeterminateSignerError: revoked by then for a reason that says nothing against older
            signatures; or `required` and no list tells.
    """
    for certificate, issuer in pairwise(chain):
        lists = [crl for crl in crls if _is_from(crl, issuer)]
        for crl in lists:
            entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
            if entry is not None:
                _check_entry(entry, certificate, when)
        if required and not any(_covers(crl, certificate, when) for crl in lists):
            raise IndeterminateSignerError(
                f"no revocation list of {who(issuer)} covers {utc(when)}",
                hint="Hand the verifier a list that its issuer published after the signature.",
            )


def who(certificate: x509.Certificate) -> str:
    """Return a certificate's subject, as far as it fits a line."""
    return certificate.subject.rfc4514_string()[:200]


def _is_from(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    if crl.issuer != issuer.subject or any(each.critical for each in crl.extensions):
        return False
    try:
        usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
        if not usage.crl_sign:
            return False
    except x509.ExtensionNotFound:
        pass
    try:
        # Any other kind of key cannot have signed the certificate either.
        return crl.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False


def _covers(
    crl: x509.CertificateRevocationList, certificate: x509.Certificate, when: datetime
) -> bool:
    """A list made after the certificate's end may have dropped it; one past its own end is old."""
    return (
        crl.next_update_utc is not None
        and crl.next_update_utc >= when
        and crl.last_update_utc <= certificate.not_valid_after_utc
    )


def _check_entry(
    entry: x509.RevokedCertificate, certificate: x509.Certificate, when: datetime
) -> None:
    since = _since(entry)
    if when < since:
        return
    why = _reason(entry)
    message = f"the certificate of {who(certificate)} was revoked {utc(since)} ({why.value})"
    if why in _HARMLESS:
        raise IndeterminateSignerError(
            f"{message}, and the signature is only known since {utc(when)}",
            hint="A time-stamp token from before the revocation would settle it.",
        )
    raise SignerError(f"{message}, and nothing proves that the signature is older")


def _reason(entry: x509.RevokedCertificate) -> x509.ReasonFlags:
    """Without a reason the worst has to be assumed."""
    for extension in entry.extensions:
        if isinstance(extension.value, x509.CRLReason):
            return extension.value.reason
    return x509.ReasonFlags.unspecified


def _since(entry: x509.RevokedCertificate) -> datetime:
    """Return when the key stopped being good: the issuer may know of an earlier time."""
    for extension in entry.extensions:
        if isinstance(extension.value, x509.InvalidityDate):
            return min(entry.revocation_date_utc, extension.value.invalidity_date_utc)
    return entry.revocation_date_utc
