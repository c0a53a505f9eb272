"""A registry: blobs in a store, under a log that says what was recorded and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from auditkit.digests import sha256_hex
from auditkit.errors import LogError, ObjectNotFoundError, StoreError, TargetNotFoundError
from auditkit.registry.checkpoint import SignedCheckpoint, decode_checkpoint
from auditkit.registry.layout import (
    CHECKPOINT_KEY,
    PENDING_PREFIX,
    blob_key,
    pending_key,
    receipt_key,
)
from auditkit.registry.log import Log
from auditkit.registry.receipt import MAX_RECEIPT_BYTES, Receipt, decode_receipt
from auditkit.registry.tiles import MAX_ENTRY_BYTES
from auditkit.schemes import MAX_SIDECAR_BYTES
from auditkit.stores.store import Head, Store


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry as anybody may read it. Nothing in it is believed for being there."""

    store: Store

    def head(self) -> tuple[Head, SignedCheckpoint]:
        """Return the checkpoint as it is now, with what a swap has to expect.

        Raises:
            TargetNotFoundError: there is no registry at this place.
            LogError: what is there is no checkpoint.
            StoreError: the store refused.
        """
        head = self.store.read_head(CHECKPOINT_KEY)
        if head is None:
            raise TargetNotFoundError(
                "there is no registry here",
                hint="Check the place, or make a registry with auditkit init --registry URI.",
                path=self.store.location,
            )
        return head, decode_checkpoint(head.content)

    def log(self) -> Log:
        """Return the log at the present checkpoint, whose signatures are for the caller to check.

        Raises as `head`.
        """
        return Log(self.store, self.head()[1])

    def blob(self, digest: str, *, limit: int = MAX_SIDECAR_BYTES) -> bytes:
        """Return the blob with this SHA-256 (hex), compared with it.

        Raises:
            LogError: it is missing, or something else lies under its name.
            StoreError: it has more than `limit` bytes, or the store refused.
        """
        key = blob_key(digest)
        try:
            content = self.store.get(key, limit=limit)
        except ObjectNotFoundError as error:
            raise LogError("the blob is missing", hint=self._known(key), path=key) from error
        if sha256_hex(content) != digest:
            raise LogError("the blob differs from its digest", hint=self._known(key), path=key)
        return content

    def _known(self, key: str) -> str | None:
        """Return what the store itself knows of a change, if it can be asked."""
        with suppress(StoreError):
            return self.store.alteration(key)
        return None

    def receipt(self, entry_id: str) -> Receipt | None:
        """Return the receipt that was left for an entry, None if there is none.

        It is a convenience: its proof and its checkpoint's signature are for the caller to check.

        Raises:
            LogError: what is there is no receipt.
            StoreError: the store refused.
        """
        try:
            data = self.store.get(receipt_key(entry_id), limit=MAX_RECEIPT_BYTES)
        except ObjectNotFoundError:
            return None
        return decode_receipt(data)

    def waits(self, entry_id: str) -> bool:
        """Return whether something waits under this id; raises StoreError."""
        try:
            self.store.get(pending_key(entry_id), limit=MAX_ENTRY_BYTES)
        except ObjectNotFoundError:
            return False
        return True

    def pending(self) -> Iterator[str]:
        """Yield the ids of entries that wait to be integrated, sorted, as they are named."""
        for key in self.store.list(PENDING_PREFIX):
            yield key.removeprefix(PENDING_PREFIX)
