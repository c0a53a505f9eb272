"""Statements about a manifest: their one subject is the manifest, and they name its run."""

from __future__ import annotations

from auditkit.errors import ManifestError
from auditkit.manifest.model import Subject
from auditkit.manifest.types import Name, Record, RunId


class RunRef(Record, frozen=True, kw_only=True):
    """The run whose manifest a statement is about."""

    id: RunId
    project: Name


def about(run: RunRef, manifest: str) -> tuple[Subject, ...]:
    """Return the subject of a statement about the manifest with this SHA-256 (hex)."""
    return (Subject(name=f"run:{run.id}", digest={"sha256": manifest}),)


def manifest_of(subject: tuple[Subject, ...], run: RunRef) -> str:
    """Return the digest of the manifest that a statement is about.

    Raises:
        ManifestError: the subject is not the run that the statement names, or has no SHA-256.
    """
    if subject[0].name != f"run:{run.id}":
        raise ManifestError("the subject is not the run that the statement names")
    if "sha256" not in subject[0].digest:
        raise ManifestError("the subject has no SHA-256")
    return subject[0].digest["sha256"]
