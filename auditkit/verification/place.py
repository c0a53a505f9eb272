"""Where a data set is looked for, and how verdicts name what lies there.

Verdicts travel in packs and reports, and whose machine they were made on is nobody's business: a
place is named as it was recorded or given, never by the folders around it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from auditkit.datasets.location import absolute
from auditkit.findings import DatasetVerdict, Finding

_Named = TypeVar("_Named", Finding, DatasetVerdict)

_TEXTS: Final = ("detail", "expected", "found", "note")
_START: Final = r"(?<![^\s'\"(])"
_END: Final = r"(?![^/\s:;,'\")])"


class Place:
    """A location as it was recorded or given, and the folder that a relative one starts from."""

    def __init__(self, location: str, base: Path) -> None:
        self.location = location
        here, folder = str(absolute(base / location)), str(base).rstrip("/")
        self._here = re.compile(f"{_START}{re.escape(here)}{_END}")
        self._inside = re.compile(f"{_START}{re.escape(folder)}/") if folder else None

    def named(self, what: _Named) -> _Named:
        """Return a finding or a verdict whose texts do not tell where on this machine it is."""
        texts = {
            field: self._plain(text)
            for field in _TEXTS
            if isinstance(text := getattr(what, field, None), str)
        }
        return msgspec.structs.replace(what, **texts)

    def _plain(self, text: str) -> str:
        text = self._here.sub(lambda _: self.location, text)
        return self._inside.sub("", text) if self._inside else text
