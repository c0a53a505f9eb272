"""What commands print: one JSON document, or text for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
import msgspec

if TYPE_CHECKING:
    from rich.console import Console

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def stdout() -> Console:
    """Return the console for results."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


def stderr() -> Console:
    """Return the console for progress, remarks and errors."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def emit(as_json: bool, document: Any, human: Callable[[Console], None]) -> None:
    """Print `document` as JSON on stdout, or let `human` draw on a console on stdout."""
    if as_json:
        write_json(document)
    else:
        human(stdout())


def write_json(document: Any) -> None:
    """Print one JSON document on stdout; UTF-8 whatever the terminal's encoding is."""
    data = msgspec.json.encode(document) if not isinstance(document, bytes) else document
    text = (
        msgspec.json.format(data, indent=1).decode()
        if _is_utf8()
        else json.dumps(json.loads(data), indent=1)
    )
    sys.stdout.write(text.rstrip("\n") + "\n")


def plain(text: str) -> str:
    """Return hostile text safe for a terminal: control and direction characters escaped."""
    from unicodedata import category

    return "".join(
        character
        if category(character) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
        else character.encode("unicode_escape", "surrogatepass").decode()
        for character in text
    )


def _is_utf8() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
