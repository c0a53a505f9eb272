"""What DVC's configuration says of its cache and its remotes, and nothing else of it.

Source: DVC's documentation, "Internal Files: config". Of a remote only its address is used:
endpoints, profiles and credentials are those of whoever runs auditkit.
"""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from auditkit.datasets.dvc.project import DVC_FOLDER, read_optional
from auditkit.datasets.names import printable
from auditkit.errors import PointerError

_MAX_BYTES: Final = 1024 * 1024
_MAX_REFERENCES: Final = 8
_REMOTE: Final = re.compile(r"""['"]?\s*remote\s*"(.*)"\s*['"]?""")
_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_TRUE: Final = {"1", "yes", "true", "on"}


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote: `url` is an absolute path or a URL; `by_path` says files lie under their own paths.

    That is so in cloud-versioned remotes (`version_aware`, `worktree`).
    """

    name: str
    url: str
    by_path: bool = False


@dataclass(frozen=True, slots=True)
class DvcSettings:
    """The cache's folder, the remotes by name, and the name of the default one."""

    cache: Path
    remotes: Mapping[str, Remote] = field(default_factory=dict)
    default: str | None = None

    def candidates(self, *names: str | None) -> tuple[Remote, ...]:
        """Return the remotes to look in: those named, or else the default one."""
        chosen = [name for name in names if name] or ([self.default] if self.default else [])
        return tuple(self.remotes[name] for name in chosen if name in self.remotes)


def read_settings(project: Path, environ: Mapping[str, str]) -> DvcSettings:
    """Return the settings of a project: its own and those of the user and the machine.

    Raises:
        PointerError: a configuration file cannot be read as one.
    """
    values: dict[str, dict[str, str]] = {}
    for path in _files(project, environ):
        for section, entries in _read(path).items():
            values.setdefault(section, {}).update(entries)
    cache = values.get("cache", {}).get("dir") or str(project / DVC_FOLDER / "cache")
    remotes = {
        match[1]: _remote(match[1], entries, values)
        for section, entries in values.items()
        if (match := _REMOTE.fullmatch(section)) and entries.get("url")
    }
    return DvcSettings(Path(cache), remotes, values.get("core", {}).get("remote"))


def _files(project: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the files in which settings stand; later ones win."""
    home = Path(environ.get("HOME") or "/nonexistent")
    user = Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "dvc"
    return (
        Path(environ.get("DVC_SYSTEM_CONFIG_DIR") or "/etc/xdg/dvc") / "config",
        Path(environ.get("DVC_GLOBAL_CONFIG_DIR") or user) / "config",
        project / DVC_FOLDER / "config",
        project / DVC_FOLDER / "config.local",
    )


def _read(path: Path) -> dict[str, dict[str, str]]:
    data = read_optional(path, _MAX_BYTES)
    if data is None:
        return {}
    parser = configparser.ConfigParser(
        delimiters=("=",),
        comment_prefixes=("#",),
        interpolation=None,
        strict=False,
        default_section="\0",
    )
    try:
        parser.read_string("\n".join(map(str.strip, data.decode("utf-8-sig").splitlines())))
    except (configparser.Error, ValueError) as error:
        raise PointerError("is no configuration of DVC", path=printable(str(path))) from error
    return {
        section: {key: _value(key, text, path.parent) for key, text in parser.items(section)}
        for section in parser.sections()
    }


def _value(key: str, text: str, folder: Path) -> str:
    """Return a value without quotes; a path starts from the folder of the configuration file."""
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    if key not in {"url", "dir"} or _URL.match(text):
        return text
    return os.path.normpath(folder / os.path.expanduser(text))  # noqa: PTH111 -- never raises


def _remote(
    name: str, entries: Mapping[str, str], values: Mapping[str, Mapping[str, str]]
) -> Remote:
    by_path = any(entries.get(key, "").lower() in _TRUE for key in ("version_aware", "worktree"))
    return Remote(name, _resolved(entries["url"], values), by_path)


def _resolved(url: str, values: Mapping[str, Mapping[str, str]]) -> str:
    """Return an address without `remote://NAME/` at its beginning."""
    by_name = {
        match[1]: entries.get("url", "")
        for section, entries in values.items()
        if (match := _REMOTE.fullmatch(section))
    }
    for _ in range(_MAX_REFERENCES):
        if not url.startswith("remote://"):
            return url
        name, _, path = url.removeprefix("remote://").partition("/")
        url = f"{by_name.get(name, '').rstrip('/')}/{path}"
    raise PointerError(f"the remotes of DVC name each other: {printable(url[:80])}")
