"""Verifications in the index: which there are of a manifest. What they say is read from them."""

from __future__ import annotations

import sqlite3
from typing import Annotated, Final, Literal

import msgspec

from auditkit.manifest.types import Sha256, Timestamp

MOST_CHECKS: Final = 10
"""The latest verifications of a manifest that are looked at for the last ones that count."""


class _Subject(msgspec.Struct, frozen=True):
    digest: dict[Literal["sha256"], Sha256]


class _Predicate(msgspec.Struct, frozen=True, rename="camel"):
    verified_at: Timestamp


class _Statement(msgspec.Struct, frozen=True, rename="camel"):
    predicate_type: Literal["urn:auditkit:verification:v1"]
    subject: Annotated[tuple[_Subject, ...], msgspec.Meta(min_length=1, max_length=1)]
    predicate: _Predicate


class CheckFacts(msgspec.Struct, frozen=True):
    """Of which manifest (its digest, hex) something is a verification, and of when."""

    manifest: str
    verified_at: str


class CheckItem(msgspec.Struct, frozen=True):
    """Where a verification is in its source: its key there, and the SHA-256 of its bytes."""

    key: str
    digest: str


_DECODER: Final = msgspec.json.Decoder(_Statement)


def check_facts(payload: bytes) -> CheckFacts | None:
    """Return what a verification is about, None for anything else."""
    try:
        statement = _DECODER.decode(payload)
    except (msgspec.DecodeError, RecursionError):
        return None
    manifest = statement.subject[0].digest.get("sha256")
    return CheckFacts(manifest, statement.predicate.verified_at) if manifest else None


def checks_of(database: sqlite3.Connection, manifest: str) -> list[CheckItem]:
    """Return the verifications that claim to be of this manifest (hex), the latest first."""
    rows = database.execute(
        "SELECT key, digest FROM checks JOIN items ON key = item WHERE manifest = ?"
        " ORDER BY at DESC, item DESC LIMIT ?",
        (bytes.fromhex(manifest), MOST_CHECKS),
    )
    return [CheckItem(str(key), str(digest)) for key, digest in rows]
