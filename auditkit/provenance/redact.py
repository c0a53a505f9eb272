"""Secrets taken out of what a manifest, a log or an error would show.

What a secret looks like is guessed: by the name of the option, variable or field that holds it,
by the program whose option it is, by its place in a URL, and by the published shapes of tokens. A
secret under a harmless name and without a known shape is not found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from auditkit.provenance.programs import Program, announcements, program_named
from auditkit.provenance.secretnames import is_secret_name, is_secret_parameter
from auditkit.provenance.text import as_text

REDACTED: Final = "[redacted]"

_USER_INFO: Final = re.compile(r"(?P<ssh>\b(?:ssh|sftp))?://(?P<user>[^/?#\s]*)@", re.IGNORECASE)
_PARAMETER: Final = re.compile(r"(?P<before>[?&#;](?P<name>[^=&#;?\s]+)=)[^&#;\s]+")
_PRIVATE_KEY: Final = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
_SHAPES: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"gh[oprsu]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}"  # GitHub
    r"|gl[a-z]{2,6}-[A-Za-z0-9_-]{20,}"  # GitLab
    r"|(?:AKIA|ASIA)[A-Z0-9]{16,}"  # AWS access key ids
    r"|AIza[A-Za-z0-9_-]{35,}|ya29\.[A-Za-z0-9_-]{20,}"  # Google
    r"|hf_[A-Za-z0-9]{20,}"  # Hugging Face
    r"|sk-[A-Za-z0-9_-]{20,}"  # OpenAI, Anthropic
    r"|xox[a-z]-[A-Za-z0-9-]{10,}"  # Slack
    r"|pypi-[A-Za-z0-9_-]{16,}|npm_[A-Za-z0-9]{30,}"
    r"|dapi[0-9a-f]{32,}"  # Databricks
    r"|eyJ[A-Za-z0-9_-]{5,16384}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"  # JSON Web Token, RFC 7519
    r")"
)
_BEARER: Final = re.compile(r"\b(?P<before>Bearer\s+)\S+", re.IGNORECASE)
_ASSIGNED: Final = re.compile(r"""(?<![\w.-])(?P<name>[\w.-]++)["']?\s*+[:=]\s*+""")
_OPTION_IN_TEXT: Final = re.compile(
    r"""(?<![\w-])--?(?P<name>[A-Za-z][\w.-]*+)["']?,?\s++(?!["']?--[A-Za-z])"""
)
_VALUE: Final = re.compile(
    r"""(?:(?:Bearer|Basic|Digest|Token)\s+)?"""
    r"""(?:\[redacted\](?!\w)|"(?:[^"\\]|\\.)*+"(?!\w)|'(?:[^'\\]|\\.)*+'(?!\w)|\S+)""",
    re.IGNORECASE | re.DOTALL,
)
_OPTION: Final = re.compile(r"--?(?P<name>[A-Za-z][\w.-]*)")
_HEADER: Final = re.compile(r"(?P<name>[A-Za-z][\w.-]*):")
_NEXT_OPTION: Final = re.compile(r"--[A-Za-z][\w.-]*(?:=.*)?|-[A-Za-z]", re.DOTALL)
_ASSIGNMENT: Final = re.compile(r"[-+~]*(?P<name>[A-Za-z_][\w./-]*)=(?=.)", re.DOTALL)


def redact_url(text: str) -> str:
    """Return a URL without passwords, tokens and the values of parameters that look like such.

    The user is kept for SSH, where it is no secret; `git@host:path` stays as it is.
    """
    return _until_stable(_url_once, as_text(text))


def redact_text(text: str) -> str:
    """Return `text`, for instance of an exception, with what looks like a secret replaced."""
    return as_text(_until_stable(_text_once, as_text(text)))


def redact_command(argv: Sequence[str]) -> tuple[str, ...]:
    """Return a command line with the values of secret options, variables and URLs replaced.

    Covers `--token X`, `--token=X`, `API_KEY=X`, headers, URLs with user info, tokens of known
    shape, and the passwords of some programs, as in `mysql -pX` and `curl -u USER:X`.
    """
    words: list[str] = []
    hidden = False
    program: Program | None = None
    for word in argv:
        is_value = hidden and not _NEXT_OPTION.fullmatch(word)
        words.append(REDACTED if is_value else _redact_word(word, program))
        hidden = _announces_secret(word, program)
        program = program_named(words[-1]) or program
    return tuple(words)


def redact_values(value: Any, *, secret: bool = False) -> Any:
    """Return nested maps and lists with text and numbers under secret-looking names replaced.

    `secret` says that the value itself stands under such a name. Elsewhere only what has the
    shape of a token, a private key or a URL with credentials goes. Works before and after
    `manifest.numbers.to_json`, whose typed numbers count as numbers.
    """
    if isinstance(value, dict) and value.keys() != {"$number"}:
        return {
            key: redact_values(item, secret=secret or is_secret_name(str(key)))
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [redact_values(item, secret=secret) for item in value]
    if value is None or isinstance(value, bool) or value == "":
        return value
    if secret:
        return REDACTED
    return _until_stable(_shapes_once, value) if isinstance(value, str) else value


def _redact_word(word: str, program: Program | None) -> str:
    option = program.option.match(word) if program else None
    if option and option.end() < len(word):
        return option.group() + REDACTED
    end = 0
    while match := _ASSIGNMENT.match(word, end):
        end = match.end()
        if is_secret_name(match["name"]):
            return redact_text(word[:end] + REDACTED)
    return redact_text(word)


def _announces_secret(word: str, program: Program | None) -> bool:
    """Return whether the next word of a command line is a secret because of this one."""
    if program is not None and program.separate and program.option.fullmatch(word):
        return True
    match = _OPTION.fullmatch(word) or _HEADER.fullmatch(word)
    return word.lower() == "bearer" or (match is not None and is_secret_name(match["name"]))


def _until_stable(step: Callable[[str], str], text: str) -> str:
    # What is cut out can bring another token to a boundary, so the step is repeated; each one
    # that changes the text leaves less of the original, so this ends.
    while (redacted := step(text)) != text:
        text = redacted
    return text


def _text_once(text: str) -> str:
    text = _shapes_once(text)
    text = _hide_after(_secret(_ASSIGNED, text), text)
    text = _hide_after(_secret(_OPTION_IN_TEXT, text), text)
    return _hide_after(announcements(text), text)


def _shapes_once(text: str) -> str:
    text = _BEARER.sub(_hide, _PRIVATE_KEY.sub(REDACTED, text))
    return _url_once(text)


def _url_once(text: str) -> str:
    text = _PARAMETER.sub(_hide_parameter, _USER_INFO.sub(_without_password, text))
    return _SHAPES.sub(REDACTED, text)


def _without_password(match: re.Match[str]) -> str:
    user = match["user"].partition(":")[0]
    if match["ssh"] is None:
        return "://"
    return f"{match['ssh']}://{user}@" if user else f"{match['ssh']}://"


def _hide(match: re.Match[str]) -> str:
    return match["before"] + REDACTED


def _hide_parameter(match: re.Match[str]) -> str:
    return _hide(match) if is_secret_parameter(match["name"]) else match.group()


def _secret(announcement: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    return (match for match in announcement.finditer(text) if is_secret_name(match["name"]))


def _hide_after(announced: Iterable[re.Match[str]], text: str) -> str:
    """Replace the values that begin where these matches end."""
    kept: list[str] = []
    end = 0
    for match in announced:
        if match.start() < end:
            continue
        if value := _VALUE.match(text, match.end()):
            kept += [text[end : match.end()], REDACTED]
            end = value.end()
    return "".join(kept) + text[end:]
