"""The contract that every executor keeps, and what becomes of its threads and processes."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from auditkit.datasets.globs import parse_glob
from auditkit.errors import UsageError, WorkerError
from auditkit.execution.cancellation import current_cancellation
from auditkit.execution.executor import (
    IN_FLIGHT_BYTES,
    Executor,
    LocalExecutor,
    ProcessExecutor,
    ThreadExecutor,
)

EXECUTORS = [
    ThreadExecutor(1),
    ThreadExecutor(5),
    ProcessExecutor(1),
    ProcessExecutor(3),
    LocalExecutor(2),
]
PATIENCE = 60


def name(executor: Executor) -> str:
    return f"{type(executor).__name__}-{executor.workers}"


def children() -> set[int]:
    tasks = Path("/proc/self/task").glob("*/children")
    return {int(child) for task in tasks for child in task.read_text().split()}


@pytest.fixture(params=EXECUTORS, ids=name)
def executor(request) -> Iterator[Executor]:
    before = children()
    yield request.param
    assert children() == before
    assert not [each for each in threading.enumerate() if each.name.startswith("auditkit")]


def test_results_come_in_input_order(executor):
    parts = [str(i) * (i % 7) for i in range(300)]
    assert list(executor.map(len, parts, interpreted=True)) == [len(part) for part in parts]


def test_no_parts_are_no_results(executor):
    assert list(executor.map(len, [], interpreted=True)) == []


def test_the_first_error_in_input_order_is_raised(executor):
    parts = [*(["a"] * 50), "", "!", *(["b"] * 50)]
    results = executor.map(parse_glob, parts, interpreted=True)
    assert len([next(results) for _ in range(50)]) == 50
    with pytest.raises(UsageError, match="cannot exclude ''") as caught:
        next(results)
    assert caught.value.hint
    assert list(results) == []


def test_parts_are_taken_as_they_are_needed(executor):
    taken = []
    results = executor.map(len, (taken.append(i) or "x" for i in range(1000)), interpreted=True)
    next(results)
    assert len(taken) <= 4 * executor.workers
    results.close()


def test_large_parts_do_not_queue_up_and_keep_every_worker_busy(executor):
    taken = []
    results = executor.map(
        len,
        (taken.append(i) or "x" for i in range(1000)),
        interpreted=True,
        size=lambda _: IN_FLIGHT_BYTES,
    )
    next(results)
    assert len(taken) == executor.workers + 1
    assert len(list(results)) == 999


def test_large_parts_and_results(executor):
    parts = [bytes([i]) * 3_000_000 for i in range(8)]
    assert list(executor.map(bytes, parts, interpreted=True)) == parts


def test_who_stops_asking_leaves_nothing_behind(executor):
    results = executor.map(len, ("x" for _ in range(10_000)), interpreted=True)
    next(results)
    results.close()


def test_a_killed_worker_is_named():
    before = children()
    results = ProcessExecutor(2).map(signal.raise_signal, [signal.SIGCONT, signal.SIGKILL])
    assert next(results) is None
    with pytest.raises(WorkerError, match=r"killed \(SIGKILL\)") as caught:
        next(results)
    assert caught.value.exit_code == 1
    assert children() == before


def test_a_worker_that_fails_is_no_result(capfd):
    with pytest.raises(WorkerError, match="ended with code 1"):
        list(ProcessExecutor(1).map(len, [7]))
    assert "TypeError" in capfd.readouterr().err


def test_a_worker_that_cannot_start_is_named(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(WorkerError, match="could not be started"):
        list(ProcessExecutor(1).map(len, ["a"]))


def test_without_an_interpreter_to_start_there_are_threads(monkeypatch):
    monkeypatch.setattr(sys, "executable", "")
    assert list(LocalExecutor(2).map(len, ["a"], interpreted=True)) == [1]


def test_workers_import_nothing_from_the_current_folder(tmp_path, monkeypatch):
    (tmp_path / "hashlib.py").write_text("raise SystemExit(9)")
    (tmp_path / "auditkit").mkdir()
    monkeypatch.chdir(tmp_path)
    assert list(ProcessExecutor(1).map(parse_glob, ["a"])) == [parse_glob("a")]


def test_running_work_is_told_to_stop():
    running = threading.Event()

    def read_for_ever(first: bool) -> None:
        while first:
            running.set()
            current_cancellation().check()

    results = ThreadExecutor(1).map(read_for_ever, iter([False, True, True, True, True]))
    assert next(results) is None
    running.wait(PATIENCE)
    results.close()


def test_cancellation_is_seen_on_its_own_threads_only():
    current_cancellation().check()
    results = ThreadExecutor(2).map(lambda _: current_cancellation(), range(2))
    first, second = results
    assert first is second
    with pytest.raises(CancelledError):
        first.check()
    current_cancellation().check()


def start(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


HASH_A_TERABYTE = """
import sys
from pathlib import Path
from auditkit.datasets.base import Reference
from auditkit.datasets.planning import plan
from auditkit.datasets.scan import scan
from auditkit.execution.executor import LocalExecutor
from auditkit.execution.progress import SilentProgress

class Telling(SilentProgress):
    told = False
    def advance(self, **_):
        if not self.told:
            self.told = True
            print("reading", flush=True)

scan(plan(Reference(sys.argv[1]), base=Path("/")), executor=LocalExecutor(), progress=Telling())
"""


def test_an_interrupt_ends_a_long_read(tmp_path):
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    with start(HASH_A_TERABYTE, str(tmp_path / "sparse")) as process:
        try:
            assert process.stdout.readline() == "reading\n"
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert process.returncode == -signal.SIGINT
    assert errors.rstrip().endswith("KeyboardInterrupt")


KEEP_WORKERS = """
import sys
from auditkit.execution.workers import WorkerPool
with WorkerPool(len, 2) as pool:
    print(*(worker._process.pid for worker in pool._workers), flush=True)
    sys.stdin.read()
"""


def test_workers_end_with_a_parent_that_is_killed():
    with subprocess.Popen(
        [sys.executable, "-c", KEEP_WORKERS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        watched = [os.pidfd_open(int(pid)) for pid in process.stdout.readline().split()]
        process.kill()
    try:
        for worker in watched:
            assert select.select([worker], [], [], PATIENCE)[0]
    finally:
        for worker in watched:
            os.close(worker)
