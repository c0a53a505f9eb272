"""A registry's store in a bucket: created once by `If-None-Match`, swapped by `If-Match`.

Whether a server heeds these headers is for `auditkit.stores.probe` to find out.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from auditkit.errors import (
    ObjectNotFoundError,
    StoreError,
    StoreUnavailableError,
)
from auditkit.stores.keys import check_key, check_prefix, is_key
from auditkit.stores.retention import Retention
from auditkit.stores.s3_body import read_body
from auditkit.stores.s3_client import RequestCount, S3Settings, connect
from auditkit.stores.s3_errors import s3_errors
from auditkit.stores.s3_history import History
from auditkit.stores.s3_put import AGAIN, Outcome, put_if
from auditkit.stores.store import MAX_HEAD_BYTES, Head

_WRITER: Final = "auditkit-writer"
"""User metadata of a head: a number that one swap made up, by which it knows its own."""

_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class S3Store:
    """Objects in `bucket` under `prefix`; see `Store`.

    Where the bucket keeps versions, it knows what was overwritten or deleted, and a deleted head is
    not taken for one that never was.

    Without `conditional`, for servers that ignore conditions, they are looked at before a request
    is sent: good enough for one writer, and for no more.
    """

    bucket: str
    prefix: str
    client: Any = field(repr=False)
    requests: RequestCount
    timeout: float
    retention: Retention | None = None
    conditional: bool = True

    @classmethod
    def open(
        cls,
        bucket: str,
        prefix: str,
        settings: S3Settings | None = None,
        retention: Retention | None = None,
        *,
        conditional: bool = True,
    ) -> S3Store:
        """Return the store below `prefix`, which has no slash at its end; nothing is sent yet.

        Raises:
            StoreError, ConfigError, MissingDependencyError: as `connect` says.
        """
        settings = settings or S3Settings()
        client = connect(settings)
        return cls(
            bucket,
            prefix,
            client,
            RequestCount(client),
            settings.timeout,
            retention,
            conditional=conditional,
        )

    @property
    def location(self) -> str:
        """Bucket and prefix as `s3://…`."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def full_key(self, key: str) -> str:
        """Return the object's key in the bucket."""
        return f"{self.prefix}/{key}" if self.prefix else key

    def path(self, key: str) -> str:
        """Return the object's address, for messages."""
        return f"s3://{self.bucket}/{self.full_key(key)}"

    def put_new(self, key: str, content: bytes, *, retain: bool = False) -> bool:
        """Create an object; return False if there is one.

        That may be one's own, where an answer was lost and the request was sent again.
        """
        lock: dict[str, object] = {}
        if retain and self.retention is not None:
            lock["ObjectLockMode"] = self.retention.mode.upper()
            lock["ObjectLockRetainUntilDate"] = self.retention.until()
        return self._put(key, content, None, **lock) == "stored"

    def get(self, key: str, *, limit: int) -> bytes:
        """Return an object's bytes; see `Store`."""
        return self._get(key, limit)[0]

    def alteration(self, key: str) -> str | None:
        """Return what the versions of an object tell of it; see `Store`."""
        check_key(key)
        return self._history(key).alteration()

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the keys below `prefix`, a thousand at a time."""
        check_prefix(prefix)
        start = self.full_key("")
        pages = iter(
            self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=start + prefix
            )
        )
        while True:
            with s3_errors(self.path(prefix)):
                page = next(pages, None)
            if page is None:
                return
            keys = (each["Key"].removeprefix(start) for each in page.get("Contents", ()))
            yield from sorted(key for key in keys if is_key(key))

    def remove(self, key: str) -> None:
        """Remove an object, or hide it behind a delete marker where versions are kept."""
        check_key(key)
        with s3_errors(self.path(key)):
            self.client.delete_object(Bucket=self.bucket, Key=self.full_key(key))

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
        etag = expected.version if expected else None
        try:
            outcome = self._put(key, content, etag, Metadata={_WRITER: writer})
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
                hint=AGAIN,
                path=self.path(key),
            )
        with s3_errors(self.path(key)):
            answer = self.client.head_object(
                Bucket=self.bucket, Key=self.full_key(key), VersionId=next_one.id
            )
        return bool(answer["Metadata"].get(_WRITER) == writer)

    def _read_head(self, key: str) -> tuple[Head, str | None] | None:
        """Return the head and the number that its writer made up."""
        for _ in range(_TRIES):
            with suppress(ObjectNotFoundError):
                content, answer = self._get(key, MAX_HEAD_BYTES)
                return Head(content, answer["ETag"]), answer["Metadata"].get(_WRITER)
            history = self._history(key)
            if not history.versions:
                return None
            if not history.present:
                raise StoreError(
                    "was deleted",
                    hint=f"The last version is {history.versions[0].id}, behind a delete marker: "
                    "find out who deleted it, and remove the marker.",
                    path=self.path(key),
                )
            # It was written between the two requests.
        raise StoreUnavailableError("is listed and cannot be had", hint=AGAIN, path=self.path(key))

    def _put(self, key: str, content: bytes, etag: str | None, **more: object) -> Outcome:
        check_key(key)
        request = {"Bucket": self.bucket, "Key": self.full_key(key), "Body": content, **more}
        return put_if(self.client, request, etag, self.path(key), conditional=self.conditional)

    def _get(self, key: str, limit: int) -> tuple[bytes, dict[str, Any]]:
        check_key(key)
        for _ in range(_TRIES - 1):
            answer = self._answer(key)
            with suppress(StoreUnavailableError):  # it broke off
                return self._body(answer, key, limit), answer
        answer = self._answer(key)
        return self._body(answer, key, limit), answer

    def _answer(self, key: str) -> dict[str, Any]:
        with s3_errors(self.path(key)):
            answer: dict[str, Any] = self.client.get_object(
                Bucket=self.bucket, Key=self.full_key(key)
            )
        return answer

    def _body(self, answer: dict[str, Any], key: str, limit: int) -> bytes:
        return read_body(answer, self.path(key), limit=limit, timeout=self.timeout)

    def _history(self, key: str) -> History:
        return History.read(self.client, self.bucket, self.full_key(key), self.path(key))
