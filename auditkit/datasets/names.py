"""File names: which of them an inventory can carry, and how the others are shown."""

from __future__ import annotations

import os
import unicodedata
from typing import Final

from auditkit.errors import PathNameError

MAX_PATH_BYTES: Final = 4096
"""Longest relative path that is recorded: PATH_MAX of Linux."""


def check_name(name: str, *, path: str) -> None:
    r"""Refuse a name that the line format of `sha256sum` cannot carry unescaped.

    Refused are control characters (Unicode category Cc: C0, DEL and C1, so newlines too), the
    backslash, and bytes that are not UTF-8 (which Python shows as lone surrogates).

    Raises:
        PathNameError: naming `path`, in printable form.
    """
    reason = _objection(name)
    if reason is not None:
        raise PathNameError(
            f"the file name {reason}",
            hint="Rename it, or leave it out with --exclude.",
            path=printable(path),
        )


def is_plain_name(name: str) -> bool:
    """Tell quickly that `check_name` has nothing against a name; False settles nothing."""
    return name.isascii() and name.isprintable() and "\\" not in name


def is_recordable_path(path: str) -> bool:
    """Tell whether `path` is a relative POSIX path, of legal names, that stays where it is."""
    segments = path.split("/")
    return (
        len(path.encode("utf-8", "surrogatepass")) <= MAX_PATH_BYTES
        and not any(segment in {"", ".", ".."} for segment in segments)
        and not any(_objection(segment) for segment in segments)
    )


def printable(name: str) -> str:
    """Return `name` with control characters and bytes that are not UTF-8 as escapes.

    A legal name comes back unchanged.
    """
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(
        character.encode("unicode_escape").decode() if _is_control(character) else character
        for character in text
    )


def _objection(name: str) -> str | None:
    if is_plain_name(name):
        return None
    if "\\" in name:
        return "has a backslash"
    if any("\ud800" <= character <= "\udfff" for character in name):
        return "is not UTF-8"
    if any(_is_control(character) for character in name):
        return "has a control character"
    return None


def _is_control(character: str) -> bool:
    return unicodedata.category(character) == "Cc"
