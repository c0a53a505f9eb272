"""An erasure: somebody's word that recorded data was deleted, why, and on whose authority.

It excuses bytes that are gone, never bytes that differ. `schemas/erasure.v1.json` is generated from
here.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from auditkit.manifest.about import RunRef, about, manifest_of
from auditkit.manifest.codec import decode_typed
from auditkit.manifest.model import Subject
from auditkit.manifest.types import Line, Name, Record, Sha256, Timestamp
from auditkit.schemes import ERASURE_FAMILY, ERASURE_VERSION


class ErasedSidecar(Record, frozen=True, kw_only=True):
    """A sidecar derived from the data, which may be deleted with it."""

    name: Name
    sha256: Sha256


class ErasedDataset(Record, frozen=True, kw_only=True):
    """The data set as the manifest has it: its name there, its root, and sidecars that may go."""

    name: Name
    root: dict[Literal["sha256", "dirHash"], Sha256]
    sidecars: tuple[ErasedSidecar, ...] = ()


class Erasure(Record, frozen=True, kw_only=True):
    """The predicate `urn:auditkit:erasure:v1`."""

    version: Annotated[str, msgspec.Meta(pattern=r"^1\.(0|[1-9][0-9]{0,5})\Z")]
    run: RunRef
    dataset: ErasedDataset
    name: Line
    role: Line
    reason: Line
    attested_at: Timestamp


class ErasureStatement(Record, frozen=True, kw_only=True):
    """in-toto Statement v1 about one manifest."""

    type_: Literal["https://in-toto.io/Statement/v1"] = msgspec.field(name="_type")
    subject: Annotated[tuple[Subject, ...], msgspec.Meta(min_length=1, max_length=1)]
    predicate_type: Literal["urn:auditkit:erasure:v1"]
    predicate: Erasure

    @property
    def manifest(self) -> str:
        """SHA-256 of the manifest's payload, hex."""
        return manifest_of(self.subject, self.predicate.run)


def encode_erasure(manifest: str, erasure: Erasure) -> bytes:
    """Return the payload of an erasure of data in the manifest with this SHA-256 (hex)."""
    statement = ErasureStatement(
        type_="https://in-toto.io/Statement/v1",
        subject=about(erasure.run, manifest),
        predicate_type="urn:auditkit:erasure:v1",
        predicate=erasure,
    )
    return msgspec.json.encode(statement)


def decode_erasure(payload: bytes) -> ErasureStatement:
    """Return the erasure in `payload`.

    Raises:
        ManifestVersionError: a newer major version.
        ManifestError: not an erasure, or one whose subject is not the run it names.
    """
    statement, _ = decode_typed(payload, ErasureStatement, ERASURE_FAMILY, ERASURE_VERSION)
    manifest_of(statement.subject, statement.predicate.run)
    return statement
