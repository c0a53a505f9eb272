"""What a stage of a DVC pipeline says of itself, as things to record."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from auditkit.datasets.base import Reference, StageEntry
from auditkit.datasets.dvc.paths import join, parent
from auditkit.datasets.dvc.pipeline import is_metric
from auditkit.datasets.dvc.pointers import MAX_POINTER_BYTES, LockedStage, Tracked
from auditkit.datasets.dvc.project import LOCK_FILE, PIPELINE_FILE, find_project, relative
from auditkit.datasets.dvc.resolve import locked_stages
from auditkit.datasets.dvc.sources import ProjectFiles, WorkingFiles
from auditkit.datasets.location import absolute
from auditkit.datasets.names import printable
from auditkit.datasets.references import default_name
from auditkit.errors import TargetNotFoundError, UsageError
from auditkit.provenance.parameters import merge, read_parameters
from auditkit.schemes import OUTPUT_ROLE

_INPUT_ROLE: Final = "input"
_NAMED: Final = re.compile(rf"(?:(.*){re.escape(PIPELINE_FILE)}:)?([^:/]+)")


@dataclass(frozen=True, slots=True)
class StageMember:
    """A dependency or output of a stage, under the name that it is recorded by."""

    name: str
    role: str
    reference: Reference


@dataclass(frozen=True, slots=True)
class StageRecord:
    """What a stage was last run with and what it wrote; locations start from `base`.

    `name` is the stage as it was asked for. `warnings` name what cannot be recorded.
    """

    name: str
    base: Path
    members: tuple[StageMember, ...]
    parameters: Mapping[str, Any]
    metrics: Mapping[str, Any]
    warnings: tuple[str, ...] = ()


def read_stage(text: str, folder: Path) -> StageRecord:
    """Return the stage that `[PATH/dvc.yaml:]NAME` names, from the `dvc.lock` beside the file.

    Without a path that is the `dvc.yaml` in `folder`. Parameters are those that DVC wrote down when
    the stage was run, metrics those in its files now.

    Raises:
        UsageError: the text names no stage.
        TargetNotFoundError: there is no such stage, or it was never run.
        DataNotFoundError: there is no DVC project.
        PointerError, UnsafePathError, UnreadableError: a file cannot be read.
        ConfigError: a file of metrics cannot be read.
    """
    match = _NAMED.fullmatch(text)
    if match is None:
        raise UsageError(f"{text[:80]!r} names no stage", hint="Write NAME, or PATH/dvc.yaml:NAME.")
    lock = absolute(folder / (match[1] or "") / LOCK_FILE)
    project = find_project(lock)
    files, path = WorkingFiles(project), relative(lock, project)
    stages = locked_stages(files, path)
    stage = stages.get(match[2])
    if stage is None:
        known = ", ".join(map(printable, stages)) or "none"
        raise TargetNotFoundError(
            f"dvc.lock has no stage {match[2]!r}",
            path=str(lock),
            hint=f"Stages that were run: {known}. Run dvc repro, or name the file: "
            "PATH/dvc.yaml:NAME.",
        )
    return _Reader(project, files, path, stage).record(text)


class _Reader:
    """Reads one stage of one `dvc.lock`."""

    def __init__(self, project: Path, files: ProjectFiles, lock: str, stage: LockedStage) -> None:
        self._project = project
        self._files = files
        self._lock = lock
        self._stage = stage

    def record(self, name: str) -> StageRecord:
        """Return the stage under the name that it was asked for by."""
        inside = [
            (tracked, role)
            for entries, role in (
                (self._stage.dependencies, _INPUT_ROLE),
                (self._stage.outputs, OUTPUT_ROLE),
            )
            for tracked in entries
        ]
        return StageRecord(
            name,
            self._project,
            tuple(self._members(inside)),
            _parameters(self._stage.parameters),
            merge(*(read_parameters(path) for path in self._metric_files())),
            tuple(self._warnings(tracked for tracked, _ in inside)),
        )

    def _members(self, entries: Sequence[tuple[Tracked, str]]) -> Iterator[StageMember]:
        entry = StageEntry(self._lock, self._stage.name)
        found = [
            (Reference(tracked.path, "dvc", entry=entry), role)
            for tracked, role in entries
            if tracked.path is not None
        ]
        taken = Counter(default_name(reference) for reference, _ in found)
        for reference, role in found:
            name = default_name(reference)
            if taken[name] > 1:
                name = default_name(Reference(reference.location.replace("/", "_")))
            yield StageMember(name, role, reference)

    def _metric_files(self) -> Iterator[Path]:
        """Yield the files of metrics that are in the workspace."""
        pipeline = self._files.read(join(parent(self._lock), PIPELINE_FILE), MAX_POINTER_BYTES)
        if pipeline is None:
            return
        for tracked in self._stage.outputs:
            path = self._project / (tracked.path or "")
            if path.is_file() and is_metric(pipeline, self._stage.name, tracked.written):
                yield path

    def _warnings(self, entries: Iterator[Tracked]) -> Iterator[str]:
        for tracked in entries:
            if tracked.path is None:
                yield (
                    f"stage {self._stage.name!r} names {printable(tracked.written[:200])}, which "
                    "lies outside the DVC project and is not recorded"
                )


def _parameters(by_file: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the values nested by the dots in their names.

    Those of several files are one map, or a map by file where two files have a name in common.
    """
    nested = {name: merge(*map(_nested, values.items())) for name, values in by_file.items()}
    names = Counter(key for values in nested.values() for key in values)
    return nested if max(names.values(), default=0) > 1 else merge(*nested.values())


def _nested(item: tuple[str, Any]) -> dict[str, Any]:
    name, value = item
    for key in reversed(str(name).split(".")):
        value = {key: value}
    found: dict[str, Any] = value
    return found
