"""A folder of evidence as a source of manifests.

There is nothing that says what changed in it, so every bundle is read and hashed each time; only
those that are unknown are looked into.
"""

from __future__ import annotations

from pathlib import Path

from auditkit.digests import sha256_hex
from auditkit.errors import AuditkitError, EnvelopeError, SidecarError
from auditkit.index.bundle import bundle_payload
from auditkit.index.checks import MOST_CHECKS
from auditkit.index.source import Item, Sink
from auditkit.schemes import BUNDLE_SUFFIX, MAX_BUNDLE_BYTES
from auditkit.stores.attached import statement_names
from auditkit.stores.evidence import ATTACHED_NAME, EvidenceFolder, find_evidence, read_bundles
from auditkit.stores.listing import Listings
from auditkit.stores.reading import read_regular

_STATE = "read in full"


class FolderSource:
    """The evidence under one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    @property
    def identity(self) -> str:
        """The folder's own path, links resolved."""
        return f"folder {self._root}"

    def feed(self, sink: Sink, state: str | None) -> str:  # noqa: ARG002 - see above
        """Hand over every bundle and unsigned manifest that is not in `sink` yet."""
        listings = Listings()
        for path in find_evidence(self._root):
            key = path.relative_to(self._root).as_posix()
            stands_free = path.name.endswith(BUNDLE_SUFFIX)
            content, signed = _content(path, listings if stands_free else None)
            digest = sha256_hex(content)
            if not sink.has(key, digest):
                payload = bundle_payload(content) if signed else content
                sink.put(_item(key, digest, payload, signed=signed))
            self._feed_checks(sink, path, listings)
        sink.retain()
        return _STATE

    def statement(self, key: str, digest: str) -> bytes:
        """Return a verification by its path in the folder, a manifest by that of its evidence.

        Raises:
            AuditkitError: there is another one there, or none.
        """
        path = self._root / key
        if ATTACHED_NAME.fullmatch(path.name):
            content = read_regular(path, MAX_BUNDLE_BYTES, EnvelopeError)
        else:
            content, _ = _content(path, None)
        if sha256_hex(content) != digest:
            raise EnvelopeError("changed since it was listed", path=key)
        return content

    def _feed_checks(self, sink: Sink, path: Path, listings: Listings) -> None:
        """Hand over the latest of what was found when a manifest was checked."""
        try:
            folder = EvidenceFolder.open(path, listings)
            names = statement_names(folder, "verification")[-MOST_CHECKS:]
            bundles = read_bundles(folder.sidecar_folder, names)
        except AuditkitError:
            return
        for bundle in bundles:
            key, digest = bundle.path.relative_to(self._root).as_posix(), sha256_hex(bundle.data)
            if not sink.has(key, digest):
                sink.put(_item(key, digest, bundle_payload(bundle.data), signed=True))

    def sidecar(self, place: str, name: str, digest: str, limit: int) -> bytes:
        """Return a sidecar of the manifest at `place`; raises AuditkitError."""
        content = EvidenceFolder.open(self._root / place).sidecar(name, limit=limit)
        if sha256_hex(content) != digest:
            raise SidecarError("differs from its recorded digest", path=f"{place}/{name}")
        return content


def _item(key: str, digest: str, payload: bytes | None, *, signed: bool) -> Item:
    return Item(key, digest, key, payload or None, sha256_hex(payload or b""), signed)


def _content(path: Path, listings: Listings | None) -> tuple[bytes, bool]:
    """Return the first bundle or the unsigned manifest, and whether it is a bundle."""
    try:
        folder = EvidenceFolder.open(path, listings)
        if folder.bundle_names:
            (first,) = read_bundles(folder.folder, folder.bundle_names[:1])
            return first.data, True
        return folder.unsigned() or b"", False
    except AuditkitError:
        return b"", False
