"""Where things lie in a registry's store, besides tiles and staged appends."""

from __future__ import annotations

from typing import Final

CHECKPOINT_KEY: Final = "checkpoint"
PENDING_PREFIX: Final = "pending/"


def blob_key(digest: str) -> str:
    """Return the key of the blob with this SHA-256, in hex."""
    return f"blobs/sha256/{digest[:2]}/{digest[2:]}"


def pending_key(entry_id: str) -> str:
    """Return the key under which an entry waits to be integrated."""
    return PENDING_PREFIX + entry_id


def receipt_key(entry_id: str) -> str:
    """Return the key of the receipt of an integrated entry."""
    return f"receipts/{entry_id[:2]}/{entry_id[2:]}"
