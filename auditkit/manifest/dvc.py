"""What a manifest says of data that DVC tracks, beside its files, rows and columns."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from auditkit.manifest.types import Count, GitObjectId, Record, Text

DvcPlace = Literal["workspace", "cache", "remote"]


class DvcRevision(Record, frozen=True, kw_only=True):
    """The revision that was asked for, and the commit that it named when it was read."""

    requested: Text
    commit: GitObjectId


class DvcPlaces(Record, frozen=True, kw_only=True):
    """How many files were read from each place."""

    workspace: Count = 0
    cache: Count = 0
    remote: Count = 0


class DvcOrigin(Record, frozen=True, kw_only=True):
    """Where imported data came from, as the `.dvc` file says."""

    path: Text
    repository: Text | None = None
    revision: Text | None = None


class DvcVersion(Record, frozen=True, kw_only=True):
    """What DVC's own files say of the data, where the bytes were found, and if the two agree.

    `pointer` is the `.dvc` file or the `dvc.lock`; `stage` the stage in it. `md5` is DVC's name for
    the version: of a file's bytes, or, with `.dir`, of the list of a folder's files. `hash` is
    `md5`, or `md5-dos2unix` for what DVC 2 recorded, which ignores how lines of text end.
    `agrees` is whether the bytes have DVC's MD5, None where
    that could not be told; `differing` are up to 100 of `differing_count` paths that do not.
    """

    pointer: Text
    stage: Text | None = None
    md5: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}(\.dir)?\Z")] | None = None
    hash: Literal["md5", "md5-dos2unix"]
    revision: DvcRevision | None = None
    read_from: DvcPlaces
    remote: Text | None = None
    agrees: bool | None = None
    differing: tuple[Text, ...] = ()
    differing_count: Count = 0
    origin: DvcOrigin | None = None
