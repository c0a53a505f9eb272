"""Step 5: since when a state of a log is known to exist, by time stamps over its checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from auditkit.errors import EnvelopeError, TokenError, UnreadableError
from auditkit.findings import Finding, LogStamp
from auditkit.registry.checkpoint import Checkpoint, SignedCheckpoint
from auditkit.stores.attached import tokens_beside
from auditkit.stores.listing import Listings
from auditkit.trust.rules import Authority
from auditkit.trust.tokens import check_token
from auditkit.trust.validity import utc
from auditkit.verification.log_view import log_finding


def check_stamps(
    path: Path, signed: SignedCheckpoint, authorities: Sequence[Authority]
) -> tuple[tuple[LogStamp, ...], list[Finding]]:
    """Return the tokens beside a receipt that count, and findings about all of them."""
    stamps, objections = judged_stamps(path, signed.checkpoint, authorities)
    origin, size = signed.checkpoint.origin, signed.checkpoint.size
    proven = (
        f"the checkpoint of {size} entries existed by {each.at}, says {each.authority}"
        for each in stamps
    )
    findings = [log_finding("timestamp", origin, "passed", detail) for detail in proven]
    findings += [
        log_finding("timestamp", origin, "skipped", f"not counted: {reason}")
        for reason in objections
    ]
    return stamps, findings


def judged_stamps(
    path: Path, checkpoint: Checkpoint, authorities: Sequence[Authority]
) -> tuple[tuple[LogStamp, ...], tuple[str, ...]]:
    """Return the tokens over a checkpoint beside its file that count, and why others do not.

    A token is over the checkpoint's text, whoever signed that and whenever: a state of the log
    that could be named at a time existed then.
    """
    stamps: list[LogStamp] = []
    objections: list[str] = []
    try:
        tokens = tokens_beside(path, Listings())
    except (EnvelopeError, UnreadableError) as error:
        return (), (str(error),)
    for token in tokens:
        try:
            if not authorities:
                raise TokenError("no time-stamping authority is trusted")  # noqa: TRY301
            known = check_token(token.data, checkpoint.text.encode(), authorities)
        except TokenError as error:
            objections.append(error.message)
            continue
        stamps.append(LogStamp(at=utc(known.at), authority=known.authority or "", token=token.name))
    return tuple(stamps), tuple(dict.fromkeys(objections))
