"""Step 6: every sidecar is there, byte for byte, and says what the manifest says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from auditkit.datasets.inventory import Inventory, read_inventory, root_of
from auditkit.digests import sha256_hex
from auditkit.errors import SidecarError, UnreadableError
from auditkit.findings import Finding
from auditkit.manifest.model import Dataset, SidecarRef, Statement
from auditkit.schemes import MAX_SIDECAR_BYTES
from auditkit.stores.evidence import EvidenceFolder
from auditkit.verification.erasures import Excuse
from auditkit.verification.manifest_check import all_sidecars, row_digests

if TYPE_CHECKING:
    from auditkit.datasets.content.row_digests import RecordedRows
    from auditkit.datasets.content.sidecar import RecordedBlocks

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class DatasetSidecars:
    """What the sidecars of one data set say; None where one is not recorded, missing or bad."""

    inventory: Inventory | None = None
    blocks: RecordedBlocks | None = None
    rows: RecordedRows | None = None


@dataclass(frozen=True, slots=True)
class Sidecars:
    """What could be read and believed: sidecar bytes by name, the rest by data set."""

    contents: dict[str, bytes]
    datasets: dict[str, DatasetSidecars]
    findings: tuple[Finding, ...]


def check_sidecars(
    folder: EvidenceFolder, statement: Statement, erased: Mapping[str, Excuse]
) -> Sidecars:
    """Return all sidecars with the findings of step 6; a bad one never hides the others.

    Those of `erased` may be gone.
    """
    present = set(folder.names()) if erased else set()
    contents: dict[str, bytes] = {}
    findings: list[Finding] = []
    kept_back = row_digests(statement)
    for reference in all_sidecars(statement):
        if reference.name in erased and reference.name not in present:
            findings.append(_gone(reference.name, erased[reference.name]))
            continue
        if reference in kept_back and reference.name not in folder.names():
            findings.append(_left_out(reference.name))
            continue
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
    datasets = {}
    for dataset in statement.predicate.datasets:
        understanding = _Understanding(contents)
        datasets[dataset.name] = understanding.of(dataset)
        findings += understanding.findings
    return Sidecars(contents, datasets, tuple(findings))


@dataclass(slots=True)
class _Understanding:
    """Reads the sidecars of a data set, and notes which contradict the manifest."""

    contents: Mapping[str, bytes]
    findings: list[Finding] = field(default_factory=list)

    def of(self, dataset: Dataset) -> DatasetSidecars:
        content = dataset.content
        inventory = self._read(dataset.inventory.list, partial(_inventory, dataset))
        if content is None:
            return DatasetSidecars(inventory)
        from auditkit.datasets.content.row_digests import read_row_digests  # noqa: PLC0415 -- 40 ms
        from auditkit.datasets.content.sidecar import read_blocks  # noqa: PLC0415

        return DatasetSidecars(
            inventory,
            self._read(content.blocks, partial(read_blocks, digest=content.digest)),
            self._read(content.row_digests, partial(read_row_digests, digest=content.digest)),
        )

    def _read(self, reference: SidecarRef | None, read: Callable[[bytes], Read]) -> Read | None:
        if reference is None or reference.name not in self.contents:
            return None
        try:
            return read(self.contents[reference.name])
        except SidecarError as error:
            self.findings.append(_failed(reference.name, error))
            return None


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
    if set(entries.further) != set(recorded.digests):
        raise SidecarError("has other digests of files than the manifest says")
    if (entries.states is None) != (dataset.s3 is None):
        raise SidecarError("does not agree with the manifest on whether it lists objects")
    return entries


def _left_out(name: str) -> Finding:
    detail = "left out; without digests of rows added rows are counted, and not named"
    return Finding(step=6, check="sidecar", subject=name, status="skipped", detail=detail)


def _gone(name: str, excuse: Excuse) -> Finding:
    return Finding(step=6, check="sidecar", subject=name, status="skipped", detail=excuse.words)


def _failed(name: str, error: SidecarError) -> Finding:
    return Finding(step=6, check="sidecar", subject=name, status="failed", detail=error.message)
