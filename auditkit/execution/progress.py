"""How long work tells that it goes on. The command line draws it; libraries stay silent."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives progress of one task at a time. Called from worker threads."""

    def start(self, label: str, *, total_bytes: int | None, total_files: int | None) -> None:
        """A task begins; totals are None where they are not known yet."""

    def advance(self, *, bytes: int = 0, files: int = 0) -> None:
        """So many more bytes and files are done."""

    def finish(self) -> None:
        """The task ended."""


class SilentProgress:
    """Says nothing."""

    def start(self, label: str, *, total_bytes: int | None, total_files: int | None) -> None:
        """Do nothing."""

    def advance(self, *, bytes: int = 0, files: int = 0) -> None:
        """Do nothing."""

    def finish(self) -> None:
        """Do nothing."""
