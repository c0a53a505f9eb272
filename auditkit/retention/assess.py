"""The fate of one recorded version: is it there, and what does its store do with it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from auditkit.datasets.base import Plan, Reference
from auditkit.datasets.planning import plan
from auditkit.datasets.requests import Recorded
from auditkit.errors import AuditkitError, DataNotFoundError, EmptyDatasetError
from auditkit.manifest.model import Dataset
from auditkit.retention.horizon import Horizon
from auditkit.retention.presence import lost, missing

_LOCAL: Final = Horizon(
    "open",
    "none: plain local files",
    "whoever may write there can change or remove them",
    "Keep a copy in a bucket with versions and Object Lock for as long as the record, and record "
    "that copy.",
)


def horizons(recorded: Recorded, reference: Reference, base: Path) -> list[Horizon]:
    """Return what decides until when a recorded version can be read.

    Everything in the result is needed to read it. `reference` says where it is now, from `base` on.
    No bytes are read but of files that name others.
    """
    try:
        found = plan(
            reference,
            base=base,
            excluded=recorded.dataset.inventory.excluded,
            collect=True,
            recorded=recorded,
        )
    except (DataNotFoundError, EmptyDatasetError) as error:
        return [lost(f"it is not there any more: {error.message}")]
    except AuditkitError as error:
        return [
            Horizon(
                "unknown",
                "access",
                f"it cannot be looked at: {error.message}",
                error.hint or "Give auditkit access to it, and run this again.",
            )
        ]
    absent = missing(recorded.dataset, recorded.inventory, found)
    return [absent] if absent else [_protection(recorded.dataset, found)]


def _protection(dataset: Dataset, found: Plan) -> Horizon:
    if found.dvc is None or dataset.dvc is None:
        return _LOCAL
    from auditkit.datasets.dvc.keepers import find_keepers  # noqa: PLC0415 -- YAML, pathspec
    from auditkit.retention.dvc import dvc_horizon  # noqa: PLC0415

    return dvc_horizon(dataset.dvc, find_keepers(found.dvc)) or _LOCAL
