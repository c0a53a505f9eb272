"""How a PDF is signed, as flags and configuration say it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit.config.keys import Prompt, open_keys, stamping_from
from auditkit.config.settings import Setting, Settings
from auditkit.signing.pades import Level, PdfSigning, Validation
from auditkit.signing.pades_identity import pdf_identity, read_crl
from auditkit.trust.rules import Authority, TrustedIssuer, TrustSource

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, CertificateRevocationList


def pdf_signing_from(
    settings: Settings,
    key: str,
    *,
    certificate: Path | None = None,
    level: Level | None = None,
    timestamps: Sequence[str] = (),
    crls: Sequence[Path] = (),
    trust: TrustSource | None = None,
    allow_open_key: bool = False,
    prompt: Prompt | None = None,
) -> PdfSigning:
    """Return who signs a PDF and how; without a `level` B-T where an authority is named, else B-B.

    For B-LTA the roots and revocation lists are those of `trust`, with the lists of `crls`.

    Raises:
        KeyFileError: the key, certificate or a list cannot be used, or there is no certificate.
        MissingDependencyError: a kind of key whose extra is not installed.
        UsageError: the level needs an authority, and none is named.
    """
    chosen = [Setting(key, "flag", Path.cwd())]
    (signer,) = open_keys(settings, chosen, allow_open_key=allow_open_key, prompt=prompt)
    identity = pdf_identity(signer, certificate, datetime.now(UTC))
    stamping = stamping_from(settings, timestamps)
    authorities = stamping.authorities if stamping else ()
    level = level or ("b-t" if authorities else "b-b")
    validation = _validation(trust, crls) if level == "b-lta" else Validation()
    return PdfSigning(identity, level, authorities, validation)


def _validation(trust: TrustSource | None, crls: Sequence[Path]) -> Validation:
    given = tuple(read_crl(path) for path in crls)
    if trust is None:
        return Validation(crls=given)
    rules = trust.rules
    issuers = [each.issuer for each in rules.principals if each.issuer and each.signs("report")]
    makers: tuple[TrustedIssuer | Authority, ...] = (*issuers, *rules.authorities)
    return Validation(
        roots=_der(root for each in makers for root in each.roots),
        intermediates=_der(each for maker in makers for each in maker.intermediates),
        crls=(*given, *_der(each for issuer in issuers for each in issuer.crls)),
    )


def _der(items: Iterable[Certificate | CertificateRevocationList]) -> tuple[bytes, ...]:
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 - B-LTA only

    return tuple(dict.fromkeys(each.public_bytes(Encoding.DER) for each in items))
