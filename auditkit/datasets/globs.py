"""What `--exclude` leaves out: a small part of gitignore's pattern language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from auditkit.errors import UsageError


@dataclass(frozen=True, slots=True)
class Glob:
    """A compiled pattern; see `parse_glob` for its meaning."""

    segments: tuple[str, ...]
    folders_only: bool

    def matches(self, path: Sequence[str], *, is_folder: bool) -> bool:
        """Tell whether the pattern names exactly this path, given as its segments."""
        if self.folders_only and not is_folder:
            return False
        return _match(path, self.segments)


def parse_glob(pattern: str) -> Glob:
    """Return the compiled pattern.

    Without a slash it names files and folders of that name at any depth; with one it is a path
    from the data set's root. A slash at the end makes it match folders only. `*`, `?` and `[...]`
    stay within one name, `**` stands for any number of folders. A folder that is left out takes
    everything inside with it. There is no negation (gitignore(5) has `!`).

    Raises:
        UsageError: the pattern is empty, starts with `!`, or has a `..`.
    """
    segments = [segment for segment in pattern.split("/") if segment not in {"", "."}]
    if not segments or ".." in segments or pattern.startswith("!"):
        raise UsageError(
            f"cannot exclude {pattern!r}",
            hint="Patterns are names (*.tmp) or paths inside the data set (raw/**/*.tmp); "
            "'..' and '!' are not supported.",
        )
    if "/" not in pattern.rstrip("/"):
        segments.insert(0, "**")
    once = [
        segment
        for i, segment in enumerate(segments)
        if segment != "**" or segments[i - 1 : i] != ["**"]
    ]
    return Glob(tuple(once), folders_only=pattern.endswith("/"))


def is_excluded(path: str, globs: Sequence[Glob]) -> bool:
    """Tell whether one of the patterns leaves out a file, or a folder that it is in."""
    segments = path.split("/")
    return any(
        glob.matches(segments[:length], is_folder=length < len(segments))
        for length in range(1, len(segments) + 1)
        for glob in globs
    )


def _match(path: Sequence[str], pattern: Sequence[str]) -> bool:
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(_match(path[start:], pattern[1:]) for start in range(len(path) + 1))
    return bool(path) and fnmatchcase(path[0], pattern[0]) and _match(path[1:], pattern[1:])
