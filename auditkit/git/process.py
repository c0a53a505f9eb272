"""Running the `git` program so that all it can do is read.

A repository's own configuration can name programs: hooks, fsmonitor, filters, textconv, external
diffs, pagers, credential helpers, remote helpers. Each is switched off here, and the caller's
`GIT_*` variables, which could point git elsewhere, are left behind. System and user
configuration stay in force: `safe.directory` lives there, and it is the user's own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from auditkit.errors import GitError

MAX_OUTPUT: Final = 64 * 1024 * 1024
"""Bytes kept of what git writes, unless a caller asks for less."""

TIME_LIMIT: Final = 120.0
"""Seconds after which git is stopped."""

_CONFIG: Final = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "credential.helper=",
    "diff.external=",
    # Without this `git diff` rewrites the index, whatever --no-optional-locks says.
    "diff.autoRefreshIndex=false",
    "protocol.allow=never",
    "submodule.recurse=false",
)
_VARIABLES: Final = {
    "LC_ALL": "C",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
_KEPT: Final = {
    "GIT_CEILING_DIRECTORIES",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_SYSTEM",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
}
_ERROR_BYTES: Final = 4096
_CHUNK: Final = 65536


@dataclass(frozen=True, slots=True)
class Completed:
    """What git answered: `output` holds the first bytes of `size` bytes written in all."""

    code: int
    output: bytes
    size: int
    error: str


def run_git(
    arguments: Sequence[str],
    *,
    directory: Path,
    config: Sequence[str] = (),
    stdin: bytes = b"",
    limit: int = MAX_OUTPUT,
    seconds: float = TIME_LIMIT,
) -> Completed:
    """Return what `git ARGUMENTS` answers in `directory`, keeping `limit` bytes of output.

    `config` are further `key=value` settings. `stdin` must be small enough for a pipe.

    Raises:
        GitError: git is not installed, could not be started, or took longer than `seconds`.
    """
    command = [_program(), "--no-pager", "--no-optional-locks"]
    for setting in (*_CONFIG, *config):
        command += ["-c", setting]
    command += ["-C", str(directory), *arguments]
    with tempfile.TemporaryFile() as errors, _started(command, errors) as process:
        expired = threading.Event()
        timer = threading.Timer(seconds, _stop, (process, expired))
        timer.start()
        try:
            output, size = _exchange(process, stdin, limit)
            code = process.wait()
        finally:
            timer.cancel()
        if expired.is_set():
            raise GitError(
                f"git {arguments[0]} took longer than {seconds:g} seconds and was stopped",
                hint="Check the repository with 'git status'.",
                path=str(directory),
            )
        errors.seek(0)
        error = errors.read(_ERROR_BYTES).decode("utf-8", "replace").strip()
    return Completed(code, output, size, error)


def _program() -> str:
    found = shutil.which("git")
    if found is None:
        raise GitError("git is not installed, or not on PATH", hint="Install git.")
    return str(Path(found).absolute())


@contextlib.contextmanager
def _started(command: list[str], errors: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Start git in a session of its own: no terminal to ask on, and one group to stop."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=_environment(),
            start_new_session=True,
        )
    except OSError as error:
        raise GitError(f"git could not be started ({error.strerror})") from error
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                _kill(process)


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in _KEPT
    }
    return kept | _VARIABLES


def _exchange(process: subprocess.Popen[bytes], stdin: bytes, limit: int) -> tuple[bytes, int]:
    """Return the first `limit` bytes of the output and how many there were in all."""
    if process.stdin is None or process.stdout is None:
        raise GitError("git was started without pipes")
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(stdin)
        process.stdin.close()
    kept, size = bytearray(), 0
    while chunk := process.stdout.read(_CHUNK):
        kept += chunk[: max(limit - len(kept), 0)]
        size += len(chunk)
    return bytes(kept), size


def _stop(process: subprocess.Popen[bytes], expired: threading.Event) -> None:
    expired.set()
    _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
