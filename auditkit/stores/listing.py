"""What lies in a folder, listed once: thousands of bundles may stand in one."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from auditkit.schemes import BUNDLE_SUFFIX
from auditkit.stores.reading import unreadable

_BUNDLE: Final = re.compile(rf"(.+?)(?:\.[0-9a-f]{{8}})?{re.escape(BUNDLE_SUFFIX)}", re.DOTALL)
_TOKEN: Final = re.compile(r"(.+)\.([1-9][0-9]{0,3})\.tsr", re.DOTALL)


@dataclass(frozen=True)
class Listing:
    """The names in one folder, and which of them belong together."""

    names: frozenset[str]

    @classmethod
    def read(cls, folder: Path) -> Listing:
        """List `folder`; raises UnreadableError."""
        try:
            return cls(frozenset(os.listdir(folder)))  # noqa: PTH208 - names, without Paths
        except OSError as error:
            raise unreadable(error, folder) from error

    def bundles(self, base: str) -> tuple[str, ...]:
        """Return the names of the bundles over one manifest, the one without a keyid first."""
        main = base + BUNDLE_SUFFIX
        own = {main} & self.names | self._siblings.get(base, set())
        return tuple(sorted(own, key=lambda name: (len(name), name)))

    def tokens(self, bundle_name: str) -> list[int]:
        """Return the numbers of the token files over a bundle's signature, ascending."""
        return sorted(self._tokens.get(bundle_name.removesuffix(BUNDLE_SUFFIX), ()))

    @cached_property
    def _siblings(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for name in self.names:
            if match := _BUNDLE.fullmatch(name):
                found[match[1]].add(name)
        return found

    @cached_property
    def _tokens(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = defaultdict(set)
        for name in self.names:
            if match := _TOKEN.fullmatch(name):
                found[match[1]].add(int(match[2]))
        return found


@dataclass(frozen=True, slots=True)
class Listings:
    """Listings of folders, each made when it is first asked for: how things were at that time."""

    _made: dict[Path, Listing] = field(default_factory=dict)

    def of(self, folder: Path) -> Listing:
        """Return the listing of `folder`; raises UnreadableError."""
        if folder not in self._made:
            self._made[folder] = Listing.read(folder)
        return self._made[folder]
