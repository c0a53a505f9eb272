"""Reading the sidecar that lists installed distributions: JSON, sorted by name."""

from __future__ import annotations

import msgspec


class _Package(msgspec.Struct, frozen=True):
    name: str
    version: str


def read_packages(content: bytes) -> tuple[tuple[str, str], ...]:
    """Return (name, version) pairs; empty where the content is not such a list."""
    try:
        found = msgspec.json.decode(content, type=list[_Package])
    except ValueError:
        return ()
    return tuple((package.name, package.version) for package in found)
