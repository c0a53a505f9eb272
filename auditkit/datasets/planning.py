"""From a reference to a plan, by the adapter of its format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from auditkit.datasets.base import DatasetFormat, Plan, Reference
from auditkit.datasets.location import plan_files
from auditkit.datasets.requests import PlanRequest, Recorded


def plan(
    reference: Reference,
    *,
    base: Path,
    excluded: Sequence[str] = (),
    collect: bool = False,
    recorded: Recorded | None = None,
) -> Plan:
    """Return the files of the data set that `reference` names, relative to `base`.

    Nothing is read of what they hold. `excluded` are globs (see `parse_glob`) for folders; a single
    file is never excluded. Sizes are in bytes. With `collect` a path that cannot be listed becomes
    a problem of the plan, and a folder without files gives a plan without parts. With `recorded`
    the files are those of the recorded version, read as they were recorded.

    Raises:
        DataNotFoundError: the location does not exist; always raised.
        UnreadableError: the location cannot be read (always raised), or a folder in it.
        UnsafePathError: the location or something in it is a special file, a link that leaves the
            data set, dangles or runs in a circle.
        PathNameError: a name that an inventory cannot carry.
        EmptyDatasetError: a folder without files.
        UsageError: a bad glob.
    """
    request = PlanRequest(reference, base, tuple(excluded), collect, recorded)
    if (reference.format or _guess(request)) == "dvc":
        from auditkit.datasets.dvc.recorded import plan_dvc  # noqa: PLC0415 -- YAML, pathspec

        return plan_dvc(request)
    return plan_files(request)


def _guess(request: PlanRequest) -> DatasetFormat | None:
    """Return the format that what lies at the location gives away; None for plain files."""
    location = request.base / request.reference.location
    return "dvc" if location.name.endswith(".dvc") and location.is_file() else None
