"""Whether a recorded version can be read now, as far as names and sizes tell."""

from __future__ import annotations

from typing import Final

from auditkit.datasets.base import Plan
from auditkit.datasets.inventory import Inventory
from auditkit.datasets.names import printable
from auditkit.errors import DataNotFoundError, ExpiredError
from auditkit.manifest.model import Dataset
from auditkit.retention.horizon import Horizon

_GONE: Final = (DataNotFoundError, ExpiredError)
GET_BACK: Final = (
    "Get it back from a copy or a backup; auditkit verify then shows if it is the same."
)


def missing(dataset: Dataset, inventory: Inventory | None, plan: Plan) -> Horizon | None:
    """Return the horizon of a version that is not there as it was recorded; None if it is there.

    Bytes are not read: what was altered and kept its size is for a verification to find.
    """
    gone = [each for each in plan.problems if isinstance(each.error, _GONE)]
    if gone:
        why = min(each.error.message for each in gone)
        return lost(f"{_files(len(gone))} not there any more: {printable(gone[0].path)}, {why}")
    if plan.problems:
        problem = plan.problems[0]
        return Horizon(
            "unknown",
            "access",
            f"{printable(problem.path)} cannot be looked at: {problem.error.message}",
            "Give auditkit access to it, and run this again.",
        )
    if plan.kind != dataset.inventory.kind:
        return lost(f"a {plan.kind} lies where a {dataset.inventory.kind} was recorded")
    if plan.kind == "file":
        same = plan.bytes == dataset.inventory.bytes
        return None if same else lost("the file has another size than was recorded")
    if inventory is None:
        return Horizon(
            "unknown",
            "evidence",
            "the list of recorded files is missing from the evidence",
            "Get the evidence folder again from where it was archived.",
        )
    sizes = {part.path: part.size for part in plan.parts}
    other = [entry.path for entry in inventory if sizes.get(entry.path) != entry.size]
    if not other:
        return None
    named = ", ".join(printable(path) for path in other[:3])
    more = ", …" if len(other) > 3 else ""
    return lost(f"{len(other)} of its files are missing or have another size ({named}{more})")


def lost(detail: str) -> Horizon:
    """Return the horizon of a version that cannot be read any more."""
    return Horizon("lost", "the data itself", detail, GET_BACK)


def _files(count: int) -> str:
    return "1 of its files is" if count == 1 else f"{count:,} of its files are"
