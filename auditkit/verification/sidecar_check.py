"""Step 6: every sidecar is there, byte for byte, and says what the manifest says."""

from __future__ import annotations

from dataclasses import dataclass

from auditkit.datasets.inventory import Inventory, read_inventory, root_of
from auditkit.digests import sha256_hex
from auditkit.errors import SidecarError, UnreadableError
from auditkit.findings import Finding
from auditkit.manifest.model import Dataset, SidecarRef, Statement
from auditkit.schemes import MAX_SIDECAR_BYTES
from auditkit.stores.evidence import EvidenceFolder
from auditkit.verification.manifest_check import all_sidecars


@dataclass(frozen=True, slots=True)
class Sidecars:
    """What could be read and believed: sidecar bytes by name, inventories by data set."""

    contents: dict[str, bytes]
    inventories: dict[str, Inventory]
    findings: tuple[Finding, ...]


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
    inventories: dict[str, Inventory] = {}
    for dataset in statement.predicate.datasets:
        name = dataset.inventory.list.name
        if name in contents:
            try:
                inventories[dataset.name] = _inventory(dataset, contents[name])
            except SidecarError as error:
                findings.append(_failed(name, error))
    return Sidecars(contents, inventories, tuple(findings))


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
