"""What to know of a recorded data set, beside the record itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from auditkit.api.options import DatasetRequest
from auditkit.datasets.base import Plan, Scan, ScannedContent
from auditkit.datasets.stated_rows import misstated


def row_warnings(request: DatasetRequest, content: ScannedContent | None) -> Iterator[str]:
    """Yield what to know of digests of single rows, or why there are none."""
    if not request.row_digests or content is None:
        return
    if content.row_digests is None:
        yield f"data set {request.name!r}: too many rows, so that there are no row digests"
    else:
        yield (
            f"data set {request.name!r}: whoever has its row digests can find out by trial whether "
            "it holds a certain row; keep them from people who are not to have the data"
        )


def stated_warnings(request: DatasetRequest, found: Scan) -> Iterator[str]:
    """Yield that the log of a table states numbers of rows that are wrong."""
    wrong = list(misstated(found))
    for path, why in wrong[:1]:
        more = f"; so for {len(wrong) - 1} more files" if len(wrong) > 1 else ""
        yield f"data set {request.name!r}: {path}: {why}{more}"


def version_warnings(request: DatasetRequest, plan: Plan) -> Iterator[str]:
    """Yield what keeps a data set in a bucket from being read again once it was overwritten."""
    kept = plan.s3.versions if plan.s3 else "kept"
    if kept == "unknown":
        yield f"data set {request.name!r}: its bucket does not let its versions be listed"
    elif kept != "kept":
        which = "any object" if kept == "none" else "every object"
        yield (
            f"data set {request.name!r}: its bucket does not keep versions of {which}; what is "
            "overwritten or deleted there is lost"
        )


def place_remarks(request: DatasetRequest, plan: Plan, root: Path) -> Iterator[str]:
    """Yield what to know of a local path that another machine may not have."""
    if plan.path is not None and not plan.path.is_relative_to(root):
        yield (
            f"data set {request.name!r} lies outside of the project, so that its absolute path is "
            f"recorded; whoever has it elsewhere verifies it with --data {request.name}=PATH"
        )
