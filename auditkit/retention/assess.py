"""The fate of one recorded version: is it there, and what does its store do with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from auditkit.datasets.base import Plan
from auditkit.datasets.planning import plan_request
from auditkit.datasets.requests import PlanRequest, Recorded
from auditkit.datasets.tree import open_tree
from auditkit.errors import AuditkitError, DataNotFoundError, EmptyDatasetError, ExpiredError
from auditkit.retention.horizon import Horizon
from auditkit.retention.presence import lost, missing
from auditkit.schemes import DELTA_LOG

_LOCAL: Final = Horizon(
    "open",
    "none: plain local files",
    "whoever may write there can change or remove them",
    "Keep a copy in a bucket with versions and Object Lock for as long as the record, and record "
    "that copy.",
)


def horizons(request: PlanRequest, recorded: Recorded, keep_until: datetime) -> list[Horizon]:
    """Return what decides until when a recorded version can be read.

    Everything in the result is needed to read it. `request` says where it is now. No bytes are
    read but of files that name others.
    """
    try:
        found = plan_request(request)
        absent = missing(recorded.dataset, recorded.inventory, found)
        return [absent] if absent else list(_protection(request, recorded, found, keep_until))
    except ExpiredError as error:
        return [lost(error.message)]
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


def _protection(
    request: PlanRequest, recorded: Recorded, found: Plan, keep_until: datetime
) -> Iterator[Horizon]:
    dataset = recorded.dataset
    if found.s3 is not None:
        from auditkit.retention.s3 import s3_horizons  # noqa: PLC0415 -- an extra

        yield from s3_horizons(found, request.s3, keep_until)
        if found.s3.versions == "kept":
            return
    if dataset.delta is not None and found.delta is not None:
        from auditkit.datasets.delta.removal import find_removal  # noqa: PLC0415 -- 80 ms
        from auditkit.retention.delta import delta_horizons  # noqa: PLC0415

        needed = [each.path for each in found.parts if not each.path.startswith(DELTA_LOG)]
        removal = find_removal(open_tree(request), dataset.delta.version, needed)
        yield from delta_horizons(dataset.delta, removal, keep_until=keep_until, now=request.now)
    elif dataset.dvc is not None and found.dvc is not None:
        from auditkit.datasets.dvc.keepers import find_keepers  # noqa: PLC0415 -- YAML, pathspec
        from auditkit.retention.dvc import dvc_horizon  # noqa: PLC0415

        yield dvc_horizon(dataset.dvc, find_keepers(found.dvc, request.s3)) or _LOCAL
    elif found.s3 is None:
        yield _LOCAL
