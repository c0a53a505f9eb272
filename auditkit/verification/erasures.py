"""Which data was lawfully deleted, on whose word: it excuses what is gone, never what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from auditkit.errors import EnvelopeError, ManifestError, UnreadableError
from auditkit.findings import Finding, Status
from auditkit.manifest.erasure import Erasure, decode_erasure
from auditkit.manifest.model import Dataset, Statement
from auditkit.schemes import OUTPUT_ROLE
from auditkit.stores.attached import statements
from auditkit.stores.evidence import EvidenceFolder, NamedBundle
from auditkit.trust.rules import Principal, Rules
from auditkit.verification.attested import Attested, read_attested


@dataclass(frozen=True, slots=True)
class Excuse:
    """An erasure that counts: what it says, and who signed it."""

    erasure: Erasure
    signer: str

    @property
    def words(self) -> str:
        """Who attested it, when by the attester's own clock, and why."""
        said = self.erasure
        by = f"{said.name} ({said.role})"
        signed = "" if said.name == self.signer else f", signed by {self.signer}"
        return f"erased, as {by} attested on {said.attested_at[:10]}{signed}: {said.reason}"


@dataclass(frozen=True, slots=True)
class Erasures:
    """Excuses by data set, the findings about all erasures, and the files as they were read."""

    excuses: Mapping[str, Excuse] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    bundles: tuple[NamedBundle, ...] = ()

    def sidecars(self) -> dict[str, Excuse]:
        """Return by name the sidecars that may be gone."""
        return {
            each.name: excuse
            for excuse in self.excuses.values()
            for each in excuse.erasure.dataset.sidecars
        }


def check_erasures(
    folder: EvidenceFolder, statement: Statement, manifest: str, rules: Rules, now: datetime
) -> Erasures:
    """Return the erasures of data in an authenticated manifest, by whoever may attest them.

    One that does not count is skipped: then what is gone is missing.
    """
    try:
        named = statements(folder, "erasure")
        attested = list(read_attested(folder, named, rules, now))
    except (EnvelopeError, UnreadableError) as error:
        return Erasures({}, (_finding(9, "erasures", "skipped", f"not counted: {error}"),))
    records = {record.name: record for record in statement.predicate.datasets}
    excuses: dict[str, Excuse] = {}
    findings = []
    for each in attested:
        try:
            excuse = _excuse(each, records, manifest)
        except ManifestError as error:
            detail = f"not counted: {error.message}"
            findings.append(_finding(9, each.name, "skipped", detail))
            continue
        record = records[excuse.erasure.dataset.name]
        step = 10 if record.role == OUTPUT_ROLE else 9
        findings.append(_finding(step, record.name, "passed", excuse.words))
        excuses[record.name] = excuse
    return Erasures(excuses, tuple(findings), named)


def _excuse(each: Attested, records: Mapping[str, Dataset], manifest: str) -> Excuse:
    """Return the excuse; raises ManifestError for anything that keeps it from being one."""
    if each.signer is None:
        raise ManifestError(each.objection)
    said = decode_erasure(each.payload)
    if said.manifest != manifest:
        raise ManifestError("is about another manifest")
    erasure = said.predicate
    record = records.get(erasure.dataset.name)
    if record is None or record.inventory.root != erasure.dataset.root:
        raise ManifestError("is about data that this manifest does not have")
    derived = set(_derived(record))
    if any((sidecar.name, sidecar.sha256) not in derived for sidecar in erasure.dataset.sidecars):
        raise ManifestError("is about sidecars that this data set does not have")
    _check_name(erasure, each.signer)
    return Excuse(erasure, each.signer.name)


def _derived(record: Dataset) -> Iterator[tuple[str, str]]:
    content = record.content
    for sidecar in (content.blocks, content.row_digests) if content else ():
        if sidecar is not None:
            yield sidecar.name, sidecar.sha256


def _check_name(erasure: Erasure, who: Principal) -> None:
    """A person signs in their own name; a machine, in that of whoever answers for it."""
    if who.kind == "person" and (erasure.name, erasure.role) != (
        who.name,
        who.role or erasure.role,
    ):
        raise ManifestError(
            f"claims to be by {erasure.name} ({erasure.role}); the key is that of {who.name}"
        )


def _finding(step: int, subject: str, status: Status, detail: str) -> Finding:
    return Finding(step=step, check="erasure", subject=subject, status=status, detail=detail)
