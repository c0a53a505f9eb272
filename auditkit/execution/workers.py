"""Worker processes: fresh interpreters that are fed through pipes.

They are started with exec, not forked from a process that may have threads, and not by
multiprocessing, which would run the main module of whoever imported us once more. A worker ends
when its pipe does, so none outlives its parent, however that ends.
"""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar

from auditkit.errors import AuditkitError, WorkerError
from auditkit.execution.worker import send

Part = TypeVar("Part")
Result = TypeVar("Result")

_PACKAGE_ROOT: Final = str(Path(__file__).parents[2])
_PROGRAM: Final = (
    "import sys; sys.path.append(sys.argv[1]); from auditkit.execution.worker import serve; serve()"
)


class WorkerPool(Generic[Part, Result]):
    """Processes that apply one function; `call` from as many threads as there are workers."""

    def __init__(self, fn: Callable[[Part], Result], workers: int) -> None:
        self._fn = fn
        self._workers: list[_Worker] = []
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._count = workers

    def __enter__(self) -> Self:
        try:
            for _ in range(self._count):
                self._workers.append(_Worker())
        except OSError as error:
            self._end()
            raise WorkerError(f"a worker process could not be started ({error})") from error
        for worker in self._workers:
            worker.send(self._fn)
            self._idle.put(worker)
        return self

    def call(self, part: Part) -> Result:
        """Return the function's result for `part`, from a worker that is idle.

        Raises:
            AuditkitError: what the function raised.
            WorkerError: the worker ended before it answered.
        """
        worker = self._idle.get()
        try:
            worker.send(part)
            answer = worker.receive()
        finally:
            self._idle.put(worker)
        if isinstance(answer, AuditkitError):
            raise answer
        result: Result = answer
        return result

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        for worker in self._workers:
            worker.end()


class _Worker:
    def __init__(self) -> None:
        # -P: nothing is imported from the current folder, which may hold anybody's data.
        # A process group of its own: Ctrl-C is for the parent, who then ends its workers.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM, _PACKAGE_ROOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,
        )

    def send(self, value: object) -> None:
        pipe = self._process.stdin
        try:
            if pipe is not None:
                send(value, pipe)
        except BrokenPipeError:
            raise self._ended() from None

    def receive(self) -> Any:
        pipe = self._process.stdout
        try:
            return pickle.load(pipe)  # type: ignore[arg-type] # noqa: S301 -- our own process
        except (EOFError, pickle.UnpicklingError):
            raise self._ended() from None

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdout, self._process.stdin):
            if pipe is not None:
                # what was still to be sent has no reader any more
                with suppress(BrokenPipeError):
                    pipe.close()

    def _ended(self) -> WorkerError:
        code = self._process.wait()
        how = (
            f"was killed ({signal.Signals(-code).name})" if code < 0 else f"ended with code {code}"
        )
        return WorkerError(
            f"a worker process {how} before its work was done",
            hint="Nothing of it was used. If the system ran out of memory, free some; try again.",
        )
