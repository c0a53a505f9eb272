"""Which of many manifests to verify: recorded since some day, or not verified for some time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from auditkit.api.targets import FoundManifest
from auditkit.lineage.model import sortable
from auditkit.stores.evidence import EvidenceFolder
from auditkit.trust.rules import Rules
from auditkit.verification.recorded import last_passed


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for; everything that is given has to hold.

    `since` and `until` are RFC 3339 in UTC, belong to it, and are held against when a manifest was
    recorded, by its own clock.
    `stale` leaves out what passed a full verification so recently, as somebody whom `rules` let
    say so has signed.
    """

    project: str | None = None
    since: str | None = None
    until: str | None = None
    stale: timedelta | None = None

    def takes(self, project: object, recorded_at: object) -> bool:
        """Return whether a project's run recorded then is asked for; what tells no time is."""
        if self.project is not None and project != self.project:
            return False
        if not isinstance(recorded_at, str):
            return True
        try:
            at = sortable(recorded_at)
        except ValueError:
            return True
        early = self.since is not None and at < sortable(self.since)
        late = self.until is not None and at > sortable(self.until)
        return not early and not late

    def is_due(
        self, found: FoundManifest, folder: EvidenceFolder, rules: Rules | None, now: datetime
    ) -> bool:
        """Return whether a manifest is to be verified again."""
        if self.stale is None or rules is None:
            return True
        last = last_passed(folder, found.digest, rules, now)
        return last is None or last < now - self.stale
