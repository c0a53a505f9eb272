"""One seam for parallel work: a function over parts, results in input order.

What runs on it are top-level pure functions over picklable parts, so that digests cannot
depend on scheduling and another executor can take its place.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Final, Protocol, TypeVar

from auditkit.execution.cancellation import Cancellation
from auditkit.execution.workers import WorkerPool

Part = TypeVar("Part")
Result = TypeVar("Result")

_MAX_WORKERS: Final = 16
_IN_FLIGHT: Final = 4
"""Parts per worker that wait or run, so that memory does not grow with the input."""


def available_cores() -> int:
    """Return how many cores this process may use (its affinity, not the machine's size)."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not every platform has affinities
        return os.cpu_count() or 1


class Executor(Protocol):
    """Maps a function over parts."""

    def map(
        self, fn: Callable[[Part], Result], parts: Iterable[Part], *, interpreted: bool = False
    ) -> Iterator[Result]:
        """Yield results in input order; the first error ends it and is raised.

        `interpreted` tells that `fn` spends its time in the interpreter, which threads have to
        share, rather than in hashing and decoding, which they do side by side.
        """


class ThreadExecutor:
    """Threads: hashing and Arrow decoding release the interpreter lock."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or min(available_cores(), _MAX_WORKERS)

    def map(
        self,
        fn: Callable[[Part], Result],
        parts: Iterable[Part],
        *,
        interpreted: bool = False,  # noqa: ARG002 -- threads are what this class is
    ) -> Iterator[Result]:
        """Yield results in input order; an error, or an end of interest, stops what runs."""
        cancellation = Cancellation()
        pool = ThreadPoolExecutor(
            self.workers, thread_name_prefix="auditkit", initializer=cancellation.adopt
        )
        pending: deque[Future[Result]] = deque()
        try:
            for part in parts:
                pending.append(pool.submit(fn, part))
                if len(pending) >= self.workers * _IN_FLIGHT:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            cancellation.cancel()
            pool.shutdown(wait=True, cancel_futures=True)


class ProcessExecutor:
    """Processes, for work that spends its time in the interpreter."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or min(available_cores(), _MAX_WORKERS)

    def map(
        self,
        fn: Callable[[Part], Result],
        parts: Iterable[Part],
        *,
        interpreted: bool = True,  # noqa: ARG002 -- processes are what this class is
    ) -> Iterator[Result]:
        """Yield results in input order; no process is left behind, however it ends.

        `fn`, parts and results are pickled. Raises WorkerError if a process is killed, besides
        the errors of `fn`, which have to be an AuditkitError.
        """
        with WorkerPool(fn, self.workers) as pool:
            yield from ThreadExecutor(self.workers).map(partial(_call, pool), parts)


class LocalExecutor:
    """Threads or processes of this machine, whichever suits the work."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or min(available_cores(), _MAX_WORKERS)

    def map(
        self, fn: Callable[[Part], Result], parts: Iterable[Part], *, interpreted: bool = False
    ) -> Iterator[Result]:
        """Yield results in input order; the first error ends it and is raised."""
        if interpreted and self.workers > 1 and sys.executable:
            return ProcessExecutor(self.workers).map(fn, parts)
        return ThreadExecutor(self.workers).map(fn, parts)


def _call(pool: WorkerPool[Part, Result], part: Part) -> Result:
    return pool.call(part)
