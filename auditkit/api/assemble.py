"""From what was scanned to the records of a manifest, its sidecars and its subjects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from auditkit.api.options import DatasetRequest
from auditkit.datasets.base import Plan, Scan, ScannedContent
from auditkit.datasets.inventory import ObjectStates, write_inventory
from auditkit.digests import sha256_hex
from auditkit.manifest.model import (
    Basis,
    Content,
    Dataset,
    DeltaVersion,
    DvcVersion,
    Inventory,
    S3Objects,
    Subject,
    Watch,
)
from auditkit.provenance.redact import redact_values
from auditkit.provenance.sidecar import sidecar_ref
from auditkit.schemes import PARQUET_MEDIA_TYPE


@dataclass(frozen=True, slots=True)
class ScannedDataset:
    """One data set as it was read, and when; `dvc` is what DVC says of it, if DVC tracks it."""

    request: DatasetRequest
    scan: Scan
    read_at: str
    watch: Watch | None = None
    dvc: DvcVersion | None = None


def dataset_record(scanned: ScannedDataset, root: Path) -> tuple[Dataset, dict[str, bytes]]:
    """Return the data set's record and its sidecars by name."""
    request, scan = scanned.request, scanned.scan
    states = _states(scan)
    inventory = write_inventory(scan.entries, states)
    name = f"{request.name}.inventory.parquet"
    content, sidecars = _content(request.name, scan.content)
    record = Dataset(
        basis="observed",
        name=request.name,
        role=request.role,
        format=scan.plan.format,
        location=recorded_location(scan.plan, root),
        inventory=Inventory(
            kind=scan.plan.kind,
            root=dict(scan.root),
            files=len(scan.entries),
            bytes=scan.bytes,
            list=sidecar_ref(name, PARQUET_MEDIA_TYPE, inventory),
            digests=tuple(scan.entries.further),
            excluded=scan.plan.excluded,
        ),
        exceptions=_declared_parts(scanned),
        read_at=scanned.read_at,
        rows=scan.rows,
        schema=scan.schema,
        schema_version=request.schema_version,
        table=scan.table,
        content=content,
        delta=_redacted(scan.plan.delta),
        dvc=scanned.dvc,
        s3=S3Objects(versions=scan.plan.s3.versions) if scan.plan.s3 else None,
        declared=request.declared,
        watch=scanned.watch,
    )
    return record, {name: inventory, **sidecars}


def _redacted(version: DeltaVersion | None) -> DeltaVersion | None:
    """Return the record without secrets that writers put into properties and operations."""
    if version is None:
        return None
    fields = ("parameters", "metrics", "metadata")
    history = tuple(
        replace(each, **{name: redact_values(getattr(each, name)) for name in fields})
        for each in version.history
    )
    return replace(version, configuration=redact_values(version.configuration), history=history)


def _states(scan: Scan) -> ObjectStates | None:
    if scan.plan.s3 is None:
        return None
    from auditkit.datasets.s3.state import object_states

    return object_states(scan)


def _content(name: str, scanned: ScannedContent | None) -> tuple[Content | None, dict[str, bytes]]:
    """Return the record of a content digest, with its sidecar if it has one."""
    if scanned is None:
        return None, {}
    from auditkit.datasets.content.sidecar import write_blocks

    blocks, rows = f"{name}.blocks.parquet", f"{name}.rows.parquet"
    sidecars: dict[str, bytes] = {}
    if scanned.blocks is not None:
        sidecars[blocks] = write_blocks(scanned.blocks, scanned.extents)
    if scanned.row_digests is not None:
        sidecars[rows] = scanned.row_digests
    references = {
        sidecar: sidecar_ref(sidecar, PARQUET_MEDIA_TYPE, data)
        for sidecar, data in sidecars.items()
    }
    record = Content(
        kind=scanned.kind,
        digest=scanned.digest,
        blocks=references.get(blocks),
        row_digests=references.get(rows),
    )
    return record, sidecars


def recorded_location(plan: Plan, root: Path) -> str:
    """Return the location relative to `root` when inside it, else as an absolute path or URL."""
    if plan.path is not None and plan.path.is_relative_to(root):
        return plan.path.relative_to(root).as_posix()
    return plan.location


def subjects(run_id: str, outputs: Iterable[Dataset]) -> tuple[Subject, ...]:
    """Return the run itself, by the SHA-256 of its id, and then its outputs by their roots."""
    run = Subject(name=f"run:{run_id}", digest={"sha256": sha256_hex(run_id.encode())})
    return (
        run,
        *(Subject(name=output.name, digest=plain_root(output)) for output in outputs),
    )


def plain_root(record: Dataset) -> dict[str, str]:
    """Return the root as an in-toto DigestSet."""
    return {str(name): digest for name, digest in record.inventory.root.items()}


def _declared_parts(scanned: ScannedDataset) -> dict[str, Basis]:
    request = scanned.request
    exceptions: dict[str, Basis] = {"/name": "declared", "/role": "declared"}
    if request.schema_version is not None:
        exceptions["/schemaVersion"] = "declared"
    if request.declared is not None:
        exceptions["/declared"] = "declared"
    if scanned.dvc is not None:
        exceptions |= {"/dvc/md5": "declared", "/dvc/origin": "declared"}
    return exceptions
