"""What a registry gets of one run's evidence: every file, and an entry for each signed thing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from auditkit.digests import sha256_hex
from auditkit.errors import EnvelopeError, ManifestError, SidecarError, UsageError
from auditkit.manifest.bundle import decode_bundle
from auditkit.manifest.codec import decode_statement
from auditkit.manifest.erasure import decode_erasure
from auditkit.manifest.model import SidecarRef, Statement
from auditkit.registry.admission import bundle_record, token_record
from auditkit.registry.entries import EntryRecord
from auditkit.stores.attached import StatementKind, statements, tokens
from auditkit.stores.evidence import EvidenceFolder, NamedBundle
from auditkit.verification.manifest_check import all_sidecars

_KINDS: Final[tuple[StatementKind, ...]] = ("approval", "erasure", "verification")


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes to store; those without `retain` are never kept under a bucket's retention.

    Patches, digests of rows and what persons signed may hold personal data or secrets, which
    somebody may one day have to delete.
    """

    content: bytes = field(repr=False)
    retain: bool = True


@dataclass(frozen=True, slots=True)
class Submission:
    """One run's evidence, to be recorded. The manifest's entry is the first of `entries`."""

    folder: EvidenceFolder
    statement: Statement = field(repr=False)
    bundles: tuple[NamedBundle, ...] = field(repr=False)
    attached: tuple[NamedBundle, ...] = field(repr=False)
    entries: tuple[EntryRecord, ...]

    @classmethod
    def of(cls, path: Path) -> Submission:
        """Return what to record of the evidence at `path`.

        Raises:
            UsageError: it is not signed.
            EnvelopeError: a bundle is not well-formed, or holds another payload than the first.
            ManifestError: the payload is not a valid manifest.
            LogError: it is nothing that a log takes.
            UnreadableError: the operating system refused.
        """
        folder = EvidenceFolder.open(path)
        bundles = folder.bundles()
        if not bundles:
            raise UsageError(
                "the manifest is not signed, and a registry takes signed ones only",
                hint="Sign it first: auditkit sign.",
                path=str(path),
            )
        statement = decode_statement(decode_bundle(bundles[0].data).payload).statement
        attached = tuple(each for kind in _KINDS for each in statements(folder, kind))
        entries = (*_entries(folder, bundles), *_attached_entries(folder, attached))
        return cls(folder, statement, bundles, attached, entries)

    @property
    def manifest(self) -> EntryRecord:
        """The entry of the manifest."""
        return self.entries[0]

    def blobs(self) -> Iterator[Blob]:
        """Yield everything to store, one at a time, sidecars first.

        Raises:
            SidecarError: a sidecar is missing or differs from its recorded digest.
            UnreadableError: the operating system refused.
        """
        yield from self._sidecars()
        for bundle in self.bundles:
            yield Blob(bundle.data)
        for bundle in self.attached:
            yield Blob(bundle.data, retain=False)
        for bundle in (*self.bundles, *self.attached):
            yield from (Blob(token.data) for token in tokens(self.folder, bundle))

    def _sidecars(self) -> Iterator[Blob]:
        deletable, erased = set(_deletable(self.statement)), self._erased()
        for reference in all_sidecars(self.statement):
            if reference.name in erased:
                continue
            content = self.folder.sidecar(reference.name, limit=reference.size)
            if sha256_hex(content) != reference.sha256:
                raise SidecarError(
                    "differs from its recorded digest, so it is not recorded",
                    path=str(self.folder.sidecar_folder / reference.name),
                )
            yield Blob(content, retain=reference not in deletable)

    def _erased(self) -> set[str]:
        """Return the names of sidecars that are gone, and were deleted with their data."""
        named: set[str] = set()
        for bundle in statements(self.folder, "erasure"):
            try:
                erasure = decode_erasure(decode_bundle(bundle.data).payload).predicate
            except ManifestError:
                continue
            named |= {sidecar.name for sidecar in erasure.dataset.sidecars}
        return named - set(self.folder.names())


def _deletable(statement: Statement) -> Iterator[SidecarRef | None]:
    for dataset in statement.predicate.datasets:
        if dataset.content is not None:
            yield dataset.content.blocks
            yield dataset.content.row_digests
    if statement.predicate.code.patch is not None:
        yield statement.predicate.code.patch.diff


def _entries(folder: EvidenceFolder, bundles: Sequence[NamedBundle]) -> Iterator[EntryRecord]:
    """Yield the entries of bundles over one payload, and of the tokens beside them."""
    first = bundle_record(bundles[0].data)
    for bundle in bundles:
        record = bundle_record(bundle.data, addendum=bundle is not bundles[0])
        if record.statement != first.statement:
            raise EnvelopeError("signs another payload than the first", path=str(bundle.path))
        yield record
    for bundle in bundles:
        for token in tokens(folder, bundle):
            yield token_record(token.data, first.statement)


def _attached_entries(
    folder: EvidenceFolder, given: Sequence[NamedBundle]
) -> Iterator[EntryRecord]:
    by_statement: dict[str, list[NamedBundle]] = {}
    for each in given:
        by_statement.setdefault(bundle_record(each.data).statement, []).append(each)
    for bundles in by_statement.values():
        yield from _entries(folder, bundles)
