"""Add time stamps to evidence that is signed already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditkit.api.checkpoints import read_signed
from auditkit.api.stamping import tokens_for
from auditkit.errors import NothingToVerifyError, TimestampError
from auditkit.manifest.bundle import decode_bundle
from auditkit.signing.timestamp import TimestampClient
from auditkit.stores.atomic import write_new
from auditkit.stores.attached import statements, token_path
from auditkit.stores.evidence import EvidenceFolder


@dataclass(frozen=True, slots=True)
class StampResult:
    """The token files written, and what went wrong with authorities that gave none."""

    written: tuple[Path, ...]
    failures: tuple[TimestampError, ...]


def timestamp(path: Path, authorities: Sequence[TimestampClient]) -> StampResult:
    """Write a token file beside every bundle of the evidence at `path`, approvals included.

    The bundles stay as they are: a token is over a signature, not over the file. Where `path` is a
    checkpoint of a log, or a receipt, the token is over the checkpoint's text.

    Raises:
        TimestampError: no authority gave a token for some bundle; what was written stays.
        NothingToVerifyError: nothing there is signed.
        EnvelopeError: a bundle is not well-formed.
        LogError: a receipt is damaged.
        StorageError: a token could not be written.
    """
    checkpoint = read_signed(path)
    if checkpoint is not None:
        return _stamp([(path, checkpoint.checkpoint.text.encode())], authorities)
    folder = EvidenceFolder.open(path)
    bundles = (*folder.bundles(), *statements(folder, "approval"))
    if not bundles:
        raise NothingToVerifyError(
            "there is no signature to stamp", hint="Sign it first: auditkit sign.", path=str(path)
        )
    signatures = [(each.path, decode_bundle(each.data).signature) for each in bundles]
    return _stamp(signatures, authorities)


def _stamp(
    items: Iterable[tuple[Path, bytes]], authorities: Sequence[TimestampClient]
) -> StampResult:
    """Write tokens over the bytes that belong to each file, beside it."""
    written: list[Path] = []
    failures: list[TimestampError] = []
    for path, message in items:
        tokens, failed = tokens_for(message, authorities)
        if not tokens:
            raise failed[0]
        for token in tokens:
            written.append(token_path(path))
            write_new(written[-1], token)
        failures += failed
    return StampResult(tuple(written), tuple(failures))
