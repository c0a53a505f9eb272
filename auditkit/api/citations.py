"""`run:RUN/NAME`: a data set on the word of another run's signed record, not read again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from auditkit.api.targets import find_manifest
from auditkit.datasets.references import CitedReference
from auditkit.digests import sha256_hex
from auditkit.errors import SidecarError, UsageError
from auditkit.manifest.codec import decode_statement
from auditkit.manifest.model import Citation, Dataset, Declared, SidecarRef
from auditkit.stores.evidence import EvidenceFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationRequest:
    """An input that another run recorded, and what this run calls it."""

    name: str
    reference: CitedReference
    role: str = "input"
    declared: Declared | None = None


@dataclass(frozen=True, slots=True)
class CitedDataset:
    """The record of a cited data set, and where the sidecars it names are, under which names."""

    record: Dataset
    folder: EvidenceFolder
    sidecars: dict[str, SidecarRef]

    def read_sidecars(self) -> dict[str, bytes]:
        """Return the sidecars by the names that they have here.

        Raises:
            SidecarError: one is missing or has not the recorded digest.
            UnreadableError: the operating system refused.
        """
        found = {}
        for name, reference in self.sidecars.items():
            content = self.folder.sidecar(reference.name, limit=reference.size)
            if sha256_hex(content) != reference.sha256:
                raise SidecarError("differs from its recorded digest", path=reference.name)
            found[name] = content
        return found


def cite(request: CitationRequest, evidence_dir: Path) -> CitedDataset:
    """Return the record that `request` cites, as one of this run.

    Neither the signature over it nor the data is checked here; verification checks both.

    Raises:
        TargetNotFoundError: no such run in `evidence_dir`.
        ManifestError: what was found is not a manifest.
        UsageError: that run has no such data set, or is not signed.
    """
    found = find_manifest(request.reference.run, evidence_dir)
    folder = EvidenceFolder.open(found.path)
    predicate = decode_statement(found.payload).statement.predicate
    if not folder.bundle_names:
        raise UsageError(
            f"run {predicate.run.id} is not signed, so it cannot be cited",
            hint="Sign it first: auditkit sign.",
        )
    records = {record.name: record for record in predicate.datasets}
    cited = records.get(request.reference.dataset)
    if cited is None:
        raise UsageError(
            f"run {predicate.run.id} has no data set {request.reference.dataset!r}",
            hint=f"Recorded names: {', '.join(records) or 'none'}.",
        )
    citation = Citation(run=predicate.run.id, manifest=found.digest, dataset=cited.name)
    sidecars: dict[str, SidecarRef] = {}
    return CitedDataset(_record(request, cited, citation, sidecars), folder, sidecars)


def _record(
    request: CitationRequest, cited: Dataset, citation: Citation, sidecars: dict[str, SidecarRef]
) -> Dataset:
    """Return the cited record under this run's name; its sidecars are entered in `sidecars`."""

    def renamed(reference: SidecarRef, kind: str) -> SidecarRef:
        name = f"{request.name}.{kind}.parquet"
        sidecars[name] = reference
        return msgspec.structs.replace(reference, name=name)

    content = cited.content
    if content is not None:
        blocks, rows = content.blocks, content.row_digests
        content = msgspec.structs.replace(
            content,
            blocks=renamed(blocks, "blocks") if blocks else None,
            row_digests=renamed(rows, "rows") if rows else None,
        )
    return msgspec.structs.replace(
        cited,
        name=request.name,
        role=request.role,
        basis="derived",
        exceptions={**cited.exceptions, "/name": "declared", "/role": "declared"},
        inventory=msgspec.structs.replace(
            cited.inventory, list=renamed(cited.inventory.list, "inventory")
        ),
        content=content,
        declared=request.declared or cited.declared,
        watch=None,
        cites=citation,
    )
