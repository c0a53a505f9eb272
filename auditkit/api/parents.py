"""`--parent RUN`: an earlier run, found among the evidence at hand."""

from __future__ import annotations

from pathlib import Path

from auditkit.api.targets import find_manifest
from auditkit.manifest.codec import decode_statement
from auditkit.manifest.model import Parent


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
