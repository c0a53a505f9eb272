"""The sidecar that lists installed distributions: JSON, sorted by name."""

from __future__ import annotations

import msgspec


class Package(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One installed distribution; `origin` is set when it did not come from an index."""

    name: str
    version: str
    origin: str | None = None


def write_packages(packages: list[Package]) -> bytes:
    """Return the sidecar's bytes for packages already sorted by name."""
    return msgspec.json.format(msgspec.json.encode(packages), indent=1) + b"\n"


def read_packages(content: bytes) -> tuple[tuple[str, str], ...]:
    """Return (name, version) pairs; empty where the content is not such a list."""
    try:
        found = msgspec.json.decode(content, type=list[Package])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ()
    return tuple((package.name, package.version) for package in found)
