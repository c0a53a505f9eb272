"""From `trust.toml` and the keys it names to the rules that verification goes by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit.digests import sha256_hex
from auditkit.errors import ConfigError, KeyFileError
from auditkit.findings import Trust, TrustFile
from auditkit.signing.files import read_small_file
from auditkit.signing.keys import PublicKey, load_public_key
from auditkit.trust.consistency import check_consistency
from auditkit.trust.keys import Source
from auditkit.trust.policy import (
    MAX_POLICY_BYTES,
    AuthoritySection,
    KeySection,
    PolicyFile,
    SignerSection,
    decode_policy,
)
from auditkit.trust.rules import (
    Authority,
    Log,
    Principal,
    Requirements,
    Rules,
    TrustedKey,
    Validity,
)

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_PEM = "-----BEGIN "


@dataclass(frozen=True, slots=True)
class PolicyTrust:
    """The rules of one policy file, with the digests of all that was read for them."""

    rules: Rules
    source: Source
    file: str
    sha256: str
    files: tuple[TrustFile, ...] = ()

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
        check_consistency(rules, file.algorithms)
    except ConfigError as error:
        raise ConfigError(error.message, hint=error.hint, path=str(path)) from error
    return PolicyTrust(rules, source, str(path), sha256_hex(data), tuple(reader.files))


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
        from cryptography import x509  # noqa: PLC0415 - only policies with authorities need it

        found: list[Certificate] = []
        for text in texts:
            try:
                found += x509.load_pem_x509_certificates(self._bytes(text))
            except ValueError as error:
                raise KeyFileError(
                    f"{where}: no certificates in PEM form",
                    hint="Give the authority's root certificates, as PEM.",
                    path=self._path(text),
                ) from error
        return tuple(found)

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
            approvals=dict(require.approvals),
        ),
        authorities=tuple(_authority(each, reader) for each in file.authorities),
        logs=tuple(Log(each.origin, each.keys, each.cosigners) for each in file.logs),
        strict_layout=file.layout == "strict",
    )


def _principal(signer: SignerSection, reader: _Reader) -> Principal:
    own = _validity(signer)
    return Principal(
        name=signer.name,
        kind=signer.kind,
        keys=tuple(_key(each, own, reader, signer.name) for each in signer.keys),
        require=signer.require,
        role=signer.role,
        projects=signer.projects,
        statements=frozenset(signer.allowed),
    )


def _key(key: str | KeySection, own: Validity, reader: _Reader, signer: str) -> TrustedKey:
    where = f"signer {signer!r}"
    if isinstance(key, str):
        return TrustedKey(reader.key(key, where), (own,))
    return TrustedKey(reader.key(key.key, where), (own, _validity(key)))


def _validity(section: SignerSection | KeySection) -> Validity:
    return Validity(section.not_before, section.not_after, section.revoked_at, section.reason)


def _authority(section: AuthoritySection, reader: _Reader) -> Authority:
    where = f"authority {section.name!r}"
    return Authority(
        section.name,
        reader.certificates(section.roots, where),
        reader.certificates(section.intermediates, where),
    )
