"""The changes that auditkit makes to an `auditkit.toml`: all else stays, comments too."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from auditkit.errors import ConfigError

_LOG_LINE: Final = re.compile(r"(?m)^log[ \t]*=.*\n")

TomlValue = str | bool | list[str]

_KEY_LINE: Final = re.compile(r"(?m)^key[ \t]*=[ \t]*(?P<value>\"[^\"\n]*\"|'[^'\n]*')[ \t]*$")


def with_policy(text: str, policy: str) -> str | None:
    """Return the text of an `auditkit.toml` whose `[verify]` names a policy instead of keys.

    None if it is not written in the way that `auditkit init` writes it, so that a person must
    change it.
    """
    wanted = {**tomllib.loads(text), "verify": {"trust": policy}}
    for shorter in _with_one_line_less(text, _LOG_LINE):
        for line in _KEY_LINE.finditer(shorter):
            changed = (
                f"{shorter[: line.start()]}trust = {json.dumps(policy)}{shorter[line.end() :]}"
            )
            if _says(changed, wanted):
                return changed
    return None


def with_values(text: str, table: str, values: Mapping[str, TomlValue]) -> str:
    """Return the text of an `auditkit.toml` whose `[table]` has these values too.

    The table is made at the end if there is none.

    Raises:
        ConfigError: one of them is there with another value, or the table is not written as a
            table, so that a person must change it.
    """
    before = tomllib.loads(text)
    section = before.get(table, {})
    for name, value in values.items():
        if section.get(name, value) != value:
            raise ConfigError(
                f"[{table}] {name} is {json.dumps(section[name])} already",
                hint=f"Change it by hand if it is to be {json.dumps(value)}.",
            )
    missing = {name: value for name, value in values.items() if name not in section}
    if not missing:
        return text
    lines = "".join(
        f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in missing.items()
    )
    changed = _with_lines(text, table, lines)
    if not _says(changed, {**before, table: {**section, **missing}}):
        raise ConfigError(
            f"[{table}] is written in a way that is not changed by a program",
            hint=f"Add to it by hand: {'; '.join(lines.splitlines())}.",
        )
    return changed


def portable(path: Path) -> str:
    """Return a path with `~` for the home folder, as it may be committed and shared."""
    try:
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    except ValueError:
        return path.as_posix()


def _with_one_line_less(text: str, pattern: re.Pattern[str]) -> Iterator[str]:
    yield text
    for line in pattern.finditer(text):
        yield text[: line.start()] + text[line.end() :]


def _with_lines(text: str, table: str, lines: str) -> str:
    ended = text if text.endswith("\n") or not text else text + "\n"
    header = re.search(rf"(?m)^\[{table}\][ \t]*(?:#.*)?\n", ended)
    if header is None:
        return f"{ended}\n[{table}]\n{lines}"
    return ended[: header.end()] + lines + ended[header.end() :]


def _says(text: str, expected: dict[str, object]) -> bool:
    try:
        return tomllib.loads(text) == expected
    except tomllib.TOMLDecodeError:
        return False
