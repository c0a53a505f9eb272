"""A small public-key infrastructure for tests: a root, an intermediate, leaves and CRLs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from auditkit.signing.keys import PrivateKey

ISSUED = datetime(2027, 1, 1, tzinfo=UTC)
SIGNED = datetime(2027, 6, 1, tzinfo=UTC)
EXPIRES = datetime(2028, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
EMAIL = "ci@example.org"
CODE_SIGNING = ExtendedKeyUsageOID.CODE_SIGNING


def name(common: str) -> x509.Name:
    return x509.Name.from_rfc4514_string(f"CN={common},O=Example")


@dataclass(frozen=True)
class Authority:
    """A certificate authority: its certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def root(cls, common: str = "Root", **options: object) -> Authority:
        key = ec.generate_private_key(ec.SECP384R1())
        return cls(_authority(common, key, common, key, 1, **options), key)

    def intermediate(self, common: str = "Intermediate", **options: object) -> Authority:
        key = ec.generate_private_key(ec.SECP384R1())
        issuer = self.certificate.subject.rfc4514_string().split(",")[0].removeprefix("CN=")
        return Authority(_authority(common, key, issuer, self.key, 0, **options), key)

    def leaf(
        self,
        key: PrivateKey,
        *,
        common: str = "CI",
        usages: Sequence[x509.ObjectIdentifier] | None = (CODE_SIGNING,),
        email: str | None = EMAIL,
        not_before: datetime = ISSUED,
        not_after: datetime = EXPIRES,
        extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
    ) -> bytes:
        """Return a leaf certificate for the public half of `key`, in DER."""
        builder = _builder(name(common), key, self.certificate.subject, not_before, not_after)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False
        )
        if usages is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage(usages), False)
        if email is not None:
            names = [
                x509.RFC822Name(email),
                x509.DNSName("ci.example.org"),
                x509.UniformResourceIdentifier("https://ci.example.org/jobs/train"),
            ]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self.key, hashes.SHA384()).public_bytes(serialization.Encoding.DER)

    def crl(
        self,
        *revoked: x509.RevokedCertificate,
        issued: datetime = ISSUED,
        lasts: timedelta = YEAR,
        extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
    ) -> x509.CertificateRevocationList:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(issued)
            .next_update(issued + lasts)
        )
        for each in revoked:
            builder = builder.add_revoked_certificate(each)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self.key, hashes.SHA384())


def revoked(
    certificate: bytes | x509.Certificate,
    at: datetime,
    reason: x509.ReasonFlags | None = None,
    *,
    invalid_since: datetime | None = None,
) -> x509.RevokedCertificate:
    """Return the entry of a revocation list for a certificate."""
    if isinstance(certificate, bytes):
        certificate = x509.load_der_x509_certificate(certificate)
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(certificate.serial_number)
        .revocation_date(at)
    )
    if reason is not None:
        builder = builder.add_extension(x509.CRLReason(reason), False)
    if invalid_since is not None:
        builder = builder.add_extension(x509.InvalidityDate(invalid_since), False)
    return builder.build()


def _builder(
    subject: x509.Name,
    key: PrivateKey,
    issuer: x509.Name,
    not_before: datetime,
    not_after: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
    )


def _authority(
    common: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    path_length: int,
    *,
    not_before: datetime = ISSUED - YEAR,
    not_after: datetime = EXPIRES + 10 * YEAR,
    usages: Sequence[x509.ObjectIdentifier] = (),
) -> x509.Certificate:
    builder = (
        _builder(name(common), key, name(issuer), not_before, not_after)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=False,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
            ),
            True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False
        )
    )
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), False)
    return builder.sign(issuer_key, hashes.SHA384())


__all__ = [
    "CODE_SIGNING",
    "EMAIL",
    "EXPIRES",
    "ISSUED",
    "SIGNED",
    "YEAR",
    "Authority",
    "name",
    "revoked",
]
