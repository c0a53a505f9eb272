"""What `dvc.yaml` says of stages, as far as `dvc.lock` does not: folders, and which are metrics.

Source: DVC's documentation, "dvc.yaml Files". Names and paths in it may have `${…}` to be filled
in, and one entry may stand for many stages (`foreach`, `matrix`); `dvc.lock` has them filled in.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from auditkit.datasets.dvc.pointers import load_map
from auditkit.errors import PointerError

_FILLED_IN: Final = re.compile(r"\$\{[^}]*\}")


def entry_name(stage: str) -> str:
    """Return the name of the entry that a stage comes from: that before an `@`."""
    return stage.partition("@")[0]


def stage_folders(data: bytes) -> dict[str, str | None]:
    """Return the folders that entries' stages run in, relative to the file's own.

    It is None for a folder that is filled in, which `dvc.lock` does not tell.

    Raises:
        PointerError: not such a file.
    """
    folders: dict[str, str | None] = {}
    for name, entry in _entries(data):
        folder = entry.get("wdir", ".")
        if not isinstance(folder, str):
            raise PointerError(f"the wdir of stage {name[:80]!r} is no path")
        folders[name] = None if _FILLED_IN.search(folder) else folder
    return folders


def is_metric(data: bytes, stage: str, path: str) -> bool:
    """Tell whether a stage declares `path`, as it is written in `dvc.lock`, as metrics.

    Raises PointerError for a file that is none.
    """
    return any(
        fnmatchcase(path, "*".join(map(glob.escape, _FILLED_IN.split(declared))))
        for name, entry in _entries(data)
        if name in {stage, entry_name(stage)}
        for declared in _paths(entry.get("metrics"))
    )


def _entries(data: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    stages = load_map(data, "dvc.yaml").get("stages", {})
    if not isinstance(stages, dict):
        raise PointerError("the stages of dvc.yaml are no map")
    for name, entry in stages.items():
        stage = entry.get("do", entry) if isinstance(entry, dict) else None
        if not isinstance(stage, dict):
            raise PointerError(f"stage {str(name)[:80]!r} of dvc.yaml is no map")
        yield str(name), stage


def _paths(metrics: Any) -> Iterator[str]:
    """Yield paths from `- PATH` and `- PATH: {cache: false}`."""
    for entry in metrics if isinstance(metrics, list) else ():
        yield from map(str, entry if isinstance(entry, dict) else (entry,))
