"""What keeps a version in DVC: `dvc gc` removes what nothing in its scope names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from auditkit.datasets.dvc.keepers import Keepers
from auditkit.manifest.dvc import DvcVersion
from auditkit.retention.horizon import Horizon

_SETTING: Final = "scope of dvc gc"


def dvc_horizon(version: DvcVersion, keepers: Keepers) -> Horizon | None:
    """Return what keeps a recorded version: no setting of DVC's holds anything for a time.

    It is None for what a stage names and DVC does not store, such as its code.
    """
    where = " and ".join(_places(keepers))
    if not where and version.stage is not None:
        return None
    if not where or version.agrees is False:
        return _only_here()
    if not keepers.tags and not keepers.branches:
        detail = f"no tag and no branch names it, so that dvc gc removes it from {where}"
        action = "Tag the commit that names it, and run dvc gc with --all-tags."
    elif keepers.tags:
        detail = f"{_named('tag', keepers.tags)} names it: only dvc gc with -T keeps it in {where}"
        action = "Keep the tag, and never run dvc gc without --all-tags."
    else:
        detail = f"{_named('branch', keepers.branches)} names it, until it moves on: only dvc gc "
        detail += f"with -a keeps it in {where}"
        action = "Tag the commit, and never run dvc gc without --all-tags."
    push = "" if keepers.remote else " Run dvc push, so that a remote has it too."
    return Horizon("open", _SETTING, detail, action + push)


def _only_here() -> Horizon:
    return Horizon(
        "open",
        "none: only the workspace",
        "neither DVC's cache nor a remote has these bytes, and the next checkout replaces them",
        "Run dvc add or dvc commit, and dvc push.",
    )


def _places(keepers: Keepers) -> Iterator[str]:
    if keepers.cache:
        yield "the cache"
    if keepers.remote:
        yield f"the remote {keepers.remote}"


def _named(kind: str, names: tuple[str, ...]) -> str:
    more = f" or {len(names) - 1} more" if len(names) > 1 else ""
    return f"{kind} {names[0]}{more}"
