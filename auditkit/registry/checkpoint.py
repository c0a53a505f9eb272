"""Checkpoints: a log's size and root hash at one time (C2SP tlog-checkpoint)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from auditkit.errors import LogError
from auditkit.merkle import EMPTY_ROOT
from auditkit.registry.note import Note, decode_note
from auditkit.registry.tiles import HASH_BYTES, MAX_TREE_SIZE

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's origin, its number of entries, and the 32-byte root over them."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed, ending in a newline."""
        root = base64.b64encode(self.root).decode()
        return "\n".join((self.origin, str(self.size), root, *self.extensions, ""))

    def __str__(self) -> str:
        return f"{self.origin}, {self.size} entries, root {self.root.hex()}"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with the signatures that came with it; none of them was checked."""

    checkpoint: Checkpoint
    note: Note

    def encode(self) -> bytes:
        """Return the signed note's bytes."""
        return self.note.encode()


def decode_checkpoint(data: bytes) -> SignedCheckpoint:
    """Return the signed checkpoint in `data`; raises LogError if it is none."""
    note = decode_note(data)
    return SignedCheckpoint(parse_checkpoint(note.text), note)


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that a note's text is; raises LogError if it is none.

    What is returned has exactly this text again, so a signature over it is one over the value.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise LogError("not a checkpoint: origin, size and root hash are three lines")
    origin, size, root, *extensions = lines[:-1]
    if not _SIZE.fullmatch(size) or int(size) > MAX_TREE_SIZE:
        raise LogError(f"not a checkpoint: the size is {size[:40]!r}")
    try:
        digest = base64.b64decode(root, validate=True)
    except (binascii.Error, ValueError) as error:
        raise LogError("not a checkpoint: the root hash is not base64") from error
    checkpoint = Checkpoint(origin, int(size), digest, tuple(extensions))
    if len(digest) != HASH_BYTES or checkpoint.text != text:
        raise LogError("not a checkpoint: the root hash is no SHA-256 in base64")
    if (checkpoint.size == 0) != (digest == EMPTY_ROOT):
        raise LogError("not a checkpoint: size and root hash contradict each other")
    return checkpoint
