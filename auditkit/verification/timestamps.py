"""Step 3: since when are these signatures known to exist?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from auditkit.errors import TokenError
from auditkit.findings import Finding, Status, TimestampVerdict
from auditkit.stores.attached import NamedToken
from auditkit.trust.rules import Rules
from auditkit.trust.tokens import check_token
from auditkit.trust.validity import KnownTime, utc
from auditkit.verification.signatures import Signature
from auditkit.verification.signers import Standing

MAX_TOKENS = 20
"""Most tokens over one signature that are looked at; real evidence has one or two."""


@dataclass(frozen=True, slots=True)
class Times:
    """Since when each signature is known, by the bundle's name, and what tokens came to nothing.

    Without a valid token a signature is known since `now`: the verifier sees it.
    """

    known: Mapping[str, KnownTime]
    findings: tuple[Finding, ...]
    verdicts: tuple[TimestampVerdict, ...]


def known_times(
    signatures: Sequence[Signature],
    files: Mapping[str, Sequence[NamedToken]],
    rules: Rules,
    now: datetime,
) -> Times:
    """Return since when each signature is known: by its earliest valid token, or since now.

    `files` are the token files beside each bundle, by the bundle's name.
    """
    known: dict[str, KnownTime] = {}
    findings: list[Finding] = []
    verdicts: list[TimestampVerdict] = []
    for each in signatures:
        embedded = (NamedToken(each.name, data) for data in each.bundle.timestamps)
        tokens = (*embedded, *files.get(each.name, ()))
        times, judged = _judge(tokens[:MAX_TOKENS], each, rules)
        best = min(times, key=lambda time: time.at, default=None)
        if best is not None:
            detail = f"existed by {utc(best.at)}, says {best.authority}"
            findings.append(_finding(each.name, "passed", detail))
        findings += [
            _finding(each.name, "skipped", f"not counted: {why}")
            for why in _objections(judged, len(tokens))
        ]
        verdicts += judged
        known[each.name] = best or KnownTime(now)
    return Times(known, tuple(findings), tuple(verdicts))


def check_required(counted: Sequence[Standing], rules: Rules) -> list[Finding]:
    """Return a finding for every signer whose proven time is required and missing."""
    if not rules.require.timestamp:
        return []
    detail = "the policy requires a time-stamp token, and there is no valid one"
    return [_finding(each.principal.name, "failed", detail) for each in counted if not each.proven]


def nothing_to_say() -> Finding:
    """Return the finding for evidence without tokens, of which none are required."""
    return _finding("bundle", "skipped", "no timestamp is required; none is present")


def _judge(
    tokens: Sequence[NamedToken], signature: Signature, rules: Rules
) -> tuple[list[KnownTime], list[TimestampVerdict]]:
    times: list[KnownTime] = []
    verdicts: list[TimestampVerdict] = []
    for token in tokens:
        verdict = TimestampVerdict(
            signer=signature.principal.name,
            bundle=signature.name,
            token=token.name,
            status="passed",
            detail="",
        )
        try:
            time = _check(token.data, signature.bundle.signature, rules)
        except TokenError as error:
            verdicts.append(replace(verdict, status="skipped", detail=error.message))
            continue
        times.append(time)
        at = utc(time.at)
        detail = f"the signature existed by {at}"
        verdicts.append(replace(verdict, detail=detail, authority=time.authority, at=at))
    return times, verdicts


def _check(token: bytes, signature: bytes, rules: Rules) -> KnownTime:
    if not rules.authorities:
        raise TokenError("no time-stamping authority is trusted")
    return check_token(token, signature, rules.authorities)


def _objections(judged: Sequence[TimestampVerdict], total: int) -> list[str]:
    """Return why tokens count for nothing, each reason once."""
    found = dict.fromkeys(each.detail for each in judged if each.status != "passed")
    rest = total - len(judged)
    return [*found, *([f"{rest} more tokens were not looked at"] if rest else [])]


def _finding(subject: str, status: Status, detail: str) -> Finding:
    return Finding(step=3, check="timestamp", subject=subject, status=status, detail=detail)
