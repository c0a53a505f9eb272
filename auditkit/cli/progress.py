"""Progress for people: a bar on a terminal, a plain line now and then in a log."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from auditkit.execution.progress import Progress, SilentProgress

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

_LOG_EVERY_SECONDS = 10.0
_QUIET_SECONDS = 1.0


@contextmanager
def show_progress(*, quiet: bool = False) -> Iterator[Progress]:
    """Yield a progress that draws on stderr, in the way that fits where stderr goes."""
    if quiet:
        yield SilentProgress()
    elif sys.stderr.isatty():
        with _bar() as progress:
            yield progress
    else:
        yield LogProgress()


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bar

    from auditkit.cli.output import stderr

    with Bar(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TextColumn("{task.fields[files]} files"),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=stderr(),
        transient=True,
    ) as bar:
        yield _BarProgress(bar)


class _BarProgress:
    """Draws on a rich progress bar; rich locks for us."""

    def __init__(self, bar: RichProgress) -> None:
        self._bar = bar
        self._files = 0
        self._task = self._bar.add_task("", total=None, files=0, visible=False)

    def start(self, label: str, *, total_bytes: int | None, total_files: int | None) -> None:  # noqa: ARG002
        """Begin a task."""
        self._files = 0
        self._bar.reset(self._task, total=total_bytes, description=label, files=0, visible=True)

    def advance(self, *, bytes: int = 0, files: int = 0) -> None:
        """Move on."""
        self._files += files
        self._bar.update(self._task, advance=bytes, files=self._files)

    def finish(self) -> None:
        """Hide the bar until the next task."""
        self._bar.update(self._task, visible=False)


class LogProgress:
    """A plain line every ten seconds; nothing for work that is done sooner."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._label = ""
        self._total: int | None = None
        self._bytes = self._files = 0
        self._began = self._spoke = 0.0

    def start(self, label: str, *, total_bytes: int | None, total_files: int | None) -> None:  # noqa: ARG002
        """Begin a task."""
        with self._lock:
            self._label, self._total = label, total_bytes
            self._bytes = self._files = 0
            self._began = self._spoke = time.monotonic()

    def advance(self, *, bytes: int = 0, files: int = 0) -> None:
        """Move on, and speak when it is time to."""
        with self._lock:
            self._bytes += bytes
            self._files += files
            now = time.monotonic()
            if now - self._spoke < _LOG_EVERY_SECONDS:
                return
            self._spoke = now
            line = self._line(now - self._began)
        sys.stderr.write(line)
        sys.stderr.flush()

    def finish(self) -> None:
        """Do nothing: the result is printed by the command."""

    def _line(self, seconds: float) -> str:
        rate = self._bytes / max(seconds, _QUIET_SECONDS)
        of = f" of {self._total / 1e6:,.0f} MB" if self._total else ""
        left = (
            f", {max(self._total - self._bytes, 0) / rate:,.0f} s left"
            if self._total and rate
            else ""
        )
        return (
            f"{self._label}: {self._bytes / 1e6:,.0f}{of}, {self._files:,} files, "
            f"{rate / 1e6:,.0f} MB/s{left}\n"
        )
