"""What a worker process runs; it imports next to nothing, since its start is waited for."""

from __future__ import annotations

import pickle
import sys

from auditkit.errors import AuditkitError


def serve() -> None:
    """Answer requests on standard input until it ends: first the function, then its parts."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    try:
        fn = pickle.load(requests)  # noqa: S301 -- from our parent
        while True:
            part = pickle.load(requests)  # noqa: S301 -- from our parent
            try:
                answer = fn(part)
            except AuditkitError as error:
                answer = error
            pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
    except EOFError:
        return
