"""A registry's store in a bucket: created once by `If-None-Match`, swapped by `If-Match`.

Whether a server heeds these headers is for `auditkit.stores.probe` to find out.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from auditkit.errors import (
    ObjectDeletedError,
    ObjectNotFoundError,
    StoreError,
    StoreUnavailableError,
)
from auditkit.stores.keys import check_key, check_prefix, is_key
from auditkit.stores.retention import Retention
from auditkit.stores.s3_body import read_body
from auditkit.stores.s3_client import RequestCount, S3Settings, connect
from auditkit.stores.s3_errors import code, s3_errors, status
from auditkit.stores.s3_history import History
from auditkit.stores.store import MAX_HEAD_BYTES, Head

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_WRITER: Final = "auditkit-writer"
"""User metadata of a head: a number that one swap made up, by which it knows its own."""

_TRIES: Final = 3
_CONFLICT_TRIES: Final = 8
_AGAIN: Final = "Run it again: what was written is found, and is not written twice."

_Outcome = Literal["stored", "refused", "unclear", "conflict"]


@dataclass(frozen=True, slots=True)
class S3Store:
    """Objects in `bucket` under `prefix`; see `Store`.

    In a bucket that keeps versions, an object that was overwritten is refused, and one that was
    deleted is said to have been. In a bucket that does not, the log shows it.
    """

    bucket: str
    prefix: str
    requests: RequestCount
    _client: Any = field(repr=False)
    _timeout: float
    _retention: Retention | None = None

    @classmethod
    def open(
        cls,
        bucket: str,
        prefix: str,
        settings: S3Settings | None = None,
        retention: Retention | None = None,
    ) -> S3Store:
        """Return the store below `prefix`, which has no slash at its end; nothing is sent yet.

        Raises:
            StoreError, ConfigError, MissingDependencyError: as `connect` says.
        """
        settings = settings or S3Settings()
        client = connect(settings)
        return cls(bucket, prefix, RequestCount(client), client, settings.timeout, retention)

    @property
    def location(self) -> str:
        """Bucket and prefix as `s3://…`."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def put_new(self, key: str, content: bytes, *, retain: bool = False) -> bool:
        """Create an object; return False if there is one.

        That may be one's own, where an answer was lost and the request was sent again.
        """
        lock: dict[str, object] = {}
        if retain and self._retention is not None:
            lock["ObjectLockMode"] = self._retention.mode.upper()
            lock["ObjectLockRetainUntilDate"] = self._retention.until()
        return self._put(key, content, IfNoneMatch="*", **lock) == "stored"

    def get(self, key: str, *, limit: int, latest: bool = False) -> bytes:
        """Return an object's bytes; see `Store`."""
        content, answer = self._get(key, limit)
        if "VersionId" in answer and not latest:
            self._history(key).check_written_once()
        return content

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the keys below `prefix`, a thousand at a time."""
        check_prefix(prefix)
        start = self._key("")
        pages = iter(
            self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=start + prefix
            )
        )
        while True:
            with s3_errors(self._path(prefix)):
                page = next(pages, None)
            if page is None:
                return
            keys = (each["Key"].removeprefix(start) for each in page.get("Contents", ()))
            yield from sorted(key for key in keys if is_key(key))

    def remove(self, key: str) -> None:
        """Remove an object, or hide it behind a delete marker where versions are kept."""
        check_key(key)
        with s3_errors(self._path(key)):
            self._client.delete_object(Bucket=self.bucket, Key=self._key(key))

    def read_head(self, key: str) -> Head | None:
        """Return the head; its version is its entity tag.

        Raises:
            StoreError: there is none because it was deleted.
        """
        head = self._read_head(key)
        return head[0] if head else None

    def swap_head(self, key: str, content: bytes, expected: Head | None) -> bool:
        """Replace the head if it is still `expected`; see `Store`."""
        writer = secrets.token_hex(16)
        condition = {"IfMatch": expected.version} if expected else {"IfNoneMatch": "*"}
        try:
            outcome = self._put(key, content, Metadata={_WRITER: writer}, **condition)
        except StoreUnavailableError:
            outcome = "unclear"
        if outcome == "unclear":
            return self._has_swapped(key, expected, writer)
        return outcome == "stored"

    def _has_swapped(self, key: str, expected: Head | None, writer: str) -> bool:
        """Find out whether a swap took place whose answer was lost."""
        head = self._read_head(key)
        if head is not None and head[1] == writer:
            return True
        next_one = None
        if head is not None and head[0] != expected:
            next_one = self._history(key).successor(expected.version if expected else None)
        if next_one is None:  # a later one may have replaced it, or it may still be on its way
            raise StoreUnavailableError(
                "it is not known whether this was written: the answer was lost",
                hint=_AGAIN,
                path=self._path(key),
            )
        with s3_errors(self._path(key)):
            answer = self._client.head_object(
                Bucket=self.bucket, Key=self._key(key), VersionId=next_one.id
            )
        return bool(answer["Metadata"].get(_WRITER) == writer)

    def _read_head(self, key: str) -> tuple[Head, str | None] | None:
        """Return the head and the number that its writer made up."""
        try:
            content, answer = self._get(key, MAX_HEAD_BYTES)
        except ObjectDeletedError as error:
            raise StoreError(error.message, hint=error.hint, path=error.path) from error
        except ObjectNotFoundError:
            return None
        return Head(content, answer["ETag"]), answer["Metadata"].get(_WRITER)

    def _put(self, key: str, content: bytes, **conditions: object) -> _Outcome:
        check_key(key)
        outcome = self._put_once(key, content, conditions)
        for _ in range(_CONFLICT_TRIES):
            if outcome != "conflict":
                return outcome
            # Another one is writing it now: apart by chance, so that one of them is first.
            time.sleep(random.uniform(0.01, 0.1))  # noqa: S311
            outcome = self._put_once(key, content, conditions)
            if outcome == "refused":  # by what may have been one's own first request
                outcome = "unclear"
        raise StoreUnavailableError(
            "others kept writing it at the same time", hint=_AGAIN, path=self._path(key)
        )

    def _put_once(self, key: str, content: bytes, conditions: dict[str, object]) -> _Outcome:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - extra

        with s3_errors(self._path(key)):
            try:
                self._client.put_object(
                    Bucket=self.bucket, Key=self._key(key), Body=content, **conditions
                )
            except ClientError as error:
                return _outcome(error)
        return "stored"

    def _get(self, key: str, limit: int) -> tuple[bytes, dict[str, Any]]:
        check_key(key)
        for _ in range(_TRIES - 1):
            answer = self._answer(key)
            with suppress(StoreUnavailableError):  # it broke off
                return self._body(answer, key, limit), answer
        answer = self._answer(key)
        return self._body(answer, key, limit), answer

    def _answer(self, key: str) -> dict[str, Any]:
        for _ in range(_TRIES):
            with suppress(ObjectNotFoundError), s3_errors(self._path(key)):
                answer: dict[str, Any] = self._client.get_object(
                    Bucket=self.bucket, Key=self._key(key)
                )
                return answer
            history = self._history(key)
            if not history.present:  # otherwise it was created just now
                break
        raise history.absent()

    def _body(self, answer: dict[str, Any], key: str, limit: int) -> bytes:
        return read_body(answer, self._path(key), limit=limit, timeout=self._timeout)

    def _history(self, key: str) -> History:
        return History.read(self._client, self.bucket, self._key(key), self._path(key))

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    def _path(self, key: str) -> str:
        return f"s3://{self.bucket}/{self._key(key)}"


def _outcome(error: ClientError) -> _Outcome:
    """Return what a refusal means; raise it if it is not about the conditions.

    412, or 404 where `If-Match` finds no object (S3 API reference, PutObject). After a request
    that was sent again it may be one's own first one that is in the way.
    """
    if code(error) == "ConditionalRequestConflict":
        return "conflict"
    if status(error) != 412 and code(error) != "NoSuchKey":
        raise error
    return "unclear" if error.response["ResponseMetadata"].get("RetryAttempts") else "refused"
