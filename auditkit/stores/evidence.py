"""Evidence folders on disk, read as a stranger's.

    evidence/<run-id>/manifest.sigstore.json           the bundle
    evidence/<run-id>/manifest.<keyid8>.sigstore.json  further signatures over the same payload
    evidence/<run-id>/manifest.statement.json          the payload alone: not signed
    evidence/<run-id>/<sidecar>                        inventories, patch, packages
    evidence/<run-id>/approval.<…>.sigstore.json       an approval of the manifest
    evidence/<run-id>/verification.<…>.sigstore.json   what came of checking it
    evidence/<run-id>/erasure.<…>.sigstore.json        recorded data was lawfully deleted
    evidence/<run-id>/<bundle's name>.<n>.tsr          later time-stamp tokens over its signature

A free-standing `NAME.sigstore.json` has its sidecars and such statements beside it, in
`NAME.evidence/`.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from auditkit.errors import (
    EnvelopeError,
    NothingToVerifyError,
    SidecarError,
    TargetNotFoundError,
)
from auditkit.schemes import BUNDLE_SUFFIX, MAX_BUNDLE_BYTES, NAME_PATTERN, UNSIGNED_MANIFEST
from auditkit.stores.listing import Listing, Listings
from auditkit.stores.reading import read_regular, unreadable
from auditkit.stores.writing import SIDECAR_FOLDER_SUFFIX

UNSIGNED_SUFFIX = ".statement.json"
MAX_BUNDLES = 100
"""Most signatures over one manifest that are read; real ones have a handful."""

ATTACHED_NAME = re.compile(
    r"(?P<kind>approval|erasure|verification\.[0-9]{8}T[0-9]{6}Z)"
    rf"\.[0-9a-f]{{8}}\.[0-9a-f]{{8}}{re.escape(BUNDLE_SUFFIX)}"
)
"""A statement about the manifest: its kind, the first digits of its digest, then of its keyid.

