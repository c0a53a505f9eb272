"""Where a run or data comes from, and what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from auditkit.api.targets import read_manifest
from auditkit.datasets.base import Reference
from auditkit.datasets.planning import plan
from auditkit.datasets.scan import scan
from auditkit.errors import NothingToVerifyError, TargetNotFoundError
from auditkit.evidence import Direction, LineageGraph
from auditkit.execution.executor import LocalExecutor
from auditkit.execution.progress import Progress, SilentProgress
from auditkit.index.index import Index
from auditkit.index.lookup import find_keys, find_runs, is_recorded, recorded_at, roots_of
from auditkit.lineage import DataKey, RunRecord, run_record, walk
from auditkit.schemes import BUNDLE_SUFFIX, UNSIGNED_MANIFEST
from auditkit.stores.evidence import find_evidence

Origin = RunRecord | DataKey


@dataclass(frozen=True, slots=True)
class Traced:
    """A graph, and what its reader has to know about how the target was found; mostly nothing."""

    graph: LineageGraph
    remark: str = ""


def trace(
    target: str,
    index: Index,
    *,
    root: Path,
    direction: Direction = "both",
    depth: int | None = None,
    progress: Progress | None = None,
) -> Traced:
    """Return the lineage of `target`: evidence, a file or folder of data, a run id or a digest.

    A path is looked for by what it holds now. If no run recorded that, what was recorded at that
    path (relative to the project's folder `root`) is meant, and the remark says so.

    Raises:
        TargetNotFoundError: nothing like it is recorded, or several things are.
        NothingToVerifyError: no run is recorded at all.
        DataError: a file or folder cannot be read.
    """
    progress = progress or SilentProgress()
    index.read_folders(progress)
    if not index.size:
        raise NothingToVerifyError(
            "no run is recorded here", hint="Record one with auditkit capture or auditkit run."
        )
    path = Path(target)
    if path.exists():
        origins, remark = _of_path(path, index, root, progress)
    else:
        origins, remark = _of_text(target, index), ""
    graph = walk(index.records, origins, direction=direction, depth=depth)
    return Traced(_named(graph, path.name), remark)


def _named(graph: LineageGraph, name: str) -> LineageGraph:
    """Call a file that was never recorded alone what it was asked for by."""
    data = (
        replace(each, names=(name,)) if each.id in graph.origins and not each.names else each
        for each in graph.data
    )
    return replace(graph, data=tuple(data))


def _of_text(text: str, index: Index) -> Sequence[Origin]:
    runs = find_runs(index.database, text)
    keys = find_keys(index.database, text)
    if len(runs) + len(keys) > 1:
        names = [run.run for run in runs] + [key.id[:24] for key in keys]
        raise TargetNotFoundError(
            f"{text!r} is ambiguous: {', '.join(names[:5])}", hint="Give more digits."
        )
    if not runs and not keys:
        raise TargetNotFoundError(
            f"no such path, run, manifest or recorded data: {text!r}",
            hint="A file in a folder is found by its whole digest.",
        )
    return [*runs, *(each for key in keys for each in _roots(key, index))]


def _of_path(
    path: Path, index: Index, root: Path, progress: Progress
) -> tuple[Sequence[Origin], str]:
    evidence = find_evidence(path) if path.is_dir() else [path] if _is_bundle(path) else []
    if evidence:
        return [_run_at(each, index) for each in evidence], ""
    key = _folder(path, progress) if path.is_dir() else _file(path)
    if is_recorded(index.database, key):
        return [key], ""
    before = recorded_at(index.database, _location(path.resolve(), root.resolve()))
    if before is None:
        raise TargetNotFoundError(
            f"no run recorded this ({key.id})",
            path=str(path),
            hint="Name a run, a recorded file or folder, or a digest.",
        )
    return [before], f"{path} is not what was recorded there: this is about {before.id}"


def _is_bundle(path: Path) -> bool:
    return path.name.endswith(BUNDLE_SUFFIX) or path.name == UNSIGNED_MANIFEST


def _roots(key: DataKey, index: Index) -> Sequence[DataKey]:
    """Return the files and folders that stand for rows; anything else stands for itself."""
    return roots_of(index.database, key) if key.kind in {"sequence", "bag"} else [key]


def _run_at(path: Path, index: Index) -> RunRecord:
    found = read_manifest(path)
    return index.records.run(found.digest) or run_record(found.payload, found.digest)


def _location(path: Path, root: Path) -> str:
    inside = path.is_relative_to(root)
    return path.relative_to(root).as_posix() if inside else path.as_posix()


def _file(path: Path) -> DataKey:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise TargetNotFoundError(f"cannot be read ({error.strerror})", path=str(path)) from error
    return DataKey("file", "sha256", digest)


def _folder(path: Path, progress: Progress) -> DataKey:
    found = plan(Reference(str(path), "files"), base=Path.cwd(), excluded=())
    root = scan(found, executor=LocalExecutor(), progress=progress).root
    return DataKey.of_root("dirHash", root["dirHash"])
