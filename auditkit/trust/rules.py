"""What verification goes by: principals with their keys, and what is required of them.

One trusted key is the smallest set of rules; `trust.toml` makes the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, Protocol

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from auditkit.findings import Trust
from auditkit.manifest.codec import Preview
from auditkit.registry.authenticity import TrustedLog
from auditkit.schemes import STATEMENT_FAMILIES
from auditkit.signing.keys import PublicKey

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, CertificateRevocationList

    from auditkit.trust.identity import Identity


@dataclass(frozen=True, slots=True)
class Validity:
    """When a key may be used. Times are aware; `reason` says why it was revoked."""

    not_before: datetime | None = None
    not_after: datetime | None = None
    revoked_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key with its own validity; its principal's binds it too."""

    public_key: PublicKey
    validity: Validity = Validity()


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """Authorities whose certificates make a key that of a principal, if they name it so.

    `identities` are the names of which one must be in the leaf. The leaf comes from the bundle,
    all else from here.
    """

    roots: tuple[Certificate, ...]
    identities: tuple[Identity, ...]
    intermediates: tuple[Certificate, ...] = ()
    crls: tuple[CertificateRevocationList, ...] = ()
    require_crl: bool = False


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody or something that signs, under one name however many keys it has.

    `statements` are kinds of statement and `projects` patterns in which `*` stands for any
    text; None allows everything.
    """

    name: str
    kind: Literal["machine", "person"]
    keys: tuple[TrustedKey, ...] = ()
    issuer: TrustedIssuer | None = None
    validity: Validity = Validity()
    require: Literal["all", "any"] = "any"
    role: str | None = None
    projects: tuple[str, ...] | None = None
    statements: frozenset[str] | None = None

    @property
    def needed(self) -> int:
        """With how many of its keys it must sign; a certificate counts as one."""
        return len(self.keys) + (self.issuer is not None) if self.require == "all" else 1

    def signs(self, statement: str) -> bool:
        """Return whether it may sign this kind of statement."""
        return self.statements is None or statement in self.statements

    def objection(self, preview: Preview) -> str | None:
        """Return why this principal may not sign what `preview` shows; None if it may."""
        if self.statements is not None:
            families = (
                family for kind, family in STATEMENT_FAMILIES.items() if kind in self.statements
            )
            if not (preview.predicate_type or "").startswith(tuple(families)):
                return f"may not sign {preview.predicate_type or 'what has no predicate type'}"
        if self.projects is not None:
            project = preview.project
            if project is None:
                return "may not sign what names no project"
            if not self.covers(project):
                return f"may not sign for the project {project}"
        return None

    def covers(self, project: str) -> bool:
        """Return whether it may sign for this project."""
        return self.projects is None or any(fnmatchcase(project, each) for each in self.projects)


@dataclass(frozen=True, slots=True)
class Strength:
    """Which keys are strong enough, in the eyes of this verifier. None allows all algorithms."""

    algorithms: frozenset[str] | None = None
    minimum_rsa_bits: int = 0

    def objection(self, key: PublicKey) -> str | None:
        """Return why `key` is not strong enough; None if it is."""
        if self.algorithms is not None and key.algorithm not in self.algorithms:
            return f"has a key for {key.algorithm}, which is not allowed"
        loaded = serialization.load_der_public_key(key.spki)
        if isinstance(loaded, rsa.RSAPublicKey) and loaded.key_size < self.minimum_rsa_bits:
            return f"has an RSA key of {loaded.key_size} bits, fewer than {self.minimum_rsa_bits}"
        return None


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a manifest needs. `approvals` are numbers of persons by role.

    With `consistency` a log must be held against an earlier checkpoint of it.
    """

    signatures: int = 1
    timestamp: bool = False
    steps: frozenset[str] = frozenset()
    consistency: bool = False
    approvals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamping authority whose word counts."""

    name: str
    roots: tuple[Certificate, ...]
    intermediates: tuple[Certificate, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything a verifier decided to trust and to require."""

    principals: tuple[Principal, ...]
    require: Requirements = Requirements()
    strength: Strength = Strength()
    authorities: tuple[Authority, ...] = ()
    logs: tuple[TrustedLog, ...] = ()
    strict_layout: bool = False

    def all_keys(self) -> Iterator[tuple[Principal, TrustedKey]]:
        """Yield every trusted key with whose it is; no key belongs to two principals."""
        for principal in self.principals:
            for key in principal.keys:
                yield principal, key


class TrustSource(Protocol):
    """Rules, and where they come from: never from the evidence itself."""

    @property
    def rules(self) -> Rules:
        """What verification goes by."""

    def describe(self) -> Trust:
        """Return what a verdict says about this trust."""
