"""A verification: what somebody found when checking a manifest and its data, signed.

It shows when a run was checked and with what result, and never makes anything pass.
`schemas/verification.v1.json` is generated from here.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from auditkit.manifest.about import RunRef, about, manifest_of
from auditkit.manifest.codec import decode_typed
from auditkit.manifest.model import Subject, Tool
from auditkit.manifest.types import Count, Line, Name, Record, Sha256, Timestamp
from auditkit.schemes import VERIFICATION_FAMILY, VERIFICATION_VERSION

MOST_EXCEPTIONS: Final = 100
"""Findings that a verification lists in words; it counts the others."""

Word = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z.-]*\Z", max_length=64)]
Outcome = Literal["passed", "failed", "indeterminate", "skipped"]


class TrustRef(Record, frozen=True, kw_only=True):
    """What the verifier trusted: one key, or a policy by the SHA-256 of its file."""

    kind: Literal["key", "policy"]
    keyid: Sha256 | None = None
    sha256: Sha256 | None = None


class CheckedDataset(Record, frozen=True, kw_only=True):
    """What became of a data set or output, and how much of it was re-read, out of how much."""

    name: Name
    role: Word
    condition: Word
    status: Outcome
    files: Count
    files_total: Count
    bytes: Count
    bytes_total: Count
    rows: Count | None = None
    rows_total: Count | None = None


class CheckException(Record, frozen=True, kw_only=True):
    """A finding that did not pass and was not skipped."""

    check: Word
    subject: Line
    status: Literal["failed", "indeterminate"]
    detail: Line


class Verification(Record, frozen=True, kw_only=True):
    """The predicate `urn:auditkit:verification:v1`."""

    version: Annotated[str, msgspec.Meta(pattern=r"^1\.(0|[1-9][0-9]{0,5})\Z")]
    run: RunRef
    status: Literal["passed", "failed", "indeterminate"]
    mode: Literal["full", "metadata"]
    verified_at: Timestamp
    tool: Tool
    trust: TrustRef
    checks: dict[Outcome, Count]
    against: Literal["recorded", "latest"] = "recorded"
    only: tuple[Name, ...] = ()
    datasets: tuple[CheckedDataset, ...] = ()
    exceptions: Annotated[tuple[CheckException, ...], msgspec.Meta(max_length=MOST_EXCEPTIONS)] = ()
    more_exceptions: Count = 0

    @property
    def in_full(self) -> bool:
        """Whether everything that the manifest names was looked at, as it was recorded."""
        return self.mode == "full" and self.against == "recorded" and not self.only


class VerificationStatement(Record, frozen=True, kw_only=True):
    """in-toto Statement v1 about one manifest."""

    type_: Literal["https://in-toto.io/Statement/v1"] = msgspec.field(name="_type")
    subject: Annotated[tuple[Subject, ...], msgspec.Meta(min_length=1, max_length=1)]
    predicate_type: Literal["urn:auditkit:verification:v1"]
    predicate: Verification

    @property
    def manifest(self) -> str:
        """SHA-256 of the manifest's payload, hex."""
        return manifest_of(self.subject, self.predicate.run)


def encode_verification(manifest: str, verification: Verification) -> bytes:
    """Return the payload of a verification of the manifest with this SHA-256 (hex)."""
    statement = VerificationStatement(
        type_="https://in-toto.io/Statement/v1",
        subject=about(verification.run, manifest),
        predicate_type="urn:auditkit:verification:v1",
        predicate=verification,
    )
    return msgspec.json.encode(statement)


def decode_verification(payload: bytes) -> VerificationStatement:
    """Return the verification in `payload`.

    Raises:
        ManifestVersionError: a newer major version.
        ManifestError: not a verification, or one whose subject is not the run it names.
    """
    statement, _ = decode_typed(
        payload, VerificationStatement, VERIFICATION_FAMILY, VERIFICATION_VERSION
    )
    manifest_of(statement.subject, statement.predicate.run)
    return statement
