"""One process at a time, on one machine or on several that mount the same file system."""

from __future__ import annotations

import fcntl
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from auditkit.errors import StoreUnavailableError


@contextmanager
def exclusive(path: Path, *, wait: float) -> Iterator[None]:
    """Hold a lock on the file at `path`, which is made and stays, while the block runs.

    The kernel lets go of the lock when its process dies. Threads exclude each other too.

    Raises:
        StoreUnavailableError: another one still held it after `wait` seconds.
        OSError: the file cannot be opened or locked; it is never opened through a link.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o666)
    try:
        _acquire(descriptor, path, wait)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, wait: float) -> None:
    end = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise StoreUnavailableError(
                    f"another process has held this lock for {wait:g} seconds",
                    hint="Let the other process end, and run it again.",
                    path=str(path),
                ) from None
            # Apart by chance, so that many that wait do not all ask at once.
            time.sleep(random.uniform(0.001, 0.02))  # noqa: S311
        else:
            return
