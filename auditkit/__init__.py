"""Signed reproducibility manifests for machine-learning training runs.

`capture` records a run; `sign`, `record`, `verify` and `render` are the other verbs. Nothing heavy
is imported until one of them is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auditkit.version import __version__

if TYPE_CHECKING:
    from auditkit.errors import AuditkitError
    from auditkit.library import capture, commit_metadata, record, render, sign, verify

__all__ = [
    "AuditkitError",
    "__version__",
    "capture",
    "commit_metadata",
    "record",
    "render",
    "sign",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name == "AuditkitError":
        from auditkit.errors import AuditkitError

        return AuditkitError
    if name in __all__:
        from auditkit import library

        return getattr(library, name)
    raise AttributeError(f"module 'auditkit' has no attribute {name!r}")
