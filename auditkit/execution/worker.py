"""What a worker process runs; it imports next to nothing, since its start is waited for."""

from __future__ import annotations

import pickle
import sys
from typing import IO, Any

from auditkit.errors import AuditkitError


def send(value: object, pipe: IO[bytes]) -> None:
    """Write a value; large buffers in it go straight into the pipe, after the rest (PEP 574)."""
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(value, pickle.HIGHEST_PROTOCOL, buffer_callback=buffers.append)
    views = [buffer.raw() for buffer in buffers]
    pickle.dump((head, [len(view) for view in views]), pipe, pickle.HIGHEST_PROTOCOL)
    for view in views:
        pipe.write(view)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:
    """Return what `send` wrote; raises EOFError where the pipe ended before."""
    head, sizes = pickle.load(pipe)  # noqa: S301 -- from our own process
    buffers = [pipe.read(size) for size in sizes]
    if [len(buffer) for buffer in buffers] != sizes:
        raise EOFError
    return pickle.loads(head, buffers=buffers)  # noqa: S301 -- from our own process


def serve() -> None:
    """Answer requests on standard input until it ends: first the function, then its parts."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    try:
        fn = receive(requests)
        while True:
            part = receive(requests)
            try:
                answer = fn(part)
            except AuditkitError as error:
                answer = error
            pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
    except EOFError:
        return
