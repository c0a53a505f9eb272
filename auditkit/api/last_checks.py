"""When runs were last verified, as signed verdicts in an index's source say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from auditkit.errors import AuditkitError
from auditkit.index.checks import checks_of
from auditkit.index.index import Index
from auditkit.index.search import CheckListing
from auditkit.manifest.bundle import decode_bundle
from auditkit.manifest.verification import Verification, decode_verification
from auditkit.trust.rules import Rules
from auditkit.verification.attested import judge_statement
from auditkit.verification.bundles import DecodedBundle


@dataclass(frozen=True, slots=True)
class LastChecks:
    """Tells of a run when it was last verified, by somebody whom `rules` let say so.

    Without rules anybody's word is passed on, as nobody's. The index says only where verifications
    are; each is read and its signature checked when it is asked for. Time-stamp tokens over it are
    not looked at, so that one by a key that has expired since does not count.
    """

    index: Index
    rules: Rules | None
    now: datetime

    def __call__(self, manifest: str) -> CheckListing | None:
        """Return the last verification of the manifest with this digest (hex), None without any."""
        last: CheckListing | None = None
        for said, signer in self._checks(manifest):
            passed = said.status == "passed" and said.in_full
            if last is None:
                last = CheckListing(
                    at=said.verified_at,
                    status=said.status,
                    mode=said.mode,
                    in_full=said.in_full,
                    by=signer,
                    passed_at=said.verified_at if passed else None,
                )
            elif passed:
                last = msgspec.structs.replace(last, passed_at=said.verified_at)
            if last.passed_at is not None:
                break
        return last

    def _checks(self, manifest: str) -> Iterator[tuple[Verification, str | None]]:
        for item in checks_of(self.index.database, manifest):
            try:
                bundle = decode_bundle(self.index.statement(item.key, item.digest))
                said = decode_verification(bundle.payload)
            except AuditkitError:
                continue
            if said.manifest != manifest:
                continue
            if self.rules is None:
                yield said.predicate, None
                continue
            judged = judge_statement([DecodedBundle(item.key, bundle)], {}, self.rules, self.now)
            if judged.signer is not None:
                yield said.predicate, judged.signer.name
