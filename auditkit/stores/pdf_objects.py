"""Values in a PDF, with references followed."""

from __future__ import annotations

from typing import Any

from pyhanko.pdf_utils.generic import IndirectObject


def value(holder: Any, name: str) -> Any:
    """Return the value under a name; None where there is none, or `holder` holds nothing."""
    try:
        return resolved(holder[name])
    except (KeyError, TypeError):
        return None


def resolved(item: Any) -> Any:
    """Return what a reference refers to, and anything else as it is."""
    if isinstance(item, IndirectObject):
        return item.get_object()  # type: ignore[no-untyped-call] # pyHanko's
    return item
