"""Writing evidence: a folder, or a bundle with its sidecars, whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from auditkit.errors import UsageError
from auditkit.schemes import BUNDLE_SUFFIX, NAME_PATTERN
from auditkit.stores import atomic

SIDECAR_FOLDER_SUFFIX = ".evidence"
"""A free-standing `NAME.sigstore.json` has its sidecars in `NAME.evidence/`."""


def write_evidence(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a whole evidence folder in one step; `files` are contents by name.

    Raises:
        StorageError: `folder` exists, or could not be written; nothing of it is left behind.
        ValueError: a name that is not one safe path segment.
    """
    for name in files:
        if not re.fullmatch(NAME_PATTERN, name):
            raise ValueError(f"not a sidecar's name: {name!r}")
    temporary = atomic.temporary_path(folder.parent)
    try:
        if os.path.lexists(folder):
            raise FileExistsError
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary.mkdir()
        for name, data in files.items():
            atomic.create(temporary / name, data)
        atomic.sync_folder(temporary)
        temporary.rename(folder)
        atomic.sync_folder(folder.parent)
    except OSError as error:
        raise atomic.storage_error(error, folder) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def sibling_name(name: str, keyid: str) -> str:
    """Return the name of a further bundle over the payload of the bundle called `name`."""
    return f"{name.removesuffix(BUNDLE_SUFFIX)}.{keyid[:8]}{BUNDLE_SUFFIX}"


def write_bundle_file(
    path: Path,
    bundle: bytes,
    sidecars: Mapping[str, bytes],
    siblings: Mapping[str, bytes] | None = None,
) -> None:
    """Write `NAME.sigstore.json` and its sidecars in `NAME.evidence/`, the bundle last.

    `siblings` are further bundles beside it, by name.

    Raises:
        UsageError: `path` does not end in `.sigstore.json`.
        StorageError: one of them exists, or could not be written; none is left behind.
        ValueError: a sidecar's name is not one safe path segment.
    """
    if not path.name.endswith(BUNDLE_SUFFIX) or path.name == BUNDLE_SUFFIX:
        raise UsageError(
            f"a bundle's name ends in {BUNDLE_SUFFIX}",
            hint=f"Write it to {path.name}{BUNDLE_SUFFIX}, for instance.",
            path=str(path),
        )
    if os.path.lexists(path):
        raise atomic.storage_error(FileExistsError(), path)
    folder = path.with_name(path.name.removesuffix(BUNDLE_SUFFIX) + SIDECAR_FOLDER_SUFFIX)
    write_evidence(folder, sidecars)
    written: list[Path] = []
    try:
        for name, content in {**(siblings or {}), path.name: bundle}.items():
            atomic.write_new(path.with_name(name), content)
            written.append(path.with_name(name))
    except BaseException:
        for each in written:
            each.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        raise
