"""From a reference to a plan, by the adapter of its format."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from auditkit.datasets.base import DatasetFormat, Plan, Reference
from auditkit.datasets.location import plan_files
from auditkit.datasets.requests import PlanRequest, Recorded
from auditkit.schemes import DELTA_LOG, S3_SCHEME


def plan(
    reference: Reference,
    *,
    base: Path,
    excluded: Sequence[str] = (),
    collect: bool = False,
    recorded: Recorded | None = None,
) -> Plan:
    """Return the files of the data set that `reference` names, relative to `base`.

    The arguments are those of `PlanRequest`. See `plan_request` for what is raised.
    """
    return plan_request(PlanRequest(reference, base, tuple(excluded), collect, recorded))


def plan_request(request: PlanRequest) -> Plan:
    """Return the files of the data set that `request` is about.

    Nothing is read of what they hold, but of files that name others, such as the log of a table.
    Sizes are in bytes. Where problems are collected, a folder without files has an empty plan.

    Raises:
        DataNotFoundError: the location, or the version of it, does not exist; always raised.
        ExpiredError: the store itself shows that retention removed the recorded version.
        UnreadableError: the location cannot be read (always raised), or a folder in it.
        UnsafePathError: the location or something in it is a special file, a link that leaves the
            data set, dangles or runs in a circle.
        PathNameError: a name that an inventory cannot carry.
        EmptyDatasetError: a folder without files.
        TableFormatError: files that name others cannot be read.
        UsageError: a bad glob, what is no version, or no bucket.
        MissingDependencyError: what reads from such a place is not installed.
    """
    in_bucket = request.reference.location.startswith(S3_SCHEME)
    match request.reference.format or _guess(request, in_bucket=in_bucket):
        case "delta":
            from auditkit.datasets.delta.plan import plan_delta  # noqa: PLC0415 -- 80 ms

            return plan_delta(request)
        case "dvc":
            from auditkit.datasets.dvc.recorded import plan_dvc  # noqa: PLC0415 -- YAML, pathspec

            return plan_dvc(request)
    if in_bucket:
        from auditkit.datasets.s3.recorded import plan_s3  # noqa: PLC0415 -- an extra

        return plan_s3(request)
    return plan_files(request)


def _guess(request: PlanRequest, *, in_bucket: bool) -> DatasetFormat | None:
    """Return the format that what lies at the location gives away; None for plain files."""
    if in_bucket:
        from auditkit.datasets.s3.tree import S3Tree  # noqa: PLC0415 -- an extra

        return "delta" if S3Tree(request).has(DELTA_LOG) else None
    location = request.base / request.reference.location
    if os.path.isdir(location / DELTA_LOG):  # noqa: PTH112 -- an overlong name is no folder
        return "delta"
    return "dvc" if location.name.endswith(".dvc") and location.is_file() else None
