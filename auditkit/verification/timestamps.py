"""Step 3: since when are these signatures known to exist?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from auditkit.errors import TokenError
from auditkit.findings import Finding, Status
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


def known_times(
    signatures: Sequence[Signature],
    files: Mapping[str, Sequence[bytes]],
    rules: Rules,
    now: datetime,
) -> Times:
    """Return since when each signature is known: by its earliest valid token, or since now.

    `files` are the token files beside each bundle, by the bundle's name.
    """
    known: dict[str, KnownTime] = {}
    findings: list[Finding] = []
    for each in signatures:
        tokens = (*each.bundle.timestamps, *files.get(each.name, ()))
        best, objections = _earliest(tokens, each.bundle.signature, rules)
        if best is not None:
            detail = f"existed by {utc(best.at)}, says {best.authority}"
            findings.append(_finding(each.name, "passed", detail))
        findings += [_finding(each.name, "skipped", f"not counted: {why}") for why in objections]
        known[each.name] = best or KnownTime(now)
    return Times(known, tuple(findings))


def check_required(counted: Sequence[Standing], rules: Rules) -> list[Finding]:
    """Return a finding for every signer whose proven time is required and missing."""
    if not rules.require.timestamp:
        return []
    detail = "the policy requires a time-stamp token, and there is no valid one"
    return [_finding(each.principal.name, "failed", detail) for each in counted if not each.proven]


def nothing_to_say() -> Finding:
    """Return the finding for evidence without tokens, of which none are required."""
    return _finding("bundle", "skipped", "no timestamp is required; none is present")


def _earliest(
    tokens: Sequence[bytes], signature: bytes, rules: Rules
) -> tuple[KnownTime | None, list[str]]:
    if tokens and not rules.authorities:
        return None, [f"{len(tokens)} tokens, and no authority is trusted"]
    found: list[KnownTime] = []
    objections: list[str] = []
    for token in tokens[:MAX_TOKENS]:
        try:
            found.append(check_token(token, signature, rules.authorities))
        except TokenError as error:
            objections.append(error.message)
    if len(tokens) > MAX_TOKENS:
        objections.append(f"{len(tokens) - MAX_TOKENS} more tokens were not looked at")
    return min(found, key=lambda each: each.at, default=None), objections


def _finding(subject: str, status: Status, detail: str) -> Finding:
    return Finding(step=3, check="timestamp", subject=subject, status=status, detail=detail)
