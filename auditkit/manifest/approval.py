"""An approval: a named person's word about one manifest, signed with that person's own key.

It says who, in which role, what the signature means, and when, as 21 CFR 11.50 asks of signed
records, and it is bound to the record by the manifest's digest, as 11.70 asks.
`schemas/approval.v1.json` is generated from here.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from auditkit.manifest.about import RunRef, about, manifest_of
from auditkit.manifest.codec import decode_typed
from auditkit.manifest.model import Subject
from auditkit.manifest.types import Line, Record, Timestamp
from auditkit.schemes import APPROVAL_FAMILY, APPROVAL_VERSION


class Approval(Record, frozen=True, kw_only=True):
    """The predicate `urn:auditkit:approval:v1`."""

    version: Annotated[str, msgspec.Meta(pattern=r"^1\.(0|[1-9][0-9]{0,5})\Z")]
    run: RunRef
    name: Line
    role: Line
    meaning: Line
    approved_at: Timestamp


class ApprovalStatement(Record, frozen=True, kw_only=True):
    """in-toto Statement v1 about one manifest."""

    type_: Literal["https://in-toto.io/Statement/v1"] = msgspec.field(name="_type")
    subject: Annotated[tuple[Subject, ...], msgspec.Meta(min_length=1, max_length=1)]
    predicate_type: Literal["urn:auditkit:approval:v1"]
    predicate: Approval

    @property
    def manifest(self) -> str:
        """SHA-256 of the approved manifest's payload, hex."""
        return manifest_of(self.subject, self.predicate.run)


def encode_approval(manifest: str, approval: Approval) -> bytes:
    """Return the payload of an approval of the manifest with this SHA-256 (hex)."""
    statement = ApprovalStatement(
        type_="https://in-toto.io/Statement/v1",
        subject=about(approval.run, manifest),
        predicate_type="urn:auditkit:approval:v1",
        predicate=approval,
    )
    return msgspec.json.encode(statement)


def decode_approval(payload: bytes) -> ApprovalStatement:
    """Return the approval in `payload`.

    Raises:
        ManifestVersionError: a newer major version.
        ManifestError: not an approval, or one whose subject is not the run it names.
    """
    statement, _ = decode_typed(payload, ApprovalStatement, APPROVAL_FAMILY, APPROVAL_VERSION)
    manifest_of(statement.subject, statement.predicate.run)
    return statement
