"""What a log holds: one small record for each statement, signature or token.

A record is canonical JSON (RFC 8785): names sorted, no white space, absent instead of null. Its
leaf in the tree is RFC 6962's hash of exactly these bytes.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from auditkit.errors import LogError
from auditkit.manifest.types import Name, RunId, Sha256, Timestamp

EntryType = Literal["manifest", "approval", "verification", "erasure", "addendum"]

ENTRY_VERSION = 1


class EntryRecord(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    gc=False,
):
    """One record; its fields stand in the order of their names.

    `blob` is the SHA-256 of the bundle or token, `statement` that of the DSSE payload which it
    holds or, for an addendum, is about. `project`, `run` and `time` are what the payload says,
    and absent where there is none.
    """

    blob: Sha256
    project: Name | None = None
    run: RunId | None = None
    statement: Sha256
    time: Timestamp | None = None
    type: EntryType
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31)]

    @property
    def id(self) -> str:
        """What there is one of in a log, 64 hex digits: the statement; for addenda the blob."""
        return self.blob if self.type == "addendum" else self.statement

    def encode(self) -> bytes:
        """Return the record's bytes."""
        return msgspec.json.encode(self)


_DECODER = msgspec.json.Decoder(EntryRecord)


def decode_record(data: bytes) -> EntryRecord:
    """Return the record in `data`.

    Raises:
        LogError: not a record, of another version, or not in the one form that it has.
    """
    try:
        record = _DECODER.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise LogError(f"not a log entry ({error})") from error
    if record.version != ENTRY_VERSION:
        raise LogError(f"a log entry of version {record.version}, which needs a newer auditkit")
    if record.encode() != data:
        raise LogError("a log entry that is not in canonical form")
    return record
