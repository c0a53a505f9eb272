"""Receipts: offline proof that an entry is in a log (C2SP tlog-proof, version 1).

c2sp.org/tlog-proof@v1
extra <base64 of the entry's record>
index <number>
<one base64 hash for each step from the leaf to the root>

<the signed checkpoint>
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from auditkit.errors import LogError
from auditkit.merkle import leaf_hash
from auditkit.registry.checkpoint import Checkpoint, SignedCheckpoint, decode_checkpoint
from auditkit.registry.entries import EntryRecord, decode_record
from auditkit.registry.note import MAX_NOTE_BYTES
from auditkit.registry.proofs import root_by_inclusion
from auditkit.registry.tiles import HASH_BYTES, MAX_ENTRY_BYTES

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_RECEIPT_BYTES: Final = MAX_NOTE_BYTES + 2 * MAX_ENTRY_BYTES

_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class Receipt:
    """An entry, its place in the log, and the hashes that lead to a signed checkpoint.

    The extra data of the proof file is the entry's record, which is believed because its hash is
    the proven leaf.
    """

    entry: bytes
    index: int
    proof: tuple[bytes, ...]
    signed: SignedCheckpoint

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint that the proof leads to; its signatures are not checked."""
        return self.signed.checkpoint

    def verified(self) -> EntryRecord:
        """Return the record, once its hash and the proof lead to the checkpoint's root.

        Raises:
            LogError: they do not, or it is no record.
        """
        size = self.checkpoint.size
        if root_by_inclusion(leaf_hash(self.entry), self.index, size, self.proof) != (
            self.checkpoint.root
        ):
            raise LogError(f"the proof does not lead from entry {self.index} to the checkpoint")
        return decode_record(self.entry)

    def encode(self) -> bytes:
        """Return the bytes of the proof file."""
        lines = [
            HEADER,
            f"extra {_encode(self.entry)}",
            f"index {self.index}",
            *(_encode(each) for each in self.proof),
            "\n",
        ]
        return "\n".join(lines).encode() + self.signed.encode()


def decode_receipt(data: bytes) -> Receipt:
    """Return the receipt in `data`, of which nothing was checked yet.

    Raises:
        LogError: not a proof file, or one without the entry as extra data.
    """
    if len(data) > MAX_RECEIPT_BYTES:
        raise LogError(f"the receipt has more than {MAX_RECEIPT_BYTES} bytes")
    head, blank, note = data.partition(b"\n\n")
    try:
        header, extra, number, *proof = head.decode("ascii").split("\n")
    except ValueError as error:
        raise LogError("not a proof file of the form c2sp.org/tlog-proof@v1") from error
    match = _INDEX.fullmatch(number)
    if not blank or header != HEADER or not extra.startswith("extra ") or match is None:
        raise LogError("not a proof file with an entry as extra data")
    hashes = tuple(_decode(line) for line in proof)
    if any(len(each) != HASH_BYTES for each in hashes):
        raise LogError("a hash of the proof is no SHA-256")
    entry = _decode(extra.removeprefix("extra "))
    return Receipt(entry, int(match[1]), hashes, decode_checkpoint(note))


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise LogError("a line of the proof is not base64") from error