There may be many verifications; the time in their names sorts them.
"""

_MAX_BUNDLES_BYTES = 4 * MAX_BUNDLE_BYTES
_MANIFEST = UNSIGNED_MANIFEST.removesuffix(UNSIGNED_SUFFIX)
_SIBLING = re.compile(r"\.[0-9a-f]{8}\Z")
_RUN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class NamedBundle:
    """A bundle file: its name, where it is, and its bytes as read."""

    name: str
    path: Path
    data: bytes


@dataclass(frozen=True, slots=True)
class EvidenceFolder:
    """One manifest's files. Nothing is read before it is asked for, and links never are.

    `path` is what was opened; `folder` holds the bundles and `sidecar_folder` the sidecars.
    `bundle_names` starts with the file that was opened or, in a folder, with
    `manifest.sigstore.json`.
    """

    path: Path
    folder: Path
    sidecar_folder: Path
    bundle_names: tuple[str, ...]
    unsigned_name: str | None
    listings: Listings = field(default_factory=Listings, repr=False, compare=False)

    @classmethod
    def open(cls, path: Path, listings: Listings | None = None) -> EvidenceFolder:
        """Return the evidence at `path`: a folder, a bundle, or an unsigned statement.

        A folder named like a run is evidence even when its manifest is gone, so that taking the
        manifest away shows. With `listings` folders are listed once for all that share them.

        Raises:
            TargetNotFoundError: nothing is there, or a file of another kind.
            NothingToVerifyError: a folder without a manifest.
            UnreadableError: the operating system refused.
        """
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            raise TargetNotFoundError(
                "no such file or folder", hint="Check the path.", path=str(path)
            ) from None
        except (OSError, ValueError) as error:
            raise unreadable(error, path) from error
        listings = listings or Listings()
        return cls._of_folder(path, listings) if is_folder else cls._of_file(path, listings)

    @classmethod
    def _of_folder(cls, path: Path, listings: Listings) -> EvidenceFolder:
        listing = listings.of(path)
        bundles = listing.bundles(_MANIFEST)
        unsigned = UNSIGNED_MANIFEST if UNSIGNED_MANIFEST in listing.names else None
        if not bundles and unsigned is None and not _is_named_like_a_run(path):
            raise NothingToVerifyError(
                "there is no manifest here",
                hint="Name an evidence folder or a bundle, or capture a run first.",
                path=str(path),
            )
        return cls(path, path, path, bundles, unsigned, listings)

    @classmethod
    def _of_file(cls, path: Path, listings: Listings) -> EvidenceFolder:
        file = path.resolve()
        folder = file.parent
        for suffix in (BUNDLE_SUFFIX, UNSIGNED_SUFFIX):
            if file.name.endswith(suffix):
                break
        else:
            raise TargetNotFoundError(
                "neither a bundle nor an unsigned statement",
                hint=f"Name an evidence folder or a file that ends in {BUNDLE_SUFFIX}.",
                path=str(path),
            )
        stem = file.name.removesuffix(suffix)
        listing = listings.of(folder)
        base = _SIBLING.sub("", stem)
        if base + BUNDLE_SUFFIX not in listing.names and base != _MANIFEST:
            base = stem
        aside = folder / (base + SIDECAR_FOLDER_SUFFIX)
        inside = base == _MANIFEST and not aside.is_dir()
        sidecars = folder if inside else aside
        if suffix == UNSIGNED_SUFFIX:
            return cls(path, folder, sidecars, (), file.name, listings)
        bundles = listing.bundles(base)
        first = sorted(bundles, key=lambda name: name != file.name)
        return cls(path, folder, sidecars, tuple(first), None, listings)

    def bundles(self) -> tuple[NamedBundle, ...]:
        """Return the bundles, not yet decoded.

        Raises:
            EnvelopeError: over 100 bundles; or one is a link, special, or over 16 MiB; or
                together they are over 64 MiB.
            UnreadableError: the operating system refused.
        """
        return read_bundles(self.folder, self.bundle_names)

    def unsigned(self) -> bytes | None:
        """Return the payload that was captured without a signature; None if there is none.

        Raises:
            EnvelopeError: it is a link, special or over 16 MiB.
            UnreadableError: the operating system refused.
        """
        if self.unsigned_name is None:
            return None
        return read_regular(self.folder / self.unsigned_name, MAX_BUNDLE_BYTES, EnvelopeError)

    def sidecar(self, name: str, *, limit: int) -> bytes:
        """Return a sidecar's bytes, not yet compared with its recorded digest.

        Raises:
            SidecarError: the name is not one, or it is missing, a link, special, or has more
                than `limit` bytes.
            UnreadableError: the operating system refused.
        """
        if not re.fullmatch(NAME_PATTERN, name):
            raise SidecarError(f"not a sidecar's name: {name[:80]!r}")
        if self.sidecar_folder != self.folder and self.sidecar_folder.is_symlink():
            raise SidecarError("is a symbolic link", path=str(self.sidecar_folder))
        return read_regular(self.sidecar_folder / name, limit, SidecarError)

    def names(self) -> tuple[str, ...]:
        """Return the names in the sidecar folder that a sidecar or bundle can have, sorted."""
        if not self.sidecar_folder.is_dir():
            return ()
        entries = self.listings.of(self.sidecar_folder).names
        return tuple(sorted(name for name in entries if re.fullmatch(NAME_PATTERN, name)))


def read_bundles(folder: Path, names: Sequence[str]) -> tuple[NamedBundle, ...]:
    """Return the named bundles of one folder, not yet decoded; raises as `bundles` does."""
    if len(names) > MAX_BUNDLES:
        raise EnvelopeError(f"{len(names)} bundles, more than {MAX_BUNDLES}", path=str(folder))
    found = []
    budget = _MAX_BUNDLES_BYTES
    for name in names:
        path = folder / name
        data = read_regular(path, min(budget, MAX_BUNDLE_BYTES), EnvelopeError)
        budget -= len(data)
        found.append(NamedBundle(name, path, data))
    return tuple(found)


def find_evidence(root: Path) -> list[Path]:
    """Return what `EvidenceFolder.open` takes: `root`, or what is up to two levels under it.

    These are evidence folders, folders named like a run even when their manifest is gone, and
    free-standing bundles, sorted. Links and hidden entries are left out. An empty list means
    that there is none, or no folder `root`.

    Raises:
        UnreadableError: the operating system refused to list a folder.
    """
    if not root.is_dir():
        return []
    return [root] if _is_evidence_folder(root) else sorted(_find(root, levels=2))


def _find(folder: Path, levels: int) -> Iterator[Path]:
    try:
        with os.scandir(folder) as listing:
            entries = {each.name: each for each in listing if not each.name.startswith(".")}
    except OSError as error:
        raise unreadable(error, folder) from error
    for name, entry in entries.items():
        if entry.is_dir(follow_symlinks=False):
            if _is_evidence_folder(folder / name):
                yield folder / name
            elif levels > 1:
                yield from _find(folder / name, levels - 1)
        elif entry.is_file(follow_symlinks=False) and _is_free_standing(name):
            main = _SIBLING.sub("", name.removesuffix(BUNDLE_SUFFIX)) + BUNDLE_SUFFIX
            if name == main or main not in entries:
                yield folder / name


def _is_free_standing(name: str) -> bool:
    return name.endswith(BUNDLE_SUFFIX) and not ATTACHED_NAME.fullmatch(name)


def _is_evidence_folder(folder: Path) -> bool:
    listing = Listing.read(folder)
    return bool(
        UNSIGNED_MANIFEST in listing.names
        or listing.bundles(_MANIFEST)
        or _is_named_like_a_run(folder)
    )


def _is_named_like_a_run(folder: Path) -> bool:
    return _RUN_ID.fullmatch(folder.resolve().name) is not None
