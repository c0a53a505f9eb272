"""What a store really guarantees: found out by trying it, and said in plain words.

Servers that speak S3 may take a condition and ignore it, so that two writers both succeed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Barrier
from typing import Final

from auditkit.errors import StoreError
from auditkit.stores.s3 import S3Store
from auditkit.stores.s3_probe import BucketFacts, probe_bucket
from auditkit.stores.store import Head, Store

PROBE_PREFIX: Final = "probe/"
"""Below it lie the objects of probes; they are removed again as far as that is allowed."""

_WRITERS: Final = 4


@dataclass(frozen=True, slots=True)
class Guarantees:
    """What was seen of the store at `location`; `bucket` is None for a folder."""

    location: str
    creates_once: bool
    swaps_once: bool
    bucket: BucketFacts | None = None

    @property
    def many_writers(self) -> bool:
        """Whether several processes may write at once without undoing each other's work."""
        return self.creates_once and self.swaps_once

    @property
    def lock_ignored(self) -> bool:
        """Whether retention was asked for and is not there."""
        return self.bucket is not None and self.bucket.lock == "ignored"

    def sentences(self) -> tuple[str, ...]:
        """Return what this means, one sentence for each thing, without full stops."""
        return (
            _once("an object is created", self.creates_once),
            _once("the checkpoint is replaced", self.swaps_once),
            *(_bucket_sentences(self.bucket) if self.bucket else [_FOLDER]),
        )


def probe(store: Store) -> Guarantees:
    """Try the store with four writers at once.

    Raises:
        StoreError: it refuses what is needed, or the retention that it is opened with.
        StoreUnavailableError: it cannot be reached.
    """
    key = PROBE_PREFIX + secrets.token_hex(8)
    try:
        return Guarantees(
            store.location,
            creates_once=_creates_once(store, f"{key}-object"),
            swaps_once=_swaps_once(store, f"{key}-head"),
            bucket=probe_bucket(store, key) if isinstance(store, S3Store) else None,
        )
    finally:
        for name in ("object", "head", "free", "locked"):
            with suppress(StoreError):  # who may not delete leaves them there
                store.remove(f"{key}-{name}")


def _creates_once(store: Store, key: str) -> bool:
    contents = [secrets.token_bytes(16) for _ in range(_WRITERS)]
    created = _at_once(lambda writer: store.put_new(key, contents[writer]))
    if created.count(True) != 1 or store.put_new(key, b"late"):
        return False
    return store.get(key, limit=16) == contents[created.index(True)]


def _swaps_once(store: Store, key: str) -> bool:
    expected: Head | None = None
    for _ in range(2):  # where there is none yet, and where there is one
        contents = [secrets.token_bytes(16) for _ in range(_WRITERS)]
        swapped = _at_once(_swap(store, key, contents, expected))
        head = store.read_head(key)
        if swapped.count(True) != 1 or head is None:
            return False
        if head.content != contents[swapped.index(True)] or head == expected:
            return False
        expected = head
    return True


def _swap(
    store: Store, key: str, contents: list[bytes], expected: Head | None
) -> Callable[[int], bool]:
    return lambda writer: store.swap_head(key, contents[writer], expected)


def _at_once(act: Callable[[int], bool]) -> list[bool]:
    barrier = Barrier(_WRITERS)

    def begin(writer: int) -> bool:
        barrier.wait()
        return act(writer)

    with ThreadPoolExecutor(_WRITERS) as pool:
        return list(pool.map(begin, range(_WRITERS)))


def _once(what: str, holds: bool) -> str:
    if holds:
        return f"{what} by one of several writers, and the others are told (tried with {_WRITERS})"
    return f"{what} by several writers at once, each undoing the other's work"


def _bucket_sentences(bucket: BucketFacts) -> tuple[str, ...]:
    said = []
    if bucket.versions:
        said.append("what is overwritten or deleted stays as an older version")
    else:
        said.append(
            "what is overwritten or deleted is gone, since the bucket keeps no versions: the log "
            "shows that it happened"
        )
    said.append(_LOCKS[bucket.lock])
    if bucket.default_lock:
        said.append(
            "the bucket locks every object by itself, also those that auditkit would leave free "
            "to be deleted, such as digests of single rows"
        )
    return tuple(said)


_FOLDER: Final = (
    "whoever may write to this folder can change and delete what is in it: the log shows that it "
    "happened, and nothing brings it back"
)
_LOCKS: Final = {
    None: "nothing is locked against deletion, since no retention is configured",
    "held": "what is to be retained cannot be deleted before its time (tried)",
    "stated": "the server says that what is to be retained is locked; this could not be tried, "
    "since these credentials may delete no version of anything",
    "ignored": "the server takes a retention and does not keep to it",
}
