"""Entries that wait to be integrated: which of them a log takes, and which it refuses.

Anybody who records may write here, so what waits is read as a stranger's: nothing in it keeps the
others from being integrated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from auditkit.errors import LogError, ObjectNotFoundError, StoreError, StoreUnavailableError
from auditkit.registry.admission import check_record
from auditkit.registry.entries import EntryRecord, decode_record
from auditkit.registry.layout import pending_key
from auditkit.registry.log import Log
from auditkit.registry.publishing import at_once
from auditkit.registry.registry import Registry
from auditkit.registry.tiles import MAX_ENTRY_BYTES
from auditkit.schemes import MAX_BUNDLE_BYTES


@dataclass(frozen=True, slots=True)
class Refusal:
    """An entry that waits and is not taken: it stays where it is."""

    entry_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that is to be appended, and the name that it waits under."""

    waits_as: str
    record: EntryRecord


@dataclass(frozen=True, slots=True)
class Batch:
    """What to append next, in this order; `more` says that not everything was looked at."""

    candidates: tuple[Candidate, ...]
    refused: tuple[Refusal, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits beside one log."""

    registry: Registry
    log: Log

    def batch(self, ids: Sequence[str], limit: int) -> Batch:
        """Return at most `limit` of the entries named, in the order of their declared times.

        Those that are in the log already no longer wait afterwards.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        taken: dict[str, Candidate] = {}
        refused: list[Refusal] = []
        position = 0
        while position < len(ids) and len(taken) < limit:
            chunk = ids[position : position + limit - len(taken)]
            position += len(chunk)
            for each in at_once(self._look_at, chunk):
                if isinstance(each, Refusal):
                    refused.append(each)
                elif each is not None:
                    taken.setdefault(each.record.id, each)
        ordered = sorted(taken.values(), key=lambda each: (each.record.time or "", each.record.id))
        return Batch(tuple(ordered), tuple(refused), more=position < len(ids))

    def settle(self, ids: Iterable[str]) -> None:
        """Take entries out of those that wait: they are in the log, and have their receipts."""
        at_once(lambda id_: self.registry.store.remove(pending_key(id_)), ids)

    def _look_at(self, waits_as: str) -> Candidate | Refusal | None:
        try:
            record = self._read(waits_as)
        except ObjectNotFoundError:
            return None  # somebody else has just integrated it
        except StoreUnavailableError:
            raise
        except (StoreError, LogError) as error:
            return Refusal(waits_as, str(error))
        logged = self._logged(record)
        if logged is not None and logged != record:
            # Another bundle over a payload that is in the log: its signature is worth keeping.
            record = msgspec.structs.replace(record, type="addendum")
            logged = self._logged(record)
        if logged is None:
            return Candidate(waits_as, record)
        self.settle([waits_as])
        return None

    def _read(self, waits_as: str) -> EntryRecord:
        data = self.registry.store.get(pending_key(waits_as), limit=MAX_ENTRY_BYTES)
        blob = self.registry.blob(decode_record(data).blob, limit=MAX_BUNDLE_BYTES)
        record = check_record(data, blob)
        if record.id != waits_as:
            raise LogError(f"the entry {record.id} waits under another name")
        return record

    def _logged(self, record: EntryRecord) -> EntryRecord | None:
        """Return the entry with this id that is in the log: its receipt says where to look."""
        try:
            receipt = self.registry.receipt(record.id)
            if receipt is None or receipt.index >= self.log.checkpoint.size:
                return None
            found = self.log.entry(receipt.index).record
        except LogError:
            return None
        return found if found.id == record.id else None
