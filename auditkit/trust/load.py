"""From `trust.toml` and the keys it names to the rules that verification goes by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit.digests import sha256_hex
from auditkit.errors import ConfigError, KeyFileError
from auditkit.findings import Trust, TrustedSigner, TrustFile, TrustRequirements
from auditkit.registry.authenticity import TrustedLog
from auditkit.registry.notekeys import parse_verifier_key
from auditkit.schemes import SIGNABLE
from auditkit.signing.files import read_small_file
from auditkit.signing.keys import PublicKey, load_public_key
from auditkit.trust.consistency import check_consistency
from auditkit.trust.keys import Source
from auditkit.trust.policy import (
    MAX_POLICY_BYTES,
    AuthoritySection,
    CertificateSection,
    KeySection,
    LogSection,
    PolicyFile,
    SignerSection,
    decode_policy,
)
from auditkit.trust.rules import (
    Authority,
    Principal,
    Requirements,
    Rules,
    Strength,
    TrustedIssuer,
    TrustedKey,
    Validity,
)

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, CertificateRevocationList

_PEM = "-----BEGIN "


@dataclass(frozen=True, slots=True)
class PolicyTrust:
    """The rules of one policy file, with the digests of all that was read for them."""

    rules: Rules
    source: Source
    file: str
    sha256: str
    files: tuple[TrustFile, ...] = ()
    content: bytes = field(default=b"", repr=False)
    """The policy file as it was read."""

    def describe(self) -> Trust:
        """Return what a verdict says about this trust."""
        count = len(self.rules.principals)
        return Trust(
            kind="policy",
            source=self.source,
            file=self.file,
            sha256=self.sha256,
            note=f"a policy with {count} {'signer' if count == 1 else 'signers'}",
            files=self.files,
            signers=tuple(_described(each) for each in self.rules.principals),
            requires=_requirements(self.rules),
            authorities=tuple(each.name for each in self.rules.authorities),
        )


def _described(who: Principal) -> TrustedSigner:
    return TrustedSigner(
        name=who.name,
        kind=who.kind,
        statements=tuple(sorted(who.statements or SIGNABLE)),
        role=who.role,
        projects=who.projects,
    )


def _requirements(rules: Rules) -> TrustRequirements:
    require = rules.require
    return TrustRequirements(
        signatures=require.signatures,
        timestamp=require.timestamp,
        approvals=dict(sorted(require.approvals.items())),
        steps=tuple(sorted(require.steps)),
        strict_layout=rules.strict_layout,
    )


def load_policy(path: Path, *, source: Source) -> PolicyTrust:
    """Return the trust that the policy file at `path` sets up.

    Keys and certificates stand in the file or are paths relative to its folder.

    Raises:
        ConfigError: not a policy, or one that contradicts itself or can never be fulfilled.
        KeyFileError: it or a file that it names is missing, unreadable or not what it should
            be; or a key is too weak to be trusted.
    """
    data, _ = read_small_file(path, "trust policy", MAX_POLICY_BYTES)
    reader = _Reader(path.parent)
    try:
        file = decode_policy(data)
        rules = _rules(file, reader)
        check_consistency(rules)
    except ConfigError as error:
        raise ConfigError(error.message, hint=error.hint, path=str(path)) from error
    return PolicyTrust(rules, source, str(path), sha256_hex(data), tuple(reader.files), data)


@dataclass(slots=True)
class _Reader:
    """Reads what a policy names, and remembers the digest of every file."""

    folder: Path
    files: list[TrustFile] = field(default_factory=list)

    def key(self, text: str, where: str) -> PublicKey:
        try:
            return load_public_key(self._bytes(text))
        except KeyFileError as error:
            raise KeyFileError(
                f"{where}: {error.message}", hint=error.hint, path=self._path(text)
            ) from error

    def certificates(self, texts: Iterable[str], where: str) -> tuple[Certificate, ...]:
        from cryptography import x509  # noqa: PLC0415 - not every policy has certificates

        found: list[Certificate] = []
        for text in texts:
            try:
                found += x509.load_pem_x509_certificates(self._bytes(text))
            except ValueError as error:
                raise self._not_pem("certificate", text, where) from error
        return tuple(found)

    def crls(self, texts: Iterable[str], where: str) -> tuple[CertificateRevocationList, ...]:
        from cryptography import x509  # noqa: PLC0415 - not every policy has certificates

        found = []
        for text in texts:
            try:
                found.append(x509.load_pem_x509_crl(self._bytes(text)))
            except ValueError as error:
                raise self._not_pem("revocation list", text, where) from error
        return tuple(found)

    def _not_pem(self, what: str, text: str, where: str) -> KeyFileError:
        return KeyFileError(
            f"{where}: not a {what} in PEM form",
            hint="Convert it with openssl, for instance `openssl x509 -inform DER`.",
            path=self._path(text),
        )

    def _bytes(self, text: str) -> bytes:
        if _PEM in text:
            return text.encode()
        data, _ = read_small_file(self.folder / text, "key or certificate", MAX_POLICY_BYTES)
        self.files.append(TrustFile(path=text, sha256=sha256_hex(data)))
        return data

    def _path(self, text: str) -> str | None:
        return None if _PEM in text else str(self.folder / text)


def _rules(file: PolicyFile, reader: _Reader) -> Rules:
    require = file.require
    return Rules(
        principals=tuple(_principal(signer, reader) for signer in file.signers),
        require=Requirements(
            signatures=require.signatures,
            timestamp=require.timestamp,
            steps=frozenset({*require.steps, *(("log",) if require.log else ())}),
            consistency=require.consistency,
            approvals=dict(require.approvals),
        ),
        strength=Strength(
            None if file.algorithms.allowed is None else frozenset(file.algorithms.allowed),
            file.algorithms.minimum_rsa_bits,
        ),
        authorities=tuple(_authority(each, reader) for each in file.authorities),
        logs=tuple(_log(each) for each in file.logs),
        strict_layout=file.layout == "strict",
    )


def _principal(signer: SignerSection, reader: _Reader) -> Principal:
    where = f"signer {signer.name!r}"
    return Principal(
        name=signer.name,
        kind=signer.kind,
        keys=tuple(_key(each, reader, where) for each in signer.keys),
        issuer=_issuer(signer.certificate, reader, where) if signer.certificate else None,
        validity=_validity(signer),
        require=signer.require,
        role=signer.role,
        projects=signer.projects,
        statements=frozenset(signer.allowed),
    )


def _key(key: str | KeySection, reader: _Reader, where: str) -> TrustedKey:
    if isinstance(key, str):
        return TrustedKey(reader.key(key, where))
    return TrustedKey(reader.key(key.key, where), _validity(key))


def _issuer(section: CertificateSection, reader: _Reader, where: str) -> TrustedIssuer:
    from auditkit.trust.identity import parse_identity  # noqa: PLC0415 - loads X.509

    return TrustedIssuer(
        roots=reader.certificates(section.roots, where),
        identities=tuple(parse_identity(text) for text in section.identities),
        intermediates=reader.certificates(section.intermediates, where),
        crls=reader.crls(section.crls, where),
        require_crl=section.require_crl,
    )


def _validity(section: SignerSection | KeySection) -> Validity:
    return Validity(section.not_before, section.not_after, section.revoked_at, section.reason)


def _authority(section: AuthoritySection, reader: _Reader) -> Authority:
    where = f"authority {section.name!r}"
    return Authority(
        section.name,
        reader.certificates(section.roots, where),
        reader.certificates(section.intermediates, where),
    )


def _log(section: LogSection) -> TrustedLog:
    return TrustedLog(
        section.origin,
        tuple(parse_verifier_key(each) for each in section.keys),
        tuple(parse_verifier_key(each) for each in section.cosigners),
        section.needed,
    )
