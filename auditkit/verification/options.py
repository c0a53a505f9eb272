"""What a verification is asked to do, and by whose trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from auditkit.datasets.base import Reference
from auditkit.execution.executor import Executor, LocalExecutor
from auditkit.execution.progress import Progress, SilentProgress
from auditkit.findings import Against
from auditkit.stores.s3_client import S3Settings
from auditkit.trust.rules import TrustSource
from auditkit.verification.log_view import LogView

Mode = Literal["full", "metadata", "inspect"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOptions:
    """Settings of one verification; none of them ever comes from the evidence.

    Relative locations start from `data_root`. `data` overrides where single data sets are.
    `against` tells whether data sets with versions are read at the recorded one, or as they are
    now. `only` restricts steps 9 and 10 to these names; empty means all. `parents` is where earlier
    runs are looked for, and `log` says whose logs count and which registry to ask. With
    `checksums` those that buckets state are compared in metadata mode; `s3` is how buckets are
    reached. `now` is the verifier's clock, which tells whether keys are still good, and
    what retention may have removed.
    """

    trust: TrustSource | None
    data_root: Path
    mode: Mode = "full"
    against: Against = "recorded"
    data: Mapping[str, Reference] = field(default_factory=dict)
    only: frozenset[str] = frozenset()
    repo: Path | None = None
    parents: tuple[Path, ...] = ()
    log: LogView | None = None
    checksums: bool = False
    s3: S3Settings = field(default_factory=S3Settings)
    executor: Executor = field(default_factory=LocalExecutor)
    progress: Progress = field(default_factory=SilentProgress)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
