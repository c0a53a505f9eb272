"""Running the command line as people do, with what it printed and its exit code."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditkit.cli.main import main


@dataclass(frozen=True)
class Printed:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Shell:
    """A working directory and an environment of its own."""

    cwd: Path
    environ: Mapping[str, str]

    def __call__(self, *arguments: str | Path, cwd: Path | None = None, **environ: str) -> Printed:
        """Run `auditkit ARGUMENTS` in this process."""
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
        with (
            _state(cwd or self.cwd, {**self.environ, **environ}, [str(each) for each in arguments]),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as exit_:
                code = exit_.code
        assert isinstance(code, int)
        out.seek(0)
        return Printed(code, out.read(), err.getvalue())


@contextlib.contextmanager
def _state(cwd: Path, environ: Mapping[str, str], arguments: list[str]) -> Iterator[None]:
    before = os.environ.copy(), sys.argv
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["auditkit", *arguments]
    try:
        with contextlib.chdir(cwd):
            yield
    finally:
        os.environ.clear()
        os.environ.update(before[0])
        sys.argv = before[1]
