"""What adapters are asked to plan."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit.datasets.base import Reference
from auditkit.manifest.model import Dataset

if TYPE_CHECKING:
    from auditkit.datasets.inventory import Inventory


@dataclass(frozen=True, slots=True)
class Recorded:
    """A data set as a manifest has it, and its inventory, None where that is missing or bad."""

    dataset: Dataset
    inventory: Inventory | None


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """The arguments of `auditkit.datasets.planning.plan`, for the adapter of a format."""

    reference: Reference
    base: Path
    excluded: tuple[str, ...] = ()
    collect: bool = False
    recorded: Recorded | None = None
