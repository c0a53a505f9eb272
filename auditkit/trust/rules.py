"""What verification goes by: principals with their keys, and what is required of them.

One trusted key is the smallest set of rules; `trust.toml` makes the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, Protocol

from auditkit.findings import Trust
from auditkit.manifest.codec import Preview
from auditkit.schemes import STATEMENT_FAMILIES
from auditkit.signing.keys import PublicKey

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


@dataclass(frozen=True, slots=True)
class Validity:
    """When a key may be used. Times are aware; `reason` says why it was revoked."""

    not_before: datetime | None = None
    not_after: datetime | None = None
    revoked_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key, and every validity that binds it: its own and its principal's."""

    public_key: PublicKey
    validity: tuple[Validity, ...] = ()


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody or something that signs, under one name however many keys it has.

    `statements` are kinds of statement and `projects` patterns in which `*` stands for any
    text; None allows everything.
    """

    name: str
    kind: Literal["machine", "person"]
    keys: tuple[TrustedKey, ...]
    require: Literal["all", "any"] = "any"
    role: str | None = None
    projects: tuple[str, ...] | None = None
    statements: frozenset[str] | None = None

    def signs(self, statement: str) -> bool:
        """Return whether it may sign this kind of statement."""
        return self.statements is None or statement in self.statements

    def objection(self, preview: Preview) -> str | None:
        """Return why this principal may not sign what `preview` shows; None if it may."""
        if self.statements is not None:
            families = (STATEMENT_FAMILIES[each] for each in self.statements)
            if not (preview.predicate_type or "").startswith(tuple(families)):
                return f"may not sign {preview.predicate_type or 'what has no predicate type'}"
        if self.projects is not None:
            project = preview.project
            if project is None:
                return "may not sign what names no project"
            if not any(fnmatchcase(project, pattern) for pattern in self.projects):
                return f"may not sign for the project {project}"
        return None


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a manifest needs. `approvals` are numbers of persons by role."""

    signatures: int = 1
    timestamp: bool = False
    steps: frozenset[str] = frozenset()
    approvals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamping authority whose word counts."""

    name: str
    roots: tuple[Certificate, ...]
    intermediates: tuple[Certificate, ...] = ()


@dataclass(frozen=True, slots=True)
class Log:
    """A transparency log whose word counts; keys are verifier keys (C2SP signed-note)."""

    origin: str
    keys: tuple[str, ...]
    cosigners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything a verifier decided to trust and to require."""

    principals: tuple[Principal, ...]
    require: Requirements = Requirements()
    authorities: tuple[Authority, ...] = ()
    logs: tuple[Log, ...] = ()
    strict_layout: bool = False

    def all_keys(self) -> Iterator[tuple[Principal, TrustedKey]]:
        """Yield every trusted key with whose it is; no key belongs to two principals."""
        for principal in self.principals:
            for key in principal.keys:
                yield principal, key

    def find(self, keyids: Iterable[str]) -> tuple[Principal, ...]:
        """Return the principals that have one of these keys."""
        wanted = frozenset(keyids)
        return tuple(
            principal
            for principal in self.principals
            if any(key.public_key.keyid in wanted for key in principal.keys)
        )


class TrustSource(Protocol):
    """Rules, and where they come from: never from the evidence itself."""

    @property
    def rules(self) -> Rules:
        """What verification goes by."""

    def describe(self) -> Trust:
        """Return what a verdict says about this trust."""
