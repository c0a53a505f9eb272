"""Verified evidence: what a report is rendered from. Frozen, complete, no I/O behind it."""

from __future__ import annotations

from typing import Literal

import msgspec

from auditkit.findings import TargetVerdict, Verdict
from auditkit.manifest.model import Statement
from auditkit.schemes import LINEAGE_SCHEMA


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file handed to the reader beside the pages, byte for byte as it was read."""

    name: str
    media_type: str
    description: str
    content: bytes


class InventoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded file: relative POSIX path, size in bytes, digests in hex, rows where counted.

    Digests beside SHA-256 are there where they were recorded.
    """

    path: str
    size: int
    sha256: str
    rows: int | None = None
    sha512: str | msgspec.UnsetType = msgspec.UNSET
    blake3: str | msgspec.UnsetType = msgspec.UNSET


class InventoryExcerpt(msgspec.Struct, frozen=True, kw_only=True):
    """The first files of a data set's inventory; `total` says how many there are."""

    dataset: str
    entries: tuple[InventoryEntry, ...]
    total: int


Direction = Literal["upstream", "downstream", "both"]
"""Towards what a thing was made from, towards what was made from it, or both ways."""


class LineageRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run in a chain of runs. `missing` is one that others name and nobody has.

    `recorded_at` is the recording machine's own clock.
    """

    id: str
    manifest: str
    run: str
    project: str | None = None
    name: str | None = None
    status: str | None = None
    recorded_at: str | None = None
    missing: bool = False


class LineageData(msgspec.Struct, frozen=True, kw_only=True):
    """Data by its digest, whatever runs call it; counts are None where no run recorded it alone.

    `names` are what runs call it, and `locations` where they recorded it.
    """

    id: str
    kind: str
    algorithm: str
    value: str
    names: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    files: int | None = None
    bytes: int | None = None
    rows: int | None = None


class LineageEdge(msgspec.Struct, frozen=True, kw_only=True):
    """A step from cause to effect, by the ids of two nodes.

    `derived` follows from equal digests, `declared` from the word of whoever recorded the run.
    `same-rows` joins two layouts of the same rows, `inside` a file and a folder that has it. With
    `later` the cause was recorded after the effect.
    """

    source: str
    target: str
    kind: Literal["wrote", "read", "same-rows", "inside", "parent"]
    basis: Literal["derived", "declared"]
    name: str = ""
    later: bool = False


class LineageIssue(msgspec.Struct, frozen=True, kw_only=True):
    """Something about a node that keeps its lineage from being certain or complete."""

    kind: Literal["missing-parent", "ambiguous", "later", "cycle", "truncated"]
    subject: str
    detail: str


class LineageGraph(msgspec.Struct, frozen=True, kw_only=True):
    """What is upstream or downstream of `origins`, up to `depth` runs away (None: all)."""

    origins: tuple[str, ...]
    direction: Direction
    depth: int | None
    runs: tuple[LineageRun, ...]
    data: tuple[LineageData, ...]
    edges: tuple[LineageEdge, ...]
    issues: tuple[LineageIssue, ...] = ()
    schema: str = LINEAGE_SCHEMA


class SignedBundle(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle whose signature verified and counts; `has_certificate` if one names the key."""

    bundle: str
    keyid: str
    algorithm: str
    has_certificate: bool = False


RetentionOutcome = Literal["kept", "lost", "too-early", "unknown", "erased"]
"""What becomes of a version; `erased` was lawfully deleted, on the word of an erasure."""


class RetentionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded version: until when it is readable, and what decides that.

    `readable_until` is None where no date is known. `keep_until` is counted from the record's own
    time.
    """

    run: str
    project: str
    manifest: str
    dataset: str
    role: str
    format: str
    location: str
    version: str | None
    outcome: RetentionOutcome
    readable_until: str | None
    keep_until: str
    setting: str
    detail: str
    action: str


class RunRetention(msgspec.Struct, frozen=True, kw_only=True):
    """Until when the data of one run can be read, as the stores said at `checked_at`."""

    checked_at: str
    years: int
    rows: tuple[RetentionRow, ...]


class RunEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """One run: its verdict and, if it was authenticated, its manifest and sidecars.

    `statement` is None where steps 1-4 did not pass: nothing unauthenticated is printed as fact.
    `packages` are (name, version) pairs of the recorded distributions. `lineage` has the trusted
    runs and data that lead to the run; None where earlier runs were not looked for. `retention` is
    None where the stores were not asked.
    """

    verdict: TargetVerdict
    statement: Statement | None = None
    manifest_digest: str | None = None
    keyid: str | None = None
    signatures: tuple[SignedBundle, ...] = ()
    inventories: tuple[InventoryExcerpt, ...] = ()
    packages: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    lineage: LineageGraph | None = None
    retention: RunRetention | None = None


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What a report states: a verdict and the runs it is about.

    `verified_now` is False when the verdict was read from a file instead of made by this run.
    `policy` is the trust policy that the verdict names, where one was used and is at hand.
    """

    verdict: Verdict
    runs: tuple[RunEvidence, ...]
    verified_now: bool
    policy: Attachment | None = None
