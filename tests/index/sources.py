"""A source of manifests that tests make up, without files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from auditkit.datasets.base import FileEntry
from auditkit.datasets.inventory import write_inventory
from auditkit.digests import sha256_hex
from auditkit.errors import SidecarError
from auditkit.index.source import Item, Sink
from auditkit.lineage import DataUse, RunRecord


def payload(run: RunRecord, /, **predicate: Any) -> bytes:
    """Return as much of a manifest as lineage and the index read."""
    uses = [*run.inputs, *run.outputs]
    document = {
        "predicateType": "urn:auditkit:training-run:v1",
        "predicate": {
            "run": {
                "id": run.run,
                "project": run.project,
                "name": run.name,
                "status": run.status,
            },
            "capture": {"createdAt": run.recorded_at},
            "datasets": [_dataset(use) for use in uses],
            "lineage": {
                "parents": [{"run": each.run, "manifest": each.manifest} for each in run.parents]
            },
            **predicate,
        },
    }
    return json.dumps(document).encode()


def _dataset(use: DataUse) -> dict[str, Any]:
    listed = {"name": f"{use.name}.inventory.parquet", "sha256": "0" * 64, "size": 1 << 20}
    record: dict[str, Any] = {
        "name": use.name or "_",
        "role": use.role,
        "location": use.location,
        "inventory": {
            "root": {use.key.algorithm: use.key.value},
            "files": use.files,
            "bytes": use.bytes,
            "list": listed,
        },
        "rows": use.rows,
    }
    if use.content is not None:
        record["content"] = {"kind": use.content.kind, "digest": use.content.value}
    return record


@dataclass
class MadeUp:
    """Items by key, with sidecars by name; `log` makes it one that only ever grows."""

    items: dict[str, Item] = field(default_factory=dict)
    sidecars: dict[str, bytes] = field(default_factory=dict)
    fed: list[str] = field(default_factory=list)

    @property
    def identity(self) -> str:
        return "made up"

    def add(self, key: str, content: bytes | None) -> None:
        digest = sha256_hex(content or b"")
        self.items[key] = Item(key, digest, key, content, digest, signed=True)

    def feed(self, sink: Sink, state: str | None) -> str:  # noqa: ARG002
        for key, item in self.items.items():
            if not sink.has(key, item.digest):
                sink.put(item)
                self.fed.append(key)
        sink.retain()
        return "all"

    def sidecar(self, place: str, name: str, digest: str, limit: int) -> bytes:  # noqa: ARG002
        if name not in self.sidecars:
            raise SidecarError("is missing", path=name)
        return self.sidecars[name]


def settled(runs: Iterable[RunRecord]) -> list[RunRecord]:
    """Return the runs under the digests that their payloads really have, parents first."""
    known: dict[str, str] = {}
    found = []
    for run in runs:
        parents = tuple(
            replace(each, manifest=known.get(each.manifest, each.manifest)) for each in run.parents
        )
        changed = replace(run, parents=parents)
        known[run.manifest] = sha256_hex(payload(changed))
        found.append(replace(changed, manifest=known[run.manifest]))
    return found


def made_up(runs: Iterable[RunRecord], sidecars: Mapping[str, bytes] | None = None) -> MadeUp:
    source = MadeUp(sidecars=dict(sidecars or {}))
    for run in runs:
        source.add(run.manifest, payload(run))
    return source


def inventory(files: Mapping[str, str]) -> bytes:
    """Return an inventory of files by path, with these digests."""
    return write_inventory(
        [FileEntry(path=path, size=1, sha256=digest) for path, digest in files.items()]
    )
