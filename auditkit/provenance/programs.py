"""Programs that take a secret under a harmless option: `mysql -pS`, `curl -u USER:S`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Program:
    """What announces a secret on this program's command line.

    `option` matches from the start of a word. What follows it in the same word is the secret;
    where nothing does, the next word is, if `separate`.
    """

    option: re.Pattern[str]
    separate: bool


def _program(option: str, *, separate: bool) -> Program:
    return Program(re.compile(option), separate)


_PROGRAMS: Final = {
    r"(?:mysql|mariadb)[\w-]*|mycli|xtrabackup": _program("-p", separate=False),
    "7z[arz]?": _program("-p", separate=False),
    "sshpass|mongo[a-z]*": _program("-p", separate=True),
    "redis-cli": _program("-a", separate=True),
    "sqlcmd|bcp|zip|unzip": _program("-P", separate=True),
    "ldap[a-z]+": _program("-w", separate=True),
    # Options without a value may stand before it in the same word, as in `-su USER:S`.
    "curl": _program(
        r"-[fgijkLnNOqRsSvJI0-9#]*[uU]|--(?:proxy-)?user(?:=|(?![\w-]))", separate=True
    ),
}
_NAMED: Final = {re.compile(names): program for names, program in _PROGRAMS.items()}
_IN_TEXT: Final = re.compile(rf"(?<![\w.@:=-])(?P<name>{'|'.join(_PROGRAMS)})(?![\w./:=-])")
_END_OF_COMMAND: Final = re.compile(r"[;|&\n]")
_LONGEST_COMMAND: Final = 4096
"""How far from a program's name its options are looked for in running text."""
_BETWEEN: Final = r"""["']?,?\s++(?!["']?--[A-Za-z])"""


def program_named(word: str) -> Program | None:
    """Return the program that a word of a command line names, by name or path; None for others."""
    name = word.rpartition("/")[2]
    return next((each for names, each in _NAMED.items() if names.fullmatch(name)), None)


def announcements(text: str) -> list[re.Match[str]]:
    """Return a match for each such option in `text`, in order; it ends where the secret begins."""
    found: list[re.Match[str]] = []
    searched: dict[Program, int] = {}
    for match in _IN_TEXT.finditer(text):
        program = program_named(match["name"])
        if program is None:
            continue
        start = max(match.end(), searched.get(program, 0))
        end = _END_OF_COMMAND.search(text, match.end(), match.end() + _LONGEST_COMMAND)
        searched[program] = end.start() if end else match.end() + _LONGEST_COMMAND
        found += _in_text(program).finditer(text, start, searched[program])
    return sorted(found, key=lambda each: each.start())


@cache
def _in_text(program: Program) -> re.Pattern[str]:
    follows = r"""(?=[^\s"',])|(?=["'][^"',\s\]])"""
    if program.separate:
        follows += f"|{_BETWEEN}"
    return re.compile(rf"(?<![\w-])(?:{program.option.pattern})(?:{follows})")
