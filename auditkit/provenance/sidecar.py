"""Sidecars that provenance writes beside the manifest."""

from __future__ import annotations

from auditkit.digests import sha256_hex
from auditkit.manifest.model import SidecarRef


def sidecar_ref(name: str, media_type: str, content: bytes) -> SidecarRef:
    """Return the reference that binds a sidecar's content to the manifest."""
    return SidecarRef(
        name=name, media_type=media_type, sha256=sha256_hex(content), size=len(content)
    )
