"""Recording: blobs first, then the entry that waits for the log. It needs rights to write only."""

from __future__ import annotations

import msgspec

from auditkit.digests import sha256_hex
from auditkit.errors import LogError, ObjectNotFoundError
from auditkit.registry.admission import check_record
from auditkit.registry.entries import EntryRecord, decode_record
from auditkit.registry.layout import blob_key, pending_key
from auditkit.registry.publishing import ensure
from auditkit.registry.registry import Registry
from auditkit.registry.tiles import MAX_ENTRY_BYTES
from auditkit.schemes import MAX_BUNDLE_BYTES


def put_blob(registry: Registry, content: bytes, *, retain: bool = True) -> str:
    """Store a blob and return its SHA-256, hex; what lies there already has to be the same.

    Raises:
        StoreError: the store refused or cannot be reached.
    """
    digest = sha256_hex(content)
    ensure(
        registry.store,
        blob_key(digest),
        content,
        good=lambda found: sha256_hex(found) == digest,
        retain=retain,
    )
    return digest


def submit(registry: Registry, record: EntryRecord) -> str:
    """Let an entry wait to be integrated, once its blob is stored; return the id it waits under.

    Once this returns, the entry is not lost: it waits until it is in the log.

    Raises:
        StoreError: the store refused or cannot be reached; it may be done again.
    """
    key, data = pending_key(record.id), record.encode()
    while not registry.store.put_new(key, data):
        try:
            found = registry.store.get(key, limit=MAX_ENTRY_BYTES)
        except ObjectNotFoundError:
            continue  # it has just been integrated; a second entry does no harm
        if found == data:
            break
        if not _is_sound(registry, found, record.id):
            registry.store.remove(key)
            continue
        # Another bundle over the same payload waits under this name; this one is kept beside it.
        return submit(registry, msgspec.structs.replace(record, type="addendum"))
    return record.id


def _is_sound(registry: Registry, data: bytes, entry_id: str) -> bool:
    try:
        blob = registry.blob(decode_record(data).blob, limit=MAX_BUNDLE_BYTES)
        return check_record(data, blob).id == entry_id
    except LogError:
        return False
