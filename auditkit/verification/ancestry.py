"""The manifests at hand in which earlier runs are looked for.

What one of them says counts only once its own signature and signer have passed; until then it
is a stranger's claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from auditkit.digests import sha256_hex
from auditkit.errors import AuditkitError
from auditkit.findings import Status
from auditkit.lineage import DataKey, MemoryRecords, RunRecord, run_record
from auditkit.lineage.model import Order
from auditkit.manifest.bundle import decode_bundle
from auditkit.stores.evidence import EvidenceFolder, find_evidence
from auditkit.stores.listing import Listings
from auditkit.trust.rules import TrustSource
from auditkit.verification.authenticate import authenticate
from auditkit.verification.manifest_check import check_manifest

_ALL = 2**31


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a manifest may be believed: `status` is passed, or why not in `detail`."""

    status: Status
    detail: str = ""
    signers: tuple[str, ...] = ()


class Ancestry:
    """Records of the runs that somebody trusted signed; each is authenticated at most once."""

    def __init__(self, roots: Iterable[Path], trust: TrustSource | None, now: datetime) -> None:
        self._trust = trust
        self._now = now
        self._listings = Listings()
        self._paths: dict[str, list[Path]] = {}
        self._standings: dict[str, Standing] = {}
        self.claims = MemoryRecords(self._read(roots))
        """What all manifests say, whoever signed them."""

    def _read(self, roots: Iterable[Path]) -> list[RunRecord]:
        found = []
        for path in dict.fromkeys(each for root in roots for each in find_or_open(root)):
            try:
                payload = _payload(path, self._listings)
                record = run_record(payload, sha256_hex(payload)) if payload else None
            except AuditkitError:  # it says nothing that can be understood, so nothing counts
                continue
            if record is not None:
                found.append(record)
                self._paths.setdefault(record.manifest, []).append(path)
        return found

    def standing(self, manifest: str) -> Standing:
        """Return whether the manifest with this digest may be believed; it must be at hand."""
        if manifest not in self._standings:
            copies = [self._judge(manifest, path) for path in self._paths[manifest]]
            good = (each for each in copies if each.status == "passed")
            self._standings[manifest] = next(good, copies[0])
        return self._standings[manifest]

    def _judge(self, manifest: str, path: Path) -> Standing:
        try:
            found = authenticate(EvidenceFolder.open(path, self._listings), self._trust, self._now)
        except AuditkitError as error:
            return Standing("indeterminate", error.message)
        if not found.authenticated:
            findings = list(found.findings)
        elif sha256_hex(found.payload or b"") != manifest:
            return Standing("failed", "its evidence changed while it was read")
        else:
            _, findings = check_manifest(found.payload or b"", found.keyids)
        bad = [each for each in findings if each.status in {"failed", "indeterminate"}]
        if bad:
            worst = next((each for each in bad if each.status == "failed"), bad[0])
            return Standing(worst.status, worst.detail)
        return Standing("passed", signers=tuple(each.principal.name for each in found.signers))

    def _trusted(self, runs: Sequence[RunRecord], limit: int) -> list[RunRecord]:
        kept: list[RunRecord] = []
        for run in runs:
            if len(kept) == limit:
                break
            if self.standing(run.manifest).status == "passed":
                kept.append(run)
        return kept

    def run(self, manifest: str) -> RunRecord | None:
        """Return the trusted run with this manifest digest."""
        record = self.claims.run(manifest)
        return record if record and self._trusted([record], 1) else None

    def writers(
        self, key: DataKey, *, after: Order | None = None, before: Order | None = None, limit: int
    ) -> Sequence[RunRecord]:
        """Return the trusted runs that wrote it, the latest first."""
        return self._trusted(
            self.claims.writers(key, after=after, before=before, limit=_ALL), limit
        )

    def readers(
        self, key: DataKey, *, after: Order | None = None, before: Order | None = None, limit: int
    ) -> Sequence[RunRecord]:
        """Return the trusted runs that read it, the earliest first."""
        return self._trusted(
            self.claims.readers(key, after=after, before=before, limit=_ALL), limit
        )

    def first_writer(self, key: DataKey) -> Order | None:
        """Return the place of the earliest trusted run that wrote it."""
        writers = self._trusted(self.claims.writers(key, limit=_ALL)[::-1], 1)
        return writers[0].order if writers else None

    def children(self, manifest: str, *, limit: int) -> Sequence[RunRecord]:
        """Return the trusted runs that declare this one as a parent, the earliest first."""
        return self._trusted(self.claims.children(manifest, limit=_ALL), limit)

    def holders(self, file: DataKey, *, limit: int) -> Sequence[DataKey]:
        """Return nothing: no inventories are read for this."""
        return self.claims.holders(file, limit=limit)

    def members(self, folder: DataKey, *, limit: int) -> Sequence[DataKey]:
        """Return nothing: no inventories are read for this."""
        return self.claims.members(folder, limit=limit)


def find_or_open(root: Path) -> list[Path]:
    """Return the evidence in a folder, or the bundle itself that `root` names."""
    return find_evidence(root) if root.is_dir() else [root]


def _payload(path: Path, listings: Listings) -> bytes | None:
    bundles = EvidenceFolder.open(path, listings).bundles()
    return decode_bundle(bundles[0].data).payload if bundles else None
