"""Stopping work that has begun: long loops ask now and then whether they are still wanted."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError

_current = threading.local()


class Cancellation:
    """A flag that executors raise and that work on their threads looks at."""

    def __init__(self) -> None:
        self._cancelled = False

    def adopt(self) -> None:
        """Make this the flag that `current_cancellation` returns on this thread."""
        _current.cancellation = self

    def cancel(self) -> None:
        """Raise the flag; what is being read ends at its next buffer."""
        self._cancelled = True

    def check(self) -> None:
        """Raise CancelledError once the flag is raised."""
        if self._cancelled:
            raise CancelledError


_NEVER = Cancellation()


def current_cancellation() -> Cancellation:
    """Return the flag of the work on this thread; outside executors one that stays down."""
    found = getattr(_current, "cancellation", _NEVER)
    return found if isinstance(found, Cancellation) else _NEVER
