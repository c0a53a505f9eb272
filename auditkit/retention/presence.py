"""Whether a recorded version can be read now, as far as names and sizes tell."""

from __future__ import annotations

from auditkit.datasets.base import Plan
from auditkit.datasets.inventory import Inventory
from auditkit.datasets.names import printable
from auditkit.manifest.model import Dataset
from auditkit.retention.horizon import Horizon

GET_BACK = "Get it back from a copy or a backup; auditkit verify then shows if it is the same."


def missing(dataset: Dataset, inventory: Inventory | None, plan: Plan) -> Horizon | None:
    """Return the horizon of a version that is not there as it was recorded; None if it is there.

    Bytes are not read: what was altered and kept its size is for a verification to find.
    """
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
    gone = [entry.path for entry in inventory if sizes.get(entry.path) != entry.size]
    if not gone:
        return None
    named = ", ".join(printable(path) for path in gone[:3])
    more = ", …" if len(gone) > 3 else ""
    return lost(f"{len(gone)} of its files are missing or have another size ({named}{more})")


def lost(detail: str) -> Horizon:
    """Return the horizon of a version that cannot be read any more."""
    return Horizon("lost", "the data itself", detail, GET_BACK)
