"""The command that `auditkit run` wraps: its own terminal, its own signals, its own exit code."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Final

from auditkit.errors import UsageError
from auditkit.provenance.identity import utc_now

_PASSED_ON: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_FROM_TERMINAL: Final = (signal.SIGINT, signal.SIGQUIT)


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended.

    `exit_code` is 0-255, 128 + n where signal n ended it, as shells report it; `signal` is then
    that signal's name. Times are RFC 3339 in UTC.
    """

    exit_code: int
    signal: str | None
    started_at: str
    finished_at: str


def check_command(argv: Sequence[str]) -> None:
    """Raise UsageError unless `argv` names a program that can be started."""
    if not argv:
        raise UsageError("no command was given", hint="Write it after `--`.")
    program = argv[0]
    if shutil.which(program) is not None:
        return
    if os.path.lexists(program) and os.sep in program:
        raise UsageError(
            f"{program}: not an executable file",
            hint=f"Make it executable with chmod +x, or name its interpreter: python {program}",
        )
    raise UsageError(
        f"{program}: command not found", hint="Check the spelling, PATH and the current folder."
    )


def run_command(
    argv: Sequence[str], *, on_start: Callable[[int], None] | None = None
) -> CommandResult:
    r"""Run `argv` to its end and return how it ended; call from the main thread only.

    The command inherits standard input, output and error. SIGINT, SIGTERM, SIGHUP and SIGQUIT
    are passed on to it, and this process lives until it has ended. What a terminal sends to its
    whole foreground group (Ctrl-C, Ctrl-\) has reached the command already and is not sent
    twice. `on_start` is called with the command's process id.

    Raises:
        UsageError: the program does not exist or cannot be executed; nothing was run.
    """
    check_command(argv)
    with _caught_signals() as wakeup:
        started_at = utc_now()
        process = _start(argv)
        try:
            if on_start is not None:
                on_start(process.pid)
            _wait(process, wakeup)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        finished_at = utc_now()
    code = process.returncode
    if code >= 0:
        return CommandResult(code, None, started_at, finished_at)
    return CommandResult(128 - code, _signal_name(-code), started_at, finished_at)


def _start(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(list(argv))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"{argv[0]}: cannot be executed ({reason})",
            hint="If it is a script, start it with its interpreter.",
        ) from error


@contextlib.contextmanager
def _caught_signals() -> Iterator[int]:
    """Turn signals into bytes of a pipe and yield its reading end.

    A handler alone could be missed: a signal that another thread of this process receives does
    not interrupt the main thread's waiting, a byte in a pipe does.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    replaced = {}
    try:
        for number in (*_PASSED_ON, signal.SIGCHLD):
            # What the caller ignores, as nohup does, the command shall go on ignoring.
            if number == signal.SIGCHLD or signal.getsignal(number) is not signal.SIG_IGN:
                replaced[number] = signal.signal(number, _note)
        yield reading
    finally:
        for number, handler in replaced.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before)
        os.close(reading)
        os.close(writing)


def _note(number: int, frame: FrameType | None) -> None:
    """Do nothing: that the signal has a handler makes Python write its number to the pipe."""


def _wait(process: subprocess.Popen[bytes], wakeup: int) -> None:
    while process.poll() is None:
        for number in os.read(wakeup, 64):
            if number in _PASSED_ON and not _command_has_it(number):
                process.send_signal(number)


def _command_has_it(number: int) -> bool:
    """Return whether the terminal sent this signal to the command too."""
    if number not in _FROM_TERMINAL:
        return False
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # real-time signals between the first and the last have no name
        return f"SIGRTMIN+{number - signal.SIGRTMIN}"
