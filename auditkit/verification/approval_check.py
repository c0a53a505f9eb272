"""One approval: who gave it, may they, and is it about this manifest?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from auditkit.digests import sha256_hex
from auditkit.errors import ManifestError
from auditkit.findings import ApprovalVerdict, Finding, Status, TimestampVerdict
from auditkit.manifest.approval import Approval, decode_approval
from auditkit.manifest.codec import preview
from auditkit.stores.attached import NamedToken
from auditkit.trust.rules import Rules
from auditkit.trust.validity import utc
from auditkit.verification.authenticate import Authentication
from auditkit.verification.bundles import DecodedBundle
from auditkit.verification.requirements import contradiction
from auditkit.verification.signatures import check_signatures
from auditkit.verification.signers import Standing, standings
from auditkit.verification.timestamps import check_required, known_times


@dataclass(frozen=True, slots=True)
class ApprovalBundle:
    """A bundle over an approval, and the token files beside it."""

    decoded: DecodedBundle
    tokens: tuple[NamedToken, ...]


@dataclass(frozen=True, slots=True)
class CheckedApproval:
    """What the bundles over one approval are worth, and the time-stamp tokens over them."""

    verdicts: tuple[ApprovalVerdict, ...]
    findings: tuple[Finding, ...]
    timestamps: tuple[TimestampVerdict, ...]


def check_approval(
    bundles: Sequence[ApprovalBundle], manifest: Authentication, rules: Rules, now: datetime
) -> CheckedApproval:
    """Return what the bundles over one approval are worth: they all hold the same payload."""
    signatures, raw = check_signatures([each.decoded for each in bundles], rules)
    findings = [
        msgspec.structs.replace(each, step=3, check="approval")
        for each in raw
        if each.status != "passed"
    ]
    files = {each.decoded.name: each.tokens for each in bundles}
    times = known_times(signatures, files, rules, now)
    payload = bundles[0].decoded.bundle.payload
    verdicts = []
    for standing in standings(signatures, times.known, preview(payload), rules.strength):
        subject = standing.principal.name
        try:
            approval = _approval(payload, standing, manifest)
        except ManifestError as error:
            findings.append(approval_finding(subject, "failed", error.message))
            continue
        verdict = _verdict(approval, standing)
        verdicts.append(verdict)
        findings.append(approval_finding(subject, verdict.status, _detail(verdict, standing)))
        findings += check_required([standing], rules)
    return CheckedApproval(tuple(verdicts), (*findings, *times.findings), times.verdicts)


def approval_finding(subject: str, status: Status, detail: str) -> Finding:
    """Return a finding of the check `approval`."""
    return Finding(step=3, check="approval", subject=subject, status=status, detail=detail)


def _approval(payload: bytes, standing: Standing, manifest: Authentication) -> Approval:
    """Return the approval; raises ManifestError for anything that keeps it from being one."""
    who = standing.principal
    if who.kind != "person":
        raise ManifestError("is a machine, and a machine cannot approve")
    if standing.judgement.status == "failed":
        raise ManifestError(standing.judgement.detail)
    statement = decode_approval(payload)
    if statement.manifest != sha256_hex(manifest.payload or b""):
        raise ManifestError("approves another manifest")
    if who.name in {each.principal.name for each in manifest.standings}:
        raise ManifestError("signed the manifest, and so cannot approve it")
    approval = statement.predicate
    if (approval.name, approval.role) != (who.name, who.role):
        raise ManifestError(
            f"claims to be {approval.name} ({approval.role}); the key is that of {who.name} "
            f"({who.role})"
        )
    for known in standing.times.values():
        objection = contradiction(approval.approved_at, known, "the approval was given")
        if objection is not None and known.authority:
            raise ManifestError(objection)
    return approval


def _verdict(approval: Approval, standing: Standing) -> ApprovalVerdict:
    proven = [each.at for each in standing.times.values() if each.authority is not None]
    return ApprovalVerdict(
        name=approval.name,
        role=approval.role,
        meaning=approval.meaning,
        approved_at=approval.approved_at,
        bundle=standing.signatures[0].name,
        keyids=tuple(dict.fromkeys(each.public_key.keyid for each in standing.signatures)),
        status=standing.judgement.status,
        known_since=utc(min(proven)) if proven else None,
    )


def _detail(verdict: ApprovalVerdict, standing: Standing) -> str:
    if verdict.status != "passed":
        return standing.judgement.detail
    return f"approved as {verdict.role}: {verdict.meaning}"
