"""Evidence laid out as in a pack: one folder for each run, and the runs that they build on.

What is verified and what is packed are the same files, so nothing can change in between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from auditkit.api.parents import declared_parents
from auditkit.api.targets import FoundManifest, Target, read_manifest
from auditkit.digests import SHA256_HEX, sha256_hex
from auditkit.errors import LogError, SidecarError, TargetNotFoundError, UsageError
from auditkit.manifest.bundle import decode_bundle
from auditkit.manifest.codec import decode_statement
from auditkit.registry.receipt import MAX_RECEIPT_BYTES
from auditkit.schemes import (
    BUNDLE_SUFFIX,
    MANIFEST_BUNDLE,
    MANIFEST_RECEIPT,
    MAX_SIDECAR_BYTES,
    UNSIGNED_MANIFEST,
)
from auditkit.stores.atomic import storage_error
from auditkit.stores.attached import receipt_path, statements, tokens, tokens_beside
from auditkit.stores.evidence import EvidenceFolder, NamedBundle
from auditkit.stores.evidence_pack import EVIDENCE, FOLDER_NAME, PARENTS
from auditkit.stores.reading import read_regular
from auditkit.stores.writing import sibling_name
from auditkit.verification.manifest_check import all_sidecars, row_digests


@dataclass(frozen=True, slots=True)
class Stage:
    """A folder with the evidence of a pack; `left_out` are sidecars that are not handed on."""

    root: Path
    targets: tuple[Target, ...]
    parents: tuple[Path, ...]
    left_out: tuple[str, ...]


@contextmanager
def staged(targets: Sequence[Target], roots: Sequence[Path]) -> Iterator[Stage]:
    """Yield the evidence of `targets`, and of all parents of theirs that lie in `roots`.

    Raises:
        TargetNotFoundError: a target holds no manifest.
        UsageError: two manifests under one run id.
        ManifestError: a manifest is not valid, so its files are not known.
        EnvelopeError: a bundle is not well-formed.
        LogError: a receipt is a link, special or too large.
    """
    with TemporaryDirectory(prefix="auditkit-") as scratch:
        root = Path(scratch)
        chosen = {found.digest: found for found in map(_found, targets)}
        parents = declared_parents(list(chosen.values()), roots)
        further = [each for each in parents if each.digest not in chosen]
        left_out: list[str] = []
        placed = [_place(found, root / EVIDENCE, left_out) for found in chosen.values()]
        folders = [_place(found, root / PARENTS, left_out) for found in further]
        yield Stage(
            root,
            tuple(Target(each, shown=each.relative_to(root)) for each in placed),
            (*placed, *folders) if parents else (),
            tuple(left_out),
        )


def _found(target: Target) -> FoundManifest:
    return read_manifest(target.path)


def _place(found: FoundManifest, parent: Path, left_out: list[str]) -> Path:
    run = str(found.field("run", "id"))
    folder = parent / (run if re.fullmatch(FOLDER_NAME, run) else found.digest[:16])
    if folder.exists():
        raise UsageError(
            f"two manifests have the run id {run}", hint="Pack them one at a time, and ask why."
        )
    source = EvidenceFolder.open(found.path)
    try:
        folder.mkdir(parents=True)
        for name, content in _files(source, found, left_out):
            with (folder / name).open("xb") as file:
                file.write(content)
    except OSError as error:
        raise storage_error(error, folder) from error
    return folder


def _files(
    source: EvidenceFolder, found: FoundManifest, left_out: list[str]
) -> Iterator[tuple[str, bytes]]:
    unsigned = source.unsigned()
    if unsigned is not None:
        yield UNSIGNED_MANIFEST, unsigned
    bundles = source.bundles()
    if not bundles and unsigned is None:
        raise TargetNotFoundError("holds no manifest", path=str(source.path))
    for place, bundle in enumerate(bundles):
        name = MANIFEST_BUNDLE if place == 0 else sibling_name(MANIFEST_BUNDLE, _digits(bundle))
        yield name, bundle.data
        for number, token in enumerate(tokens(source, bundle), start=1):
            yield f"{name.removesuffix(BUNDLE_SUFFIX)}.{number}.tsr", token.data
    for statement in (*statements(source, "approval"), *statements(source, "erasure")):
        yield statement.name, statement.data
        for token in tokens(source, statement):
            yield token.name, token.data
    if bundles and receipt_path(source).exists():
        yield MANIFEST_RECEIPT, read_regular(receipt_path(source), MAX_RECEIPT_BYTES, LogError)
        for number, token in enumerate(
            tokens_beside(receipt_path(source), source.listings), start=1
        ):
            yield f"{MANIFEST_RECEIPT}.{number}.tsr", token.data
    yield from _sidecars(source, found, left_out)


def _digits(bundle: NamedBundle) -> str:
    """Return what to name a further bundle by: its keyid, unless a stranger made that up."""
    keyid = decode_bundle(bundle.data).keyid
    return keyid if re.fullmatch(SHA256_HEX, keyid) else sha256_hex(bundle.data)


def _sidecars(
    source: EvidenceFolder, found: FoundManifest, left_out: list[str]
) -> Iterator[tuple[str, bytes]]:
    """Yield what is there; what is missing or bad is for verification to report."""
    statement = decode_statement(found.payload).statement
    kept_back = row_digests(statement)
    for reference in all_sidecars(statement):
        if reference in kept_back:
            left_out.append(reference.name)
            continue
        try:
            yield reference.name, source.sidecar(reference.name, limit=MAX_SIDECAR_BYTES)
        except SidecarError:
            continue
