"""After the swap: the tiles go where readers look for them, and receipts are written.

Everything here may be done twice, by several at once, and in parts: what is there already is
compared, and what somebody else put in its place is put right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from auditkit.errors import LogError, StoreError, StoreUnavailableError
from auditkit.execution.executor import ThreadExecutor
from auditkit.registry.checkpoint import SignedCheckpoint
from auditkit.registry.layout import receipt_key
from auditkit.registry.log import Entry
from auditkit.registry.proofs import inclusion_ranges
from auditkit.registry.receipt import Receipt, decode_receipt
from auditkit.registry.staging import MAX_STAGED_BYTES, Staged
from auditkit.registry.tilereader import TileReader
from auditkit.stores.store import Store

_AT_ONCE: Final = 8
_MOST_BYTES: Final = MAX_STAGED_BYTES

Item = TypeVar("Item")
Result = TypeVar("Result")


def publish(store: Store, staged: Staged, signed: SignedCheckpoint) -> tuple[Entry, ...]:
    """Copy the tiles of an append out of staging, then write the receipts of its entries.

    Returns:
        The entries that the append added.

    Raises:
        StoreError: the store refused; doing it again goes on where it stopped.
    """
    for tile, data in staged.made():
        ensure(store, tile.path, data, good=data.__eq__, retain=tile.is_full)
    reader = TileReader(store, staged.checkpoint, staged=staged)
    receipts = [_receipt(reader, signed, index, data) for index, data in staged.added()]
    return tuple(at_once(lambda receipt: _leave(store, receipt), receipts))


def ensure(
    store: Store,
    key: str,
    content: bytes,
    *,
    good: Callable[[bytes], bool],
    retain: bool = False,
) -> None:
    """Create an object; one that is there already and is not `good` is replaced.

    What an object holds follows from its key, so a bad one is a stranger's.
    """
    if store.put_new(key, content, retain=retain):
        return
    try:
        if good(store.get(key, limit=_MOST_BYTES)):
            return
    except StoreUnavailableError:
        raise
    except StoreError:  # too large, or gone in the meantime: no good either
        pass
    store.remove(key)
    store.put_new(key, content, retain=retain)


def at_once(act: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return what `act` returns for each item, in their order; several go at once."""
    listed = list(items)
    if len(listed) < 2:
        return [act(each) for each in listed]
    return list(ThreadExecutor(_AT_ONCE).map(act, listed))


def _receipt(reader: TileReader, signed: SignedCheckpoint, index: int, data: bytes) -> Receipt:
    ranges = inclusion_ranges(index, signed.checkpoint.size)
    return Receipt(data, index, tuple(reader.root_of(each) for each in ranges), signed)


def _leave(store: Store, receipt: Receipt) -> Entry:
    record = receipt.verified()

    def good(found: bytes) -> bool:
        try:
            return decode_receipt(found).verified() == record
        except LogError:
            return False

    ensure(store, receipt_key(record.id), receipt.encode(), good=good)
    return Entry(receipt.index, record)
