"""Step 6: every sidecar is there, byte for byte, and says what the manifest says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from auditkit.datasets.content.sidecar import RecordedBlocks, read_blocks
from auditkit.datasets.inventory import Inventory, read_inventory, root_of
from auditkit.digests import sha256_hex
from auditkit.errors import SidecarError, UnreadableError
from auditkit.findings import Finding
from auditkit.manifest.model import Dataset, SidecarRef, Statement
from auditkit.schemes import MAX_SIDECAR_BYTES
from auditkit.stores.evidence import EvidenceFolder
from auditkit.verification.manifest_check import all_sidecars


@dataclass(frozen=True, slots=True)
class DatasetSidecars:
    """What the sidecars of one data set say; None where one is not recorded, missing or bad."""

    inventory: Inventory | None
    blocks: RecordedBlocks | None


@dataclass(frozen=True, slots=True)
class Sidecars:
    """What could be read and believed: sidecar bytes by name, the rest by data set."""

    contents: dict[str, bytes]
    inventories: dict[str, Inventory]
    blocks: dict[str, RecordedBlocks]
    findings: tuple[Finding, ...]

    def of(self, dataset: str) -> DatasetSidecars:
        """Return the sidecars of the data set with this name."""
        return DatasetSidecars(self.inventories.get(dataset), self.blocks.get(dataset))


def check_sidecars(folder: EvidenceFolder, statement: Statement) -> Sidecars:
    """Return all sidecars with the findings of step 6; a bad one never hides the others."""
    contents: dict[str, bytes] = {}
    findings: list[Finding] = []
    for reference in all_sidecars(statement):
        try:
            contents[reference.name] = _read(folder, reference)
        except SidecarError as error:
            findings.append(_failed(reference.name, error))
        except UnreadableError as error:
            findings.append(
                Finding(
                    step=6,
                    check="sidecar",
                    subject=reference.name,
                    status="indeterminate",
                    detail=f"could not be read: {error.message}",
                )
            )
        else:
            findings.append(
                Finding(
                    step=6,
                    check="sidecar",
                    subject=reference.name,
                    status="passed",
                    detail=f"{reference.size} bytes with the recorded digest",
                )
            )
    found = Sidecars(contents, {}, {}, ())
    for dataset in statement.predicate.datasets:
        findings += _understand(dataset, found)
    return replace(found, findings=tuple(findings))


def _understand(dataset: Dataset, sidecars: Sidecars) -> Iterator[Finding]:
    """Read the sidecars of a data set into `sidecars`; yield what contradicts the manifest."""
    name = dataset.inventory.list.name
    if name in sidecars.contents:
        try:
            sidecars.inventories[dataset.name] = _inventory(dataset, sidecars.contents[name])
        except SidecarError as error:
            yield _failed(name, error)
    content = dataset.content
    if content is not None and content.blocks and content.blocks.name in sidecars.contents:
        name = content.blocks.name
        try:
            sidecars.blocks[dataset.name] = read_blocks(
                sidecars.contents[name], digest=content.digest
            )
        except SidecarError as error:
            yield _failed(name, error)


def _read(folder: EvidenceFolder, reference: SidecarRef) -> bytes:
    if reference.size > MAX_SIDECAR_BYTES:
        raise SidecarError(f"is recorded with {reference.size} bytes, more than can be read")
    content = folder.sidecar(reference.name, limit=reference.size)
    digest = sha256_hex(content)
    if digest != reference.sha256 or len(content) != reference.size:
        raise SidecarError(
            f"differs from its recorded digest (expected {reference.sha256}, found {digest})"
        )
    return content


def _inventory(dataset: Dataset, content: bytes) -> Inventory:
    """Read an inventory and hold it against what the manifest itself signs."""
    entries = read_inventory(content)
    recorded = dataset.inventory
    if root_of(entries, recorded.kind) != dict(recorded.root):
        raise SidecarError("does not add up to the signed root")
    if len(entries) != recorded.files or entries.bytes != recorded.bytes:
        raise SidecarError("does not add up to the signed counts of files and bytes")
    return entries


def _failed(name: str, error: SidecarError) -> Finding:
    return Finding(step=6, check="sidecar", subject=name, status="failed", detail=error.message)
