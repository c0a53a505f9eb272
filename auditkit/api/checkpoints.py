"""Checkpoints that somebody kept: as the log signed them, in a receipt, a verdict, or by hand."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from auditkit.digests import SHA256_HEX
from auditkit.errors import LogError, UsageError
from auditkit.findings import decode_verdict
from auditkit.registry.authenticity import TrustedLog, authenticate
from auditkit.registry.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    decode_checkpoint,
    parse_checkpoint,
)
from auditkit.registry.receipt import HEADER, MAX_RECEIPT_BYTES, decode_receipt
from auditkit.stores.reading import read_regular
from auditkit.trust.rules import Authority
from auditkit.verification.log_stamps import judged_stamps
from auditkit.verification.log_view import Seen

_MAX_BYTES: Final = 256 * 1024 * 1024
"""A verdict about many runs is long."""


def read_seen(
    path: Path, logs: Sequence[TrustedLog], authorities: Sequence[Authority] = ()
) -> tuple[Seen, ...]:
    """Return the checkpoints in a file, for a log to be held against.

    A signed checkpoint, a receipt, or a verdict as `verify --json` prints it; of a verdict the
    largest checkpoint of each log. Or three lines without a signature, origin, size and root in
    hex, as somebody copied them from a report: those are taken at the word of who gives them.
    Time-stamp tokens beside the file tell how old the checkpoint in it is.

    Raises:
        UsageError: the file is none of these.
        LogError: a checkpoint is not signed by the log that it is of, where that log is trusted.
        UnreadableError: the operating system refused.
    """
    data = read_regular(path, _MAX_BYTES, UsageError)
    try:
        found = list(_checkpoints(data, logs))
    except LogError as error:
        raise LogError(error.message, hint=error.hint, path=str(path)) from error
    except ValueError as error:
        raise UsageError(
            "neither a checkpoint nor a receipt nor a verdict with one",
            hint="Give a checkpoint as auditkit log status -o writes it, a receipt "
            "(.tlog-proof), or what auditkit verify --json printed.",
            path=str(path),
        ) from error
    return tuple(Seen(each, _source(path, each, authorities)) for each in found)


def read_signed(path: Path) -> SignedCheckpoint | None:
    """Return the signed checkpoint that a file is, or that a receipt leads to; None for others.

    Raises:
        LogError: a proof that does not lead to its checkpoint, or a damaged one.
        UnreadableError: the operating system refused.
    """
    if not path.is_file() or path.stat().st_size > MAX_RECEIPT_BYTES:
        return None
    data = read_regular(path, MAX_RECEIPT_BYTES, LogError)
    if data.startswith(HEADER.encode()):
        receipt = decode_receipt(data)
        receipt.verified()
        return receipt.signed
    try:
        return decode_checkpoint(data)
    except LogError:
        return None


def _source(path: Path, checkpoint: Checkpoint, authorities: Sequence[Authority]) -> str:
    stamps, objections = judged_stamps(path, checkpoint, authorities)
    words = [f"stamped {each.at} by {each.authority}" for each in stamps]
    words += [f"a token is not counted: {each}" for each in objections]
    return "; ".join((f"from {path.name}", *words))


def _checkpoints(data: bytes, logs: Sequence[TrustedLog]) -> Iterator[Checkpoint]:
    if data.startswith(HEADER.encode()):
        receipt = decode_receipt(data)
        receipt.verified()
        yield _checked(receipt.signed, logs)
    elif data.lstrip()[:1] == b"{":
        yield from _of_verdict(data, logs)
    elif b"\n\n" in data.strip():
        yield _checked(decode_checkpoint(data), logs)
    else:
        yield _by_hand(data.decode())


def _by_hand(text: str) -> Checkpoint:
    """Return the checkpoint in three lines; the root may be in hex, as reports print it."""
    lines = text.strip().splitlines()
    if len(lines) == 3 and re.fullmatch(SHA256_HEX, lines[2].strip()):
        lines[2] = base64.b64encode(bytes.fromhex(lines[2])).decode()
    return parse_checkpoint("\n".join(line.strip() for line in lines) + "\n")


def _of_verdict(data: bytes, logs: Sequence[TrustedLog]) -> Iterator[Checkpoint]:
    largest: dict[str, SignedCheckpoint] = {}
    for target in decode_verdict(data).targets:
        if target.checkpoint is None:
            continue
        signed = decode_checkpoint(target.checkpoint.note.encode())
        known = largest.get(signed.checkpoint.origin)
        if known is None or known.checkpoint.size < signed.checkpoint.size:
            largest[signed.checkpoint.origin] = signed
    if not largest:
        raise LogError("the verdict rests on no log, so there is no checkpoint in it")
    for signed in largest.values():
        yield _checked(signed, logs)


def _checked(signed: SignedCheckpoint, logs: Sequence[TrustedLog]) -> Checkpoint:
    """Return the checkpoint, once its log signed it; cosigners may have come to it later."""
    own = [each.alone for each in logs if each.origin == signed.checkpoint.origin]
    if own:
        authenticate(signed, own)
    return signed.checkpoint
