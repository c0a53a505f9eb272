"""When a manifest was last checked, as verifications beside it say that somebody trusted signed.

They decide what to check again, and never what comes of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from auditkit.errors import AuditkitError
from auditkit.manifest.verification import Verification, decode_verification
from auditkit.stores.attached import statement_names
from auditkit.stores.evidence import EvidenceFolder, read_bundles
from auditkit.trust.rules import Rules
from auditkit.verification.attested import read_attested


def recorded_verifications(
    folder: EvidenceFolder, manifest: str, rules: Rules, now: datetime
) -> Iterator[Verification]:
    """Yield the verifications of this manifest that count, the latest first.

    `manifest` is its digest, hex. What cannot be read or does not count is left out.
    """
    names = reversed(statement_names(folder, "verification"))
    for _, own in groupby(names, key=_statement):
        try:
            bundles = read_bundles(folder.sidecar_folder, tuple(own))
            for attested in read_attested(folder, bundles, rules, now):
                said = decode_verification(attested.payload) if attested.signer else None
                if said is not None and said.manifest == manifest:
                    yield said.predicate
        except AuditkitError:
            continue


def last_passed(
    folder: EvidenceFolder, manifest: str, rules: Rules, now: datetime
) -> datetime | None:
    """Return when the manifest last passed a full verification, by the verifier's own clock."""
    for each in recorded_verifications(folder, manifest, rules, now):
        if each.status == "passed" and each.in_full:
            return datetime.fromisoformat(each.verified_at)
    return None


def _statement(name: str) -> str:
    """Return the part of a file's name that all signatures over one statement share."""
    return name.rsplit(".", 3)[0]
