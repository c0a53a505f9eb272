"""Step 4: the payload is a manifest that says one consistent thing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import PurePosixPath

from auditkit.digests import sha256_hex
from auditkit.errors import ManifestError
from auditkit.findings import Finding, Status
from auditkit.manifest.codec import decode_statement
from auditkit.manifest.model import Dataset, SidecarRef, Statement
from auditkit.schemes import OUTPUT_ROLE


def check_manifest(
    payload: bytes, keyids: frozenset[str]
) -> tuple[Statement | None, list[Finding]]:
    """Return the statement, or None if it is not valid, with the findings of step 4."""
    try:
        decoded = decode_statement(payload)
    except ManifestError as error:
        detail = error.message if error.hint is None else f"{error.message}. {error.hint}"
        return None, [_finding("failed", detail)]
    statement = decoded.statement
    problems = [*_inconsistencies(statement)]
    if problems:
        return None, [_finding("failed", problem) for problem in problems]
    detail = f"predicate version {statement.predicate.version}"
    if decoded.unknown:
        detail += f"; fields of a newer version were not interpreted: {', '.join(decoded.unknown)}"
    return statement, [_finding("passed", detail), *_missing_signatures(statement, keyids)]


def all_sidecars(statement: Statement) -> Iterator[SidecarRef]:
    """Yield every sidecar that the manifest binds, in document order."""
    predicate = statement.predicate
    for dataset in predicate.datasets:
        yield dataset.inventory.list
        if dataset.content and dataset.content.blocks:
            yield dataset.content.blocks
        if dataset.content and dataset.content.row_digests:
            yield dataset.content.row_digests
    if predicate.code.patch and predicate.code.patch.diff:
        yield predicate.code.patch.diff
    if predicate.code.untracked and predicate.code.untracked.list:
        yield predicate.code.untracked.list
    if predicate.environment.packages:
        yield predicate.environment.packages.list


def row_digests(statement: Statement) -> frozenset[SidecarRef]:
    """Return the sidecars that are not handed on: single rows can be guessed from them."""
    contents = (dataset.content for dataset in statement.predicate.datasets)
    return frozenset(each.row_digests for each in contents if each and each.row_digests)


def _inconsistencies(statement: Statement) -> Iterator[str]:
    predicate = statement.predicate
    run_id = predicate.run.id
    expected = [(f"run:{run_id}", {"sha256": sha256_hex(run_id.encode())})]
    expected += [
        (dataset.name, {str(name): digest for name, digest in dataset.inventory.root.items()})
        for dataset in predicate.datasets
        if dataset.role == OUTPUT_ROLE
    ]
    if [(subject.name, subject.digest) for subject in statement.subject] != expected:
        yield "the subjects are not the run and its outputs"
    names = [dataset.name for dataset in predicate.datasets]
    yield from (f"two data sets are named {name!r}" for name in set(names) if names.count(name) > 1)
    sidecars = [sidecar.name for sidecar in all_sidecars(statement)]
    if len(set(sidecars)) != len(sidecars):
        yield "two records share a sidecar"
    for split in predicate.splits:
        for member in split.members:
            if member.dataset not in names:
                yield f"split {split.name!r} names an unknown data set {member.dataset!r}"
    for dataset in predicate.datasets:
        yield from _dataset_inconsistencies(dataset)


def _dataset_inconsistencies(dataset: Dataset) -> Iterator[str]:
    inventory = dataset.inventory
    root_name = "sha256" if inventory.kind == "file" else "dirHash"
    if list(inventory.root) != [root_name]:
        yield f"data set {dataset.name!r} of kind {inventory.kind} has no {root_name} root"
    if inventory.kind == "file" and inventory.files != 1:
        yield f"data set {dataset.name!r} is one file and counts {inventory.files}"
    location = PurePosixPath(dataset.location)
    if ".." in location.parts or any(
        unicodedata.category(character) == "Cc" for character in dataset.location
    ):
        yield f"data set {dataset.name!r} has a location that is not a plain path"
    if dataset.format == "files" and (dataset.table or dataset.schema or dataset.rows is not None):
        yield f"data set {dataset.name!r} of format files has rows or a schema"


def _missing_signatures(statement: Statement, keyids: frozenset[str]) -> Iterator[Finding]:
    """A bundle that was stripped leaves the payload's list of intended signers behind."""
    for keyid in statement.predicate.capture.signers:
        if keyid not in keyids:
            yield Finding(
                step=3,
                check="signer",
                subject="manifest",
                status="failed",
                detail="an intended signature is missing",
                expected=keyid,
                found=", ".join(sorted(keyids)) or None,
            )


def _finding(status: Status, detail: str) -> Finding:
    return Finding(
        step=4,
        check="manifest",
        subject="payload",
        status=status,
        detail=detail,
    )
