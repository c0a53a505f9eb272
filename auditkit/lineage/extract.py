"""From a manifest's payload to what lineage needs of it.

The payload may be anybody's: it is held to types and patterns, and to nothing else. Reading a part
of the model is ten times as fast as reading all of it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from auditkit.errors import ManifestError
from auditkit.lineage.model import CitedData, DataKey, DataUse, ParentLink, RunRecord
from auditkit.manifest.types import Count, Name, RunId, Sha256, Text, Timestamp
from auditkit.schemes import OUTPUT_ROLE


class _Part(msgspec.Struct, frozen=True, rename="camel"):
    pass


class _Inventory(_Part, frozen=True):
    root: dict[Literal["sha256", "dirHash"], Sha256]
    files: Count
    bytes: Count


class _Content(_Part, frozen=True):
    kind: Literal["sequence", "bag"]
    digest: Sha256


class _Citation(_Part, frozen=True):
    run: RunId
    manifest: Sha256
    dataset: Name


class _Dataset(_Part, frozen=True):
    name: Name
    role: Text
    location: Text
    inventory: _Inventory
    rows: Count | None = None
    content: _Content | None = None
    cites: _Citation | None = None


class _Parent(_Part, frozen=True):
    run: RunId
    manifest: Sha256


class _Lineage(_Part, frozen=True):
    parents: tuple[_Parent, ...] = ()


class _Run(_Part, frozen=True):
    id: RunId
    project: Name
    status: Text
    name: Text | None = None


class _Capture(_Part, frozen=True):
    created_at: Timestamp


class _Predicate(_Part, frozen=True):
    run: _Run
    capture: _Capture
    datasets: tuple[_Dataset, ...] = ()
    lineage: _Lineage = _Lineage()


class _Statement(_Part, frozen=True):
    predicate_type: Literal["urn:auditkit:training-run:v1"]
    predicate: _Predicate


_DECODER = msgspec.json.Decoder(_Statement)


def run_record(payload: bytes, manifest: str) -> RunRecord:
    """Return what the payload with the digest `manifest` says about its run.

    Raises:
        ManifestError: it is no manifest, or its lineage cannot be read.
    """
    try:
        predicate = _DECODER.decode(payload).predicate
    except (msgspec.DecodeError, RecursionError) as error:
        raise ManifestError(f"not a manifest whose lineage can be read ({error})") from error
    uses = tuple(_use(each) for each in predicate.datasets if each.inventory.root)
    return RunRecord(
        manifest=manifest,
        run=predicate.run.id,
        project=predicate.run.project,
        name=predicate.run.name,
        status=predicate.run.status,
        recorded_at=predicate.capture.created_at,
        inputs=tuple(each for each in uses if each.role != OUTPUT_ROLE),
        outputs=tuple(each for each in uses if each.role == OUTPUT_ROLE),
        parents=tuple(ParentLink(each.run, each.manifest) for each in predicate.lineage.parents),
    )


def _use(dataset: _Dataset) -> DataUse:
    ((algorithm, value), *_) = dataset.inventory.root.items()
    content, cites = dataset.content, dataset.cites
    return DataUse(
        name=dataset.name,
        role=dataset.role,
        key=DataKey.of_root(algorithm, value),
        content=DataKey(content.kind, "sha256", content.digest) if content else None,
        location=dataset.location,
        files=dataset.inventory.files,
        bytes=dataset.inventory.bytes,
        rows=dataset.rows,
        cites=CitedData(cites.run, cites.manifest, cites.dataset) if cites else None,
    )
