"""Runs as bytes in the index."""

from __future__ import annotations

import sqlite3
from typing import Final, TypeVar

import msgspec

from auditkit.index.facts import RunFacts
from auditkit.lineage import RunRecord

_RECORD: Final = msgspec.msgpack.Decoder(RunRecord)
_FACTS: Final = msgspec.msgpack.Decoder(RunFacts)

Stored = TypeVar("Stored", RunRecord, RunFacts)

encode = msgspec.msgpack.encode


def record_of(data: object) -> RunRecord:
    """Return the run in `data`; raises sqlite3.DatabaseError if nobody here wrote that."""
    return _decode(_RECORD, data)


def facts_of(data: object) -> RunFacts:
    """Return the facts in `data`; raises sqlite3.DatabaseError if nobody here wrote that."""
    return _decode(_FACTS, data)


def _decode(decoder: msgspec.msgpack.Decoder[Stored], data: object) -> Stored:
    try:
        return decoder.decode(data)  # type: ignore[arg-type] # checked by what it raises
    except (msgspec.MsgspecError, TypeError) as error:
        raise sqlite3.DatabaseError(f"a row that nobody here wrote ({error})") from error
