"""The file `trust.toml`: who may sign what, when, and what else a verifier requires.

These are its fields as written; `auditkit.trust.load` reads the keys it names and makes the
rules that verification goes by. `schemas/trust.v1.json` is generated from here, and
`docs/formats/trust.md` explains it.
"""

from __future__ import annotations

import tomllib
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from auditkit.errors import ConfigError
from auditkit.manifest.types import Line

MAX_POLICY_BYTES = 1024 * 1024

VerifierKey = Annotated[str, msgspec.Meta(pattern=r"^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+\Z")]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""RFC 3339 with an offset, so that it means the same everywhere."""
Reason = Literal["compromise", "superseded", "retired", "affiliation-changed"]
Statement = Literal["training-run", "approval", "verification", "erasure", "report"]
Positive = Annotated[int, msgspec.Meta(ge=1, le=1000)]


class _Section(
    msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True
):
    pass


class _Window(_Section, frozen=True, kw_only=True):
    not_before: Instant | None = None
    not_after: Instant | None = None
    revoked_at: Instant | None = None
    reason: Reason | None = None

    def __post_init__(self) -> None:
        if (self.revoked_at is None) != (self.reason is None):
            raise ValueError("revoked-at and reason go together")
        if self.not_before and self.not_after and self.not_before >= self.not_after:
            raise ValueError("not-before is not before not-after")


class KeySection(_Window, frozen=True, kw_only=True):
    """One key of a signer, with a validity of its own."""

    key: str


class CertificateSection(_Section, frozen=True, kw_only=True):
    """A signer whose key is in a certificate that one of these authorities issued to it."""

    roots: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    identities: Annotated[tuple[Line, ...], msgspec.Meta(min_length=1)]
    intermediates: tuple[str, ...] = ()
    crls: tuple[str, ...] = ()
    require_crl: bool = False


class SignerSection(_Window, frozen=True, kw_only=True):
    """A named principal. However many keys it has, it counts once."""

    name: Line
    kind: Literal["machine", "person"]
    keys: tuple[str | KeySection, ...] = ()
    certificate: CertificateSection | None = None
    require: Literal["all", "any"] = "any"
    role: Line | None = None
    projects: tuple[Line, ...] | None = None
    statements: tuple[Statement, ...] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.keys and self.certificate is None:
            raise ValueError("a signer needs keys or a certificate")
        if self.kind == "machine" and "approval" in (self.statements or ()):
            raise ValueError("a machine cannot approve")
        if self.kind == "person" and "approval" in self.allowed and self.role is None:
            raise ValueError("a person who approves needs a role")

    @property
    def allowed(self) -> tuple[Statement, ...]:
        """What it may sign: machines training runs and persons approvals, unless stated."""
        if self.statements is not None:
            return self.statements
        return ("training-run",) if self.kind == "machine" else ("approval",)


class RequireSection(_Section, frozen=True, kw_only=True):
    """What a manifest needs besides one trusted signature."""

    signatures: Positive = 1
    timestamp: bool = False
    log: bool = False
    consistency: bool = False
    steps: tuple[Literal["log", "lineage", "code"], ...] = ()
    approvals: dict[Line, Positive] = {}


class AlgorithmSection(_Section, frozen=True, kw_only=True):
    """Which keys are strong enough."""

    allowed: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] | None = None
    minimum_rsa_bits: Annotated[int, msgspec.Meta(ge=3072, le=16384)] = 3072


class AuthoritySection(_Section, frozen=True, kw_only=True):
    """A time-stamping authority, known by its root certificates."""

    name: Line
    roots: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    intermediates: tuple[str, ...] = ()


class LogSection(_Section, frozen=True, kw_only=True):
    """A transparency log: its origin, and the keys of the log and of its cosigners."""

    origin: Line
    keys: Annotated[tuple[VerifierKey, ...], msgspec.Meta(min_length=1)]
    cosigners: tuple[VerifierKey, ...] = ()
    cosignatures: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None

    @property
    def needed(self) -> int:
        """How many cosigners must have signed: one where any are named, unless stated."""
        return min(1, len(self.cosigners)) if self.cosignatures is None else self.cosignatures


class PolicyFile(_Section, frozen=True, kw_only=True):
    """The whole of `trust.toml`."""

    version: Literal[1]
    signers: Annotated[tuple[SignerSection, ...], msgspec.Meta(min_length=1)]
    description: str | None = None
    layout: Literal["any", "strict"] = "any"
    require: RequireSection = RequireSection()
    algorithms: AlgorithmSection = AlgorithmSection()
    authorities: tuple[AuthoritySection, ...] = ()
    logs: tuple[LogSection, ...] = ()


def decode_policy(data: bytes) -> PolicyFile:
    """Return the policy in `data`, TOML 1.0 in UTF-8.

    Raises:
        ConfigError: not TOML, an unknown or missing field, or a value that a field cannot have.
    """
    try:
        return msgspec.convert(tomllib.loads(data.decode()), PolicyFile)
    except (ValueError, RecursionError) as error:  # TOML, UTF-8 and type errors alike
        raise ConfigError(
            f"not a trust policy ({error})",
            hint="See docs/formats/trust.md for all fields. Times are written like "
            "2027-01-31T00:00:00Z.",
        ) from error
