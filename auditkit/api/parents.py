"""Earlier runs, found among the evidence at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from auditkit.api.targets import FoundManifest, find_manifest, read_manifest
from auditkit.errors import AuditkitError
from auditkit.manifest.codec import decode_statement
from auditkit.manifest.model import Parent
from auditkit.stores.evidence import find_evidence
from auditkit.stores.listing import Listings


def resolve_parent(text: str, evidence_dir: Path) -> Parent:
    """Return the parent that `text` names: a path, a run id, a digest prefix, PROJECT/latest.

    The parent's signature is not checked here; verification does that.

    Raises:
        TargetNotFoundError: no such run in `evidence_dir`.
        ManifestError: what was found is not a manifest.
    """
    found = find_manifest(text, evidence_dir)
    statement = decode_statement(found.payload).statement
    return Parent(basis="declared", run=statement.predicate.run.id, manifest=found.digest)


def declared_parents(
    manifests: Sequence[FoundManifest], roots: Sequence[Path]
) -> list[FoundManifest]:
    """Return those that `manifests` name as parents, and that these name, and so on.

    They are looked for among `manifests` and in `roots`, and only claimed to be parents:
    verification shows whether they may be believed.
    """
    wanted = [digest for each in manifests for digest in _named(each)]
    known = {**_by_digest(roots), **{each.digest: each for each in manifests}} if wanted else {}
    found: dict[str, FoundManifest] = {}
    while wanted:
        digest = wanted.pop()
        if digest in known and digest not in found:
            found[digest] = known[digest]
            wanted += _named(known[digest])
    return sorted(found.values(), key=lambda each: each.digest)


def _named(found: FoundManifest) -> list[str]:
    listed = found.field("lineage", "parents")
    entries = listed if isinstance(listed, list) else ()
    return [str(each.get("manifest")) for each in entries if isinstance(each, dict)]


def _by_digest(roots: Sequence[Path]) -> Mapping[str, FoundManifest]:
    found: dict[str, FoundManifest] = {}
    listings = Listings()
    for path in (each for root in roots for each in find_evidence(root)):
        try:
            manifest = read_manifest(path, listings)
        except AuditkitError:  # what cannot be read is nobody's parent
            continue
        found.setdefault(manifest.digest, manifest)
    return found
