"""Errors as people read them and as programs do."""

from __future__ import annotations

from auditkit.cli.output import plain, stderr, write_json
from auditkit.errors import AuditkitError
from auditkit.schemes import ERROR_SCHEMA


def show_error(error: AuditkitError, as_json: bool, code: int) -> None:
    """Print an error: JSON on stdout where asked for, otherwise two lines on stderr."""
    if as_json:
        write_json(
            {
                "schema": ERROR_SCHEMA,
                "error": type(error).__name__,
                "message": error.message,
                "path": error.path,
                "hint": error.hint,
                "exit_code": code,
            }
        )
        return
    from rich.text import Text

    console = stderr()
    console.print(Text.assemble(("error: ", "bold red"), plain(str(error))))
    if error.hint:
        console.print(Text.assemble(("hint:  ", "bold"), plain(error.hint)))
