"""What the index keeps of a manifest besides its lineage: what people look for runs by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from auditkit.errors import ManifestError
from auditkit.manifest import numbers
from auditkit.manifest.types import Count, GitObjectId, Name, Sha256, Text, Timestamp

Scalar = str | int | float | bool | None
_MOST_VALUES = 2_000
"""Parameters or metrics of one run that are kept: no person looks for more."""


class SchemaUse(msgspec.Struct, frozen=True, array_like=True):
    """A data set that has a schema: its fingerprint, and the version that its team gives it."""

    dataset: str
    fingerprint: str
    declared: str | None


class FileList(msgspec.Struct, frozen=True, array_like=True):
    """Where a folder's files are listed: the sidecar's name, SHA-256 and size in bytes."""

    root: str
    sidecar: str
    sha256: str
    size: int


class RunFacts(msgspec.Struct, frozen=True, array_like=True):
    """Times as recorded, the commit, and parameters and metrics by dotted names."""

    started_at: str | None
    finished_at: str | None
    commit: str | None
    dirty: bool | None
    parameters: dict[str, Scalar]
    metrics: dict[str, Scalar]
    schemas: tuple[SchemaUse, ...]
    files: tuple[FileList, ...]


class _Part(msgspec.Struct, frozen=True, rename="camel"):
    pass


class _SidecarRef(_Part, frozen=True):
    name: Name
    sha256: Sha256
    size: Count


class _Inventory(_Part, frozen=True):
    root: dict[str, Sha256]
    list: _SidecarRef


class _Schema(_Part, frozen=True):
    fingerprint: Sha256


class _Dataset(_Part, frozen=True):
    name: Name
    inventory: _Inventory
    schema: _Schema | None = None
    schema_version: Text | None = None


class _Run(_Part, frozen=True):
    started_at: Timestamp | None = None
    finished_at: Timestamp | None = None


class _Code(_Part, frozen=True):
    commit: GitObjectId | None = None
    dirty: bool | None = None


class _Predicate(_Part, frozen=True):
    run: _Run
    code: _Code = _Code()
    datasets: tuple[_Dataset, ...] = ()
    parameters: dict[str, Any] = {}
    metrics: dict[str, Any] = {}


class _Statement(_Part, frozen=True):
    predicate: _Predicate


_DECODER = msgspec.json.Decoder(_Statement)


def run_facts(payload: bytes) -> RunFacts:
    """Return what a manifest's payload says; raises ManifestError if it cannot be read."""
    try:
        predicate = _DECODER.decode(payload).predicate
        return RunFacts(
            started_at=predicate.run.started_at,
            finished_at=predicate.run.finished_at,
            commit=predicate.code.commit,
            dirty=predicate.code.dirty,
            parameters=_flat(predicate.parameters),
            metrics=_flat(predicate.metrics),
            schemas=tuple(
                SchemaUse(each.name, each.schema.fingerprint, each.schema_version)
                for each in predicate.datasets
                if each.schema is not None
            ),
            files=tuple(_file_lists(predicate.datasets)),
        )
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise ManifestError(f"not a manifest that can be searched ({error})") from error


def _file_lists(datasets: tuple[_Dataset, ...]) -> Iterator[FileList]:
    for each in datasets:
        root, listed = each.inventory.root.get("dirHash"), each.inventory.list
        if root is not None:
            yield FileList(root, listed.name, listed.sha256, listed.size)


def _flat(values: dict[str, Any]) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    stack: list[tuple[str, Any]] = [("", numbers.from_json(values))]
    while stack and len(found) < _MOST_VALUES:
        name, value = stack.pop()
        if isinstance(value, dict):
            prefix = f"{name}." if name else ""
            stack += [(f"{prefix}{key}", item) for key, item in reversed(value.items())]
        elif isinstance(value, list):
            found[name] = msgspec.json.encode(value).decode()
        else:
            found[name] = value if not isinstance(value, int) or abs(value) < 2**63 else str(value)
    return found
