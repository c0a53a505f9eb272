"""Findings and verdicts: values that say what was checked, what came of it, and what was not.

The JSON form of `Verdict` is described by `schemas/verdict.v1.json`, generated from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from auditkit.schemes import VERDICT_SCHEMA

Status = Literal["passed", "failed", "indeterminate", "skipped"]
Overall = Literal["passed", "failed", "indeterminate"]
Condition = Literal[
    "intact", "relaid", "altered", "missing", "expired", "erased", "unreadable", "unchecked"
]

Against = Literal["recorded", "latest"]
"""Data sets with versions are read at the recorded one, or as they are now."""

STEPS: dict[int, str] = {
    1: "envelope",
    2: "signature",
    3: "signer",
    4: "manifest",
    5: "log",
    6: "sidecar",
    7: "lineage",
    8: "code",
    9: "dataset",
    10: "output",
}
"""Step numbers and their names, the same in code, documentation and reports."""

EXIT_PASSED = 0
EXIT_FAILED = 10
EXIT_INDETERMINATE = 11


class _Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


class Location(_Value, frozen=True, kw_only=True):
    """Where in a data set: as far down as the evidence allows. Row numbers are inclusive."""

    file: str | None = None
    row_group: int | None = None
    column: str | None = None
    rows: tuple[int, int] | None = None


class Finding(_Value, frozen=True, kw_only=True):
    """One check's outcome. `subject` is the data set, sidecar or key that was looked at."""

    step: int
    check: str
    subject: str
    status: Status
    detail: str
    expected: str | None = None
    found: str | None = None
    location: Location | None = None


class Coverage(_Value, frozen=True, kw_only=True, omit_defaults=False):
    """How much of a data set was re-read in this verification, out of how much was recorded.

    `rows` are None where the record has none (format `files`).
    """

    mode: Literal["full", "metadata", "none"]
    files: int
    files_total: int
    bytes: int
    bytes_total: int
    rows: int | None = None
    rows_total: int | None = None


class DatasetVerdict(_Value, frozen=True, kw_only=True):
    """What became of one data set or output, and how much of it was looked at."""

    name: str
    role: str
    condition: Condition
    status: Status
    coverage: Coverage
    location: str | None = None
    note: str | None = None


class ApprovalVerdict(_Value, frozen=True, kw_only=True):
    """A person's approval whose signature verified. `status` is passed or indeterminate.

    `approved_at` is by the approver's own clock; `known_since` by a time-stamp token.
    """

    name: str
    role: str
    meaning: str
    approved_at: str
    bundle: str
    keyids: tuple[str, ...]
    status: Status
    known_since: str | None = None


class TimestampVerdict(_Value, frozen=True, kw_only=True):
    """What one time-stamp token over a signature is worth. `status` is passed or skipped.

    `token` names the file that holds it: the bundle itself, or one beside it. `authority` and
    `at`, RFC 3339 in UTC, are None where it proves nothing; `detail` then says why.
    """

    signer: str
    bundle: str
    token: str
    status: Status
    detail: str
    authority: str | None = None
    at: str | None = None


class LogStamp(_Value, frozen=True, kw_only=True):
    """A time-stamp token over a log's checkpoint: it existed by `at`, says the authority."""

    at: str
    authority: str
    token: str


class LogCheckpoint(_Value, frozen=True, kw_only=True):
    """The state of a log that a manifest was found in: a witness for the next verification.

    `root` is hex. `note` is the whole signed note (C2SP tlog-checkpoint), as it was read;
    `cosigners` are those that the verifier trusts, `stamps` the tokens that count.
    """

    origin: str
    size: int
    root: str
    note: str
    cosigners: tuple[str, ...] = ()
    stamps: tuple[LogStamp, ...] = ()


class TargetVerdict(_Value, frozen=True, kw_only=True):
    """All findings about one manifest."""

    source: str
    status: Overall
    findings: tuple[Finding, ...]
    run: str | None = None
    project: str | None = None
    name: str | None = None
    manifest: str | None = None
    datasets: tuple[DatasetVerdict, ...] = ()
    signers: tuple[str, ...] = ()
    approvals: tuple[ApprovalVerdict, ...] = ()
    checkpoint: LogCheckpoint | None = None
    timestamps: tuple[TimestampVerdict, ...] = ()


class TrustFile(_Value, frozen=True, kw_only=True):
    """A key or certificate that a trust policy names, as it was read. `sha256` is hex."""

    path: str
    sha256: str


class TrustedSigner(_Value, frozen=True, kw_only=True):
    """Whom a trust policy lets sign what. `projects` are patterns; None means all."""

    name: str
    kind: Literal["machine", "person"]
    statements: tuple[str, ...]
    role: str | None = None
    projects: tuple[str, ...] | None = None


class TrustRequirements(_Value, frozen=True, kw_only=True, omit_defaults=False):
    """What a trust policy demands of every manifest. `approvals` are numbers of persons by role."""

    signatures: int
    timestamp: bool
    approvals: dict[str, int]
    steps: tuple[str, ...]
    strict_layout: bool


class Trust(_Value, frozen=True, kw_only=True, omit_defaults=False):
    """What the verifier trusted, and where that came from: never from the evidence itself.

    `files` are what a policy refers to; its own digest is `sha256`. `signers`, `requires` and
    `authorities` are what it says; without a policy they are empty.
    """

    kind: Literal["key", "policy", "none"]
    source: Literal["flag", "environment", "project", "user", "api", "none"]
    file: str | None = None
    sha256: str | None = None
    keyid: str | None = None
    algorithm: str | None = None
    note: str | None = None
    files: tuple[TrustFile, ...] = ()
    signers: tuple[TrustedSigner, ...] = ()
    requires: TrustRequirements | None = None
    authorities: tuple[str, ...] = ()


class Tool(_Value, frozen=True, kw_only=True, omit_defaults=False):
    """The program that verified."""

    name: str
    version: str


class Verdict(_Value, frozen=True, kw_only=True, omit_defaults=False):
    """Everything one verification found. Rendered by reports, printed by the command line.

    `only` are the data sets it was restricted to; empty means all of them. `against` tells which
    version of those that have versions was read.
    """

    status: Overall
    tool: Tool
    verified_at: str
    mode: Literal["full", "metadata", "inspect"]
    trust: Trust
    targets: tuple[TargetVerdict, ...]
    only: tuple[str, ...] = ()
    against: Against = "recorded"
    schema: str = VERDICT_SCHEMA

    @property
    def exit_code(self) -> int:
        """The process exit code that tells the same."""
        return {"passed": EXIT_PASSED, "failed": EXIT_FAILED}.get(self.status, EXIT_INDETERMINATE)


def overall(statuses: Iterable[Status]) -> Overall:
    """Return the status of a whole from its parts.

    Any failed makes it failed; else any indeterminate makes it indeterminate; otherwise it
    passed if at least one part passed. Skipped alone is never passed.
    """
    found = set(statuses)
    if "failed" in found:
        return "failed"
    if "indeterminate" in found or "passed" not in found:
        return "indeterminate"
    return "passed"


def encode_verdict(verdict: Verdict) -> bytes:
    """Return the verdict as indented JSON, ending in a newline."""
    return msgspec.json.format(msgspec.json.encode(verdict), indent=1) + b"\n"


def decode_verdict(data: bytes) -> Verdict:
    """Return the verdict in `data`; raises ValueError if it is not one."""
    verdict = msgspec.json.decode(data, type=Verdict)
    if verdict.schema != VERDICT_SCHEMA:
        raise ValueError(f"not a verdict: schema is {verdict.schema[:100]!r}")
    return verdict
