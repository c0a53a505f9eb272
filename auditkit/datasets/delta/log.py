"""Which files of a log define a version, told by their names.

Source: Delta Transaction Log Protocol, "Delta Log Entries" and "Checkpoints".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from auditkit.datasets.base import Part

_COMMIT = re.compile(r"(\d{20})\.json")
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint(?:\.(\d{10})\.(\d{10})|\.([0-9a-f-]{36}))?\.(\w+)")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of the table at a version, in one file or several."""

    version: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """The files that give a version: a checkpoint, unless it begins with commit 0, and commits."""

    version: int
    checkpoint: Checkpoint | None
    commits: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Log:
    """The files of a log: commits by version, and complete checkpoints, the newest last."""

    commits: dict[int, Part]
    checkpoints: tuple[Checkpoint, ...]

    @property
    def parts(self) -> list[Part]:
        """All files of it."""
        return [
            *self.commits.values(),
            *(part for checkpoint in self.checkpoints for part in checkpoint.parts),
        ]

    def only(self, paths: Collection[str]) -> Log:
        """Return the log that those of its files make whose paths are given."""
        return read_log(part for part in self.parts if part.path in paths)

    @property
    def latest(self) -> int | None:
        """The newest version, None for a folder that is no log."""
        versions = [*self.commits, *(each.version for each in self.checkpoints)]
        return max(versions, default=None)

    @property
    def earliest(self) -> int | None:
        """The oldest version that can be read, None where there is none."""
        if self.segment(0):
            return 0
        first = [each.version for each in self.checkpoints]
        return min(first, default=None)

    def segment(self, version: int) -> Segment | None:
        """Return the files that define a version, None where some of them are not there."""
        usable = [each for each in self.checkpoints if each.version <= version]
        for checkpoint in (*reversed(usable), None):
            first = checkpoint.version + 1 if checkpoint else 0
            if version - first >= len(self.commits):  # names can state any number
                continue
            commits = [self.commits.get(each) for each in range(first, version + 1)]
            found = tuple(each for each in commits if each is not None)
            if len(found) == len(commits):
                return Segment(version, checkpoint, found)
        return None


def read_log(files: Iterable[Part]) -> Log:
    """Return the log that these files of its folder make; what is neither is left out."""
    commits: dict[int, Part] = {}
    whole: list[Checkpoint] = []
    pieces: dict[tuple[int, int], dict[int, Part]] = {}
    for part in files:
        name = part.path.rpartition("/")[2]
        if match := _COMMIT.fullmatch(name):
            commits[int(match[1])] = part
        elif (match := _CHECKPOINT.fullmatch(name)) and _is_known(match):
            version = int(match[1])
            if match[2]:
                pieces.setdefault((version, int(match[3])), {})[int(match[2])] = part
            else:
                whole.append(Checkpoint(version, (part,)))
    for (version, count), found in pieces.items():
        if sorted(found) == list(range(1, count + 1)):
            whole.append(Checkpoint(version, tuple(found[i] for i in sorted(found))))
    return Log(commits, tuple(sorted(whole, key=lambda each: each.version)))


def _is_known(match: re.Match[str]) -> bool:
    """Tell whether it is a checkpoint's name: only one with a UUID may be in JSON."""
    return match[5] == "parquet" or (match[5] == "json" and match[4] is not None)
