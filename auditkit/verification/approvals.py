"""Step 3: which persons approved this manifest, and did enough of them in the roles required?

An approval is evidence of its own, so an absent one does not keep the manifest from being read:
whoever is to approve it must be able to verify it first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from auditkit.errors import EnvelopeError, UnreadableError
from auditkit.findings import ApprovalVerdict, Finding, Status, TimestampVerdict
from auditkit.manifest.bundle import decode_bundle
from auditkit.stores.attached import NamedToken, statements, tokens
from auditkit.stores.evidence import EvidenceFolder, NamedBundle
from auditkit.trust.rules import Rules
from auditkit.verification.approval_check import (
    ApprovalBundle,
    approval_finding,
    check_approval,
)
from auditkit.verification.authenticate import Authentication
from auditkit.verification.bundles import DecodedBundle, in_words


@dataclass(frozen=True, slots=True)
class Approvals:
    """The approvals that count or might, all findings about approvals, and the files as read."""

    verdicts: tuple[ApprovalVerdict, ...]
    findings: tuple[Finding, ...]
    bundles: tuple[NamedBundle, ...] = ()
    tokens: tuple[NamedToken, ...] = ()
    timestamps: tuple[TimestampVerdict, ...] = ()


def check_approvals(
    folder: EvidenceFolder, manifest: Authentication, rules: Rules, now: datetime
) -> Approvals:
    """Return who approved an authenticated manifest.

    Persons are counted, never approvals or keys.
    """
    try:
        named = statements(folder, "approval")
        by_payload = _by_payload(folder, named)
    except (EnvelopeError, UnreadableError) as error:
        status: Status = "failed" if isinstance(error, EnvelopeError) else "indeterminate"
        return Approvals((), (approval_finding("approvals", status, in_words(error)),))
    checked = [check_approval(each, manifest, rules, now) for each in by_payload.values()]
    verdicts = [verdict for each in checked for verdict in each.verdicts]
    findings = [finding for each in checked for finding in each.findings]
    findings += _check_roles(verdicts, rules)
    if not findings:
        detail = "no approval is required; none is there"
        findings.append(approval_finding("manifest", "skipped", detail))
    return Approvals(
        tuple(verdicts),
        tuple(findings),
        named,
        tuple(token for own in by_payload.values() for each in own for token in each.tokens),
        tuple(stamp for each in checked for stamp in each.timestamps),
    )


def _by_payload(
    folder: EvidenceFolder, named: Sequence[NamedBundle]
) -> dict[bytes, list[ApprovalBundle]]:
    found: dict[bytes, list[ApprovalBundle]] = {}
    for each in named:
        try:
            bundle = decode_bundle(each.data)
        except EnvelopeError as error:
            raise EnvelopeError(error.message, path=str(each.path)) from error
        entry = ApprovalBundle(DecodedBundle(each.name, bundle), tokens(folder, each))
        found.setdefault(bundle.payload, []).append(entry)
    return found


def _check_roles(verdicts: Sequence[ApprovalVerdict], rules: Rules) -> list[Finding]:
    findings = []
    for role, needed in sorted(rules.require.approvals.items()):
        own = [each for each in verdicts if each.role == role]
        passed = {each.name for each in own if each.status == "passed"}
        possible = {each.name for each in own}
        status: Status = "passed"
        if len(passed) < needed:
            status = "indeterminate" if len(possible) >= needed else "failed"
        detail = f"approved by {len(passed)} of {needed} persons that the policy requires"
        findings.append(approval_finding(role, status, detail))
    return findings
