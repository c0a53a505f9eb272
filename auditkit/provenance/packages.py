"""Installed Python distributions, with versions and where they came from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageMetadata, distributions
from typing import Any, Final

from auditkit.provenance.redact import redact_url
from auditkit.provenance.text import as_text

PACKAGES_SIDECAR: Final = "environment.packages.json"
_SEPARATORS: Final = re.compile(r"[-_.]+")


def list_packages(path: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """Return `{name, version, origin?}` of every importable distribution, sorted by name.

    `path` is searched as `sys.path` would be, which it defaults to: of two distributions with
    one name the first is the one that Python imports. `origin` is what `direct_url.json` tells
    (PEP 610): `url`, and where given `vcs`, `commit`, `hash`, `editable`.
    """
    found: dict[str, dict[str, Any]] = {}
    for distribution in distributions() if path is None else distributions(path=list(path)):
        # A broken installation, which pip leaves behind when interrupted, has no name.
        metadata = distribution.metadata
        if metadata["Name"]:
            found.setdefault(_normalised(metadata["Name"]), _package(metadata, distribution))
    return [found[key] for key in sorted(found)]


def encode_packages(packages: list[dict[str, Any]]) -> bytes:
    """Return the sidecar's bytes: one JSON list, indented, ending in a newline."""
    return json.dumps(packages, indent=1, ensure_ascii=False).encode() + b"\n"


def _normalised(name: str) -> str:
    """Return the name as PEP 503 compares it."""
    return _SEPARATORS.sub("-", name).lower()


def _package(metadata: PackageMetadata, distribution: Distribution) -> dict[str, Any]:
    package: dict[str, Any] = {
        "name": as_text(metadata["Name"]),
        "version": as_text(metadata["Version"] or ""),
    }
    origin = _origin(distribution.read_text("direct_url.json"))
    return package | {"origin": origin} if origin else package


def _origin(text: str | None) -> dict[str, Any] | None:
    """Return what is told of the origin; None if nothing is, or it is not what PEP 610 says."""
    try:
        document = json.loads(text or "null")
    except ValueError:
        return None
    if not isinstance(document, dict) or not isinstance(document.get("url"), str):
        return None
    vcs, archive = _part(document, "vcs_info"), _part(document, "archive_info")
    told = {
        "url": redact_url(document["url"]),
        "vcs": vcs.get("vcs"),
        "commit": vcs.get("commit_id"),
        "hash": archive.get("hash"),
    }
    origin: dict[str, Any] = {
        key: as_text(value) for key, value in told.items() if isinstance(value, str)
    }
    if _part(document, "dir_info").get("editable") is True:
        origin["editable"] = True
    return origin


def _part(document: dict[str, Any], name: str) -> dict[str, Any]:
    part = document.get(name)
    return part if isinstance(part, dict) else {}
