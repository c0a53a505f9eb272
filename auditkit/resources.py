"""Data files shipped with the package: `templates/` and `schemas/`.

Both live at the top of the repository and are symlinked into the package, so
`importlib.resources` finds them in an editable install and in a built wheel alike.
"""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable


def template(name: str) -> Traversable:
    """Return the template called `name` (a path relative to `templates/`)."""
    return files("auditkit") / "templates" / name


def schema(name: str) -> Traversable:
    """Return the JSON Schema called `name`, for instance `manifest.v1.json`."""
    return files("auditkit") / "schemas" / name
