"""One version of tracked data, as a plan has it, and what is recorded of it once it was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from auditkit.datasets.base import Entries, FileEntry
from auditkit.datasets.dvc.listing import ListedFile, listing_md5
from auditkit.datasets.dvc.resolve import Resolved
from auditkit.manifest.dvc import DvcPlace, DvcRevision

_NAMED: Final = 100


@dataclass(frozen=True, slots=True)
class TrackedVersion:
    """What DVC says of the files of a plan, and where the plan has them from.

    `project` is the absolute path of the project's folder. `listing` has what DVC lists of a
    folder, without what the plan leaves out; None where the list was not found. `is_partial` says
    that the plan leaves files out.
    """

    project: str
    resolved: Resolved
    revision: DvcRevision | None
    read_from: dict[DvcPlace, int]
    remote: str | None
    listing: tuple[ListedFile, ...] | None = None
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether the bytes have DVC's MD5; None where that cannot be told.

    `differing` are the first of `count` paths that are missing, added, or of another MD5.
    """

    agrees: bool | None
    differing: tuple[str, ...] = ()
    count: int = 0


def compare(version: TrackedVersion, entries: Entries) -> Agreement:
    """Return whether files that were read, with companions, are those that DVC means."""
    tracked = version.resolved.tracked
    if version.listing is not None:
        differing = list(_differing(version.listing, entries))
        if not differing:
            return Agreement(None if any(file.md5 is None for file in version.listing) else True)
        return Agreement(False, tuple(differing[:_NAMED]), len(differing))
    if tracked.md5 is None or version.is_partial or not entries.companions:
        return Agreement(None)
    if not tracked.is_folder:
        same = len(entries) == 1 and entries[0].companion.hex() == tracked.md5
        return Agreement(same) if same else Agreement(False, (entries[0].path,), 1)
    pairs = ((entry.path, entry.companion.hex()) for entry in entries)
    return Agreement(listing_md5(pairs) == tracked.md5)


def _differing(listing: Sequence[ListedFile], entries: Sequence[FileEntry]) -> Iterator[str]:
    """Yield the paths that the two do not have alike; both are sorted by path.

    A file of which DVC knows no MD5 is taken as it is.
    """
    listed = iter(listing)
    expected = next(listed, None)
    for entry in entries:
        while expected is not None and expected.path < entry.path:
            yield expected.path
            expected = next(listed, None)
        if expected is None or expected.path != entry.path:
            yield entry.path
            continue
        if expected.md5 not in {None, entry.companion.hex()}:
            yield entry.path
        expected = next(listed, None)
    while expected is not None:
        yield expected.path
        expected = next(listed, None)
