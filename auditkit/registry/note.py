"""Signed notes: a text and lines that sign it (C2SP signed-note)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from auditkit.errors import LogError

MAX_NOTE_BYTES: Final = 256 * 1024
MAX_SIGNATURES: Final = 32
"""A verifier accepts at least 16; the largest is an ML-DSA-44 cosignature of 3.3 kB."""

_DASH: Final = "\u2014"
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: whose it claims to be, the key's 4-byte ID, and the signature."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line as it stands in the note, without its newline."""
        return f"{_DASH} {self.name} {base64.b64encode(self.key_id + self.signature).decode()}"


@dataclass(frozen=True, slots=True)
class Note:
    """A text, ending in a newline, and the signatures over it; none was checked."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def encode(self) -> bytes:
        """Return the note's bytes."""
        lines = "".join(f"{each.line}\n" for each in self.signatures)
        return f"{self.text}\n{lines}".encode()


def decode_note(data: bytes) -> Note:
    """Return the note in `data`.

    Raises:
        LogError: larger than 256 KiB, not UTF-8, control characters, no text or no signature,
            more than 32 signatures, or a line that is not one.
    """
    if len(data) > MAX_NOTE_BYTES:
        raise LogError(f"the note has more than {MAX_NOTE_BYTES} bytes")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LogError("the note is not UTF-8") from error
    text, blank, lines = whole.rpartition("\n\n")
    if not blank or not text or not lines.endswith("\n") or _CONTROL.search(whole):
        raise LogError("not a signed note")
    found = lines[:-1].split("\n")
    if len(found) > MAX_SIGNATURES:
        raise LogError(f"the note has more than {MAX_SIGNATURES} signatures")
    return Note(text + "\n", tuple(_signature(line) for line in found))


def is_key_name(name: str) -> bool:
    """Return whether `name` may name a key: not empty, no space, no plus sign."""
    return bool(name) and not re.search(r"[\s+]", name) and not _CONTROL.search(name)


def _signature(line: str) -> NoteSignature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != _DASH or not is_key_name(parts[1]):
        raise LogError("the note has a line that is no signature")
    try:
        raw = base64.b64decode(parts[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise LogError("a signature of the note is not base64") from error
    if len(raw) < 5:
        raise LogError("a signature of the note is too short")
    return NoteSignature(parts[1], raw[:4], raw[4:])
