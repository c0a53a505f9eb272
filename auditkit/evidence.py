"""Verified evidence: what a report is rendered from. Frozen, complete, no I/O behind it."""

from __future__ import annotations

import msgspec

from auditkit.findings import TargetVerdict, Verdict
from auditkit.manifest.model import Statement


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file handed to the reader beside the pages, byte for byte as it was read."""

    name: str
    media_type: str
    description: str
    content: bytes


class InventoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded file: relative POSIX path, size in bytes, SHA-256 hex, rows where counted."""

    path: str
    size: int
    sha256: str
    rows: int | None = None


class InventoryExcerpt(msgspec.Struct, frozen=True, kw_only=True):
    """The first files of a data set's inventory; `total` says how many there are."""

    dataset: str
    entries: tuple[InventoryEntry, ...]
    total: int


class RunEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """One run: its verdict and, if it was authenticated, its manifest and sidecars.

    `statement` is None where steps 1-4 did not pass: nothing unauthenticated is printed as fact.
    `packages` are (name, version) pairs of the recorded distributions.
    """

    verdict: TargetVerdict
    statement: Statement | None = None
    manifest_digest: str | None = None
    keyid: str | None = None
    inventories: tuple[InventoryExcerpt, ...] = ()
    packages: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What a report states: a verdict and the runs it is about.

    `verified_now` is False when the verdict was read from a file instead of made by this run.
    """

    verdict: Verdict
    runs: tuple[RunEvidence, ...]
    verified_now: bool
