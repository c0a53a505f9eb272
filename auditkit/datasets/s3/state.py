"""What a bucket says of the objects of a plan, beside their bytes."""

from __future__ import annotations

from dataclasses import dataclass

from auditkit.datasets.base import Scan
from auditkit.datasets.inventory import ObjectStates
from auditkit.datasets.s3.address import ObjectAddress
from auditkit.manifest.model import KeptVersions


@dataclass(frozen=True, slots=True)
class Since:
    """What became of a data set after its versions were recorded, in numbers of objects.

    `missing` are recorded versions that are not there any more; the others only hide what is.
    """

    overwritten: int = 0
    deleted: int = 0
    added: int = 0
    missing: int = 0

    def describe(self) -> str | None:
        """Return what happened to the present objects, in words; None if nothing did."""
        counts = {
            "overwritten": self.overwritten,
            "deleted": self.deleted,
            "added": self.added,
        }
        done = [f"{count:,} {what}" for what, count in counts.items() if count]
        if not done:
            return None
        return f"the recorded versions were read; objects since {', '.join(done)}"


@dataclass(frozen=True, slots=True)
class BucketState:
    """Whether the bucket keeps versions of the plan's objects.

    `since` goes with plans of recorded versions, and with those only.
    """

    versions: KeptVersions
    since: Since | None = None


def object_states(scan: Scan) -> ObjectStates | None:
    """Return what a bucket says of each file of a scan; None where it is not in a bucket."""
    if scan.plan.s3 is None:
        return None
    states = ObjectStates.empty()
    for index, part in enumerate(scan.plan.parts):
        address = ObjectAddress.parse(part.real)
        states.versions.extend([address.version or ""])
        states.etags.extend([address.etag or ""])
        states.checksums.extend([scan.entries.stated.get(index, "")])
    return states
