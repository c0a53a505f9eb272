"""Many at once: threads, and processes that each have threads."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from typing import Any

from auditkit.stores.store import Head, Store

WAYS = 16
PROCESSES = 2


def in_threads(act: Callable[[int], Any], ways: int = WAYS, first: int = 0) -> list[Any]:
    """Return what `act` returned for each number; all of them begin at the same moment."""
    barrier = threading.Barrier(ways)

    def begin(number: int) -> Any:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(ways) as pool:
        return list(pool.map(begin, range(first, first + ways)))


def in_processes(reopen: Callable[[], Store], act: Callable[[Store, int], Any]) -> list[Any]:
    """Return what `act` returned, called 16 times by two processes with a store of their own."""
    ways = WAYS // PROCESSES
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        calls = [
            pool.submit(_process, reopen, act, ways, number * ways) for number in range(PROCESSES)
        ]
        return [each for call in calls for each in call.result()]


def _process(
    reopen: Callable[[], Store], act: Callable[[Store, int], Any], ways: int, first: int
) -> list[Any]:
    return in_threads(partial(act, reopen()), ways, first)


def put(store: Store, number: int) -> bool:
    """Create the object that all of them want to create, with content of one's own."""
    return store.put_new("race/one", f"writer {number}".encode())


def swap(store: Store, number: int, *, expected: Head | None) -> bool:
    """Swap the head that all of them expect to be the same."""
    return store.swap_head("head", f"writer {number}".encode(), expected)


def count_up(store: Store, _: int) -> list[int]:
    """Add one to a counter in the head three times, and return the numbers that were reached."""
    reached = []
    while len(reached) < 3:
        before = store.read_head("counter")
        value = int(before.content) + 1 if before else 1
        if store.swap_head("counter", f"{value}".encode(), before):
            reached.append(value)
    return reached
