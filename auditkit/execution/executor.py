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
from typing import Final, Generic, Protocol, TypeVar

from auditkit.execution.cancellation import Cancellation
from auditkit.execution.workers import WorkerPool

Part = TypeVar("Part")
Result = TypeVar("Result")

_MAX_WORKERS: Final = 16
WAITING_WORKERS: Final = 16
"""Threads for work that waits for others most of the time."""

_IN_FLIGHT: Final = 4
"""Parts per worker that wait or run, so that memory does not grow with the input."""

IN_FLIGHT_BYTES: Final = 32 * 1024 * 1024
"""Parts that tell their size wait only while all together hold no more memory than this."""


def available_cores() -> int:
    """Return how many cores this process may use (its affinity, not the machine's size)."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not every platform has affinities
        return os.cpu_count() or 1


class Executor(Protocol):
    """Maps a function over parts."""

    def map(
        self,
        fn: Callable[[Part], Result],
        parts: Iterable[Part],
        *,
        interpreted: bool = False,
        waits: bool = False,
        size: Callable[[Part], int] | None = None,
    ) -> Iterator[Result]:
        """Yield results in input order; the first error ends it and is raised.

        `interpreted` tells that `fn` spends its time in the interpreter, which threads have to
        share, rather than in hashing and decoding, which they do side by side. `waits` tells that
        it spends most of it waiting for others, so that more parts than there are cores are worth
        having under way. `size` tells how many bytes of memory a part holds, so that not too many
        are.
        """


class _Pending(Generic[Result]):
    """Parts that wait or run, in input order."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._futures: deque[tuple[Future[Result], int]] = deque()
        self._bytes = 0

    @property
    def count(self) -> int:
        return len(self._futures)

    @property
    def is_full(self) -> bool:
        """Whether no more should be added; large parts never keep a worker idle."""
        if self.count > self._workers and self._bytes > IN_FLIGHT_BYTES:
            return True
        return self.count >= self._workers * _IN_FLIGHT

    def add(self, future: Future[Result], size: int) -> None:
        self._futures.append((future, size))
        self._bytes += size

    def take(self) -> Result:
        """Wait for the first result, and return it."""
        future, size = self._futures.popleft()
        self._bytes -= size
        return future.result()


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
        waits: bool = False,
        size: Callable[[Part], int] | None = None,
    ) -> Iterator[Result]:
        """Yield results in input order; an error, or an end of interest, stops what runs."""
        cancellation = Cancellation()
        workers = max(self.workers, WAITING_WORKERS) if waits else self.workers
        pool = ThreadPoolExecutor(
            workers, thread_name_prefix="auditkit", initializer=cancellation.adopt
        )
        pending = _Pending[Result](workers)
        try:
            for part in parts:
                pending.add(pool.submit(fn, part), 0 if size is None else size(part))
                while pending.is_full:
                    yield pending.take()
            while pending.count:
                yield pending.take()
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
        waits: bool = False,  # noqa: ARG002 -- a process works on one part at a time
        size: Callable[[Part], int] | None = None,
    ) -> Iterator[Result]:
        """Yield results in input order; no process is left behind, however it ends.

        `fn`, parts and results are pickled. Raises WorkerError if a process is killed, besides
        the errors of `fn`, which have to be an AuditkitError.
        """
        with WorkerPool(fn, self.workers) as pool:
            yield from ThreadExecutor(self.workers).map(partial(_call, pool), parts, size=size)


class LocalExecutor:
    """Threads or processes of this machine, whichever suits the work."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or min(available_cores(), _MAX_WORKERS)

    def map(
        self,
        fn: Callable[[Part], Result],
        parts: Iterable[Part],
        *,
        interpreted: bool = False,
        waits: bool = False,
        size: Callable[[Part], int] | None = None,
    ) -> Iterator[Result]:
        """Yield results in input order; the first error ends it and is raised."""
        if interpreted and not waits and self.workers > 1 and sys.executable:
            return ProcessExecutor(self.workers).map(fn, parts, size=size)
        return ThreadExecutor(self.workers).map(fn, parts, waits=waits, size=size)


def _call(pool: WorkerPool[Part, Result], part: Part) -> Result:
    return pool.call(part)
