"""A folder of evidence as a source of manifests.

There is nothing that says what changed in it, so every bundle is read and hashed each time; only
those that are unknown are looked into.
"""

from __future__ import annotations

from pathlib import Path

from auditkit.digests import sha256_hex
from auditkit.errors import AuditkitError, SidecarError
from auditkit.index.bundle import bundle_payload
from auditkit.index.source import Item, Sink
from auditkit.schemes import BUNDLE_SUFFIX
from auditkit.stores.evidence import EvidenceFolder, find_evidence, read_bundles
from auditkit.stores.listing import Listings

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
                sink.put(Item(key, digest, key, payload or None, signed))
        sink.retain()
        return _STATE

    def sidecar(self, place: str, name: str, digest: str, limit: int) -> bytes:
        """Return a sidecar of the manifest at `place`; raises AuditkitError."""
        content = EvidenceFolder.open(self._root / place).sidecar(name, limit=limit)
        if sha256_hex(content) != digest:
            raise SidecarError("differs from its recorded digest", path=f"{place}/{name}")
        return content


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
