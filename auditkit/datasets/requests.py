"""What adapters are asked to plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit.datasets.base import Reference
from auditkit.manifest.model import Dataset
from auditkit.stores.s3_client import S3Settings

if TYPE_CHECKING:
    from auditkit.datasets.inventory import Inventory


@dataclass(frozen=True, slots=True)
class Recorded:
    """A data set as a manifest has it, and its inventory, None where that is missing or bad.

    `moved` says that whoever verifies named the place to look at.
    """

    dataset: Dataset
    inventory: Inventory | None
    moved: bool = False


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is to be planned, for the adapter of a format.

    `base` is what a relative location starts from. `excluded` are globs (see `parse_glob`) for
    folders; a single file is never excluded. With `collect` a file that is missing or cannot be
    listed becomes a problem of the plan. With `recorded` the files are those of the recorded
    version, or with `latest` those of the newest; `now` is the clock to judge retention by.
    `s3` are the settings of whoever runs auditkit: a manifest never has any.
    """

    reference: Reference
    base: Path
    excluded: tuple[str, ...] = ()
    collect: bool = False
    recorded: Recorded | None = None
    latest: bool = False
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    s3: S3Settings = field(default_factory=S3Settings)
