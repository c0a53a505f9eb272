"""A client of S3 that threads share, that is made when it is first needed, and that gives up.

It is the one of `auditkit.stores.s3_client`, under the settings of whoever runs auditkit. A process
that is handed a connection makes its own client.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from auditkit.datasets.faults import changed
from auditkit.datasets.names import printable
from auditkit.errors import ObjectNotFoundError, StoreError, StoreUnavailableError, UnreadableError
from auditkit.execution.executor import WAITING_WORKERS
from auditkit.stores.s3_client import S3Settings, connect
from auditkit.stores.s3_errors import refusal, s3_errors

_FAILURES: Final = 2 * WAITING_WORKERS
"""After so many requests in a row without an answer the server is not asked any more."""


class Connection:
    """Requests to one server; errors come as those of data sets."""

    def __init__(self, settings: S3Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._client: Any = None
        self._failures = 0

    def __reduce__(self) -> tuple[Any, ...]:
        return _shared, (self.settings,)

    @property
    def client(self) -> Any:
        """The boto3 client; raises as `connect` does."""
        with self._lock:
            if self._client is None:
                self._client = connect(self.settings)
            return self._client

    @contextmanager
    def asking(self, path: str) -> Iterator[Any]:
        """Yield the client for one request about `path`, which may be repeated where it says so.

        Raises:
            StoreUnavailableError: no answer; the same request may be sent again.
            ObjectNotFoundError: no such object or version.
            StoreError: refused.
        """
        if self._failures >= _FAILURES:
            raise StoreUnavailableError(
                "the server has stopped answering",
                hint="Check the server and the network, and run it again.",
                path=path,
            )
        try:
            with s3_errors(path):
                yield self.client
        except StoreUnavailableError:
            self._failures += 1
            raise
        self._failures = 0


@contextmanager
def reading(connection: Connection, path: str) -> Iterator[Any]:
    """Yield the client for one request about a planned object.

    Raises:
        StoreUnavailableError: no answer; the same request may be sent again.
        FileChangedError: it is not there any more, or in another state.
        UnreadableError: refused.
    """
    try:
        with connection.asking(path) as client:
            yield client
    except StoreUnavailableError:
        raise
    except ObjectNotFoundError as error:
        raise changed(path, "disappeared") from error
    except StoreError as error:
        if refusal(error) == "PreconditionFailed":
            raise changed(path, "was written to") from error
        raise unreadable(error, path) from error


@contextmanager
def planning(connection: Connection, path: str) -> Iterator[Any]:
    """Yield the client for one request about what there is.

    Raises:
        ObjectNotFoundError: there is no such object, version or bucket.
        UnreadableError: refused, or no answer.
    """
    try:
        with connection.asking(path) as client:
            yield client
    except ObjectNotFoundError:
        raise
    except StoreError as error:
        check_bucket(error, path)
        raise unreadable(error, path) from error


def check_bucket(error: StoreError, path: str) -> None:
    """Raise ObjectNotFoundError where it was refused for want of the bucket."""
    if refusal(error) == "NoSuchBucket":
        raise ObjectNotFoundError("there is no such bucket", hint=error.hint, path=path) from error


def unreadable(error: StoreError, path: str) -> UnreadableError:
    """Return the error of a data set for one of the place that it lies in."""
    return UnreadableError(error.message, hint=error.hint, path=printable(path))


@functools.cache
def _shared(settings: S3Settings) -> Connection:
    """Return this process's own connection; only worker processes get theirs here."""
    return Connection(settings)
