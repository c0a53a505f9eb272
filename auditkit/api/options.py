"""What a capture is asked to do: frozen, complete before anything long begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from auditkit.api.citations import CitationRequest
from auditkit.api.record import Recording
from auditkit.api.stamping import Stamping
from auditkit.datasets.base import Reference
from auditkit.digests import FURTHER_DIGESTS, FurtherDigest, in_order
from auditkit.errors import UsageError
from auditkit.manifest.model import Declarations, Declared, Split
from auditkit.schemes import EVIDENCE_DIR, OUTPUT_ROLE
from auditkit.signing.signer import Signer
from auditkit.stores.s3_client import S3Settings

ContentChoice = Literal["sequence", "bag", "none"]
"""Digests over the rows of tables: in their order, in any order, or none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRequest:
    """One data set or output to record. `base` is what a relative location starts from.

    `content` says which digest over its rows a table gets, None what suits its format; with `bag`,
    `row_digests` keeps those of single rows too. `digests` are recorded of every file beside
    SHA-256.
    """

    name: str
    reference: Reference
    base: Path
    role: str = "input"
    excluded: tuple[str, ...] = ()
    schema_version: str | None = None
    content: ContentChoice | None = None
    row_digests: bool = False
    digests: tuple[FurtherDigest, ...] = ()
    declared: Declared | None = None

    def __post_init__(self) -> None:
        """Raises UsageError for an unknown digest, and for row digests without `bag`."""
        try:
            in_order(self.digests)
        except ValueError as error:
            raise UsageError(
                str(error), hint=f"There are {' and '.join(FURTHER_DIGESTS)}."
            ) from error
        if self.row_digests and self.content != "bag":
            raise UsageError(
                f"data set {self.name!r}: row digests go with `bag` only",
                hint="Leave them out, or choose `bag`; `sequence` names rows without them.",
            )

    @property
    def is_output(self) -> bool:
        """Whether the run wrote it."""
        return self.role == OUTPUT_ROLE


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureOptions:
    """Everything a capture needs to know.

    `root` is the project's folder: locations inside it are recorded relative to it. `output` is
    a bundle file to write instead of a folder under `evidence_dir`. Each of the `signers` makes a
    bundle of its own; without any the manifest is written unsigned. `metric_files` are read once
    a wrapped command has ended. `citations` are inputs on another run's word. With `stamping` each
    signature gets time-stamp tokens; with `recording` signed evidence goes into a registry.
    `warnings` are known before anything is read, and recorded. `s3` is how buckets are reached.
    """

    project: str
    root: Path
    signers: tuple[Signer, ...]
    stamping: Stamping | None = None
    recording: Recording | None = None
    name: str | None = None
    datasets: tuple[DatasetRequest, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    metric_files: tuple[Path, ...] = ()
    splits: tuple[Split, ...] = ()
    declarations: Declarations | None = None
    citations: tuple[CitationRequest, ...] = ()
    parents: tuple[str, ...] = ()
    evidence_dir: Path = Path(EVIDENCE_DIR)
    output: Path | None = None
    variables: tuple[str, ...] = ()
    attempt: int | None = None
    recorded_options: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    s3: S3Settings = field(default_factory=S3Settings)
