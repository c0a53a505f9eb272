"""One seam for parallel work: a function over parts, results in input order.

What runs on it are top-level pure functions over picklable parts, so that digests cannot
depend on scheduling and another executor can take its place.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")


def available_cores() -> int:
    """Return how many cores this process may use (its affinity, not the machine's size)."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not every platform has affinities
        return os.cpu_count() or 1


class Executor(Protocol):
    """Maps a function over parts."""

    def map(self, fn: Callable[[Part], Result], parts: Iterable[Part]) -> Iterator[Result]:
        """Yield results in input order; the first error ends it and is raised."""


class ThreadExecutor:
    """Threads: hashing and Arrow decoding release the interpreter lock.

    At most a few parts per worker are in flight, so memory does not grow with the input.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or min(available_cores(), 16)

    def map(self, fn: Callable[[Part], Result], parts: Iterable[Part]) -> Iterator[Result]:
        """Yield results in input order; the first error cancels what has not begun."""
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="auditkit")
        pending: deque[Future[Result]] = deque()
        try:
            for part in parts:
                pending.append(pool.submit(fn, part))
                if len(pending) >= self.workers * 4:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
