"""Text from the operating system, made fit for a manifest."""

from __future__ import annotations

from typing import Final

MAX_TEXT: Final = 65536
"""Characters that `manifest.types.Text` takes."""


def as_text(value: str) -> str:
    """Return `value` as text that UTF-8 can carry, cut to what a manifest takes.

    Bytes that are not UTF-8, which Python shows as lone surrogates, become U+FFFD.
    """
    clean = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return clean if len(clean) <= MAX_TEXT else clean[: MAX_TEXT - 1] + "…"
