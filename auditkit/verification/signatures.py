"""Step 2: which trusted keys made these signatures?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditkit.errors import SignatureError
from auditkit.findings import Finding, Status
from auditkit.manifest.bundle import Bundle
from auditkit.trust.rules import Principal, Rules, TrustedKey
from auditkit.verification.bundles import DecodedBundle


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that verified: the bundle it is in, and whose trusted key made it."""

    name: str
    bundle: Bundle
    principal: Principal
    key: TrustedKey


def check_signatures(
    decoded: Sequence[DecodedBundle], rules: Rules
) -> tuple[list[Signature], list[Finding]]:
    """Return the signatures that verified under a trusted key, with the findings of step 2.

    The key that a bundle names is tried first, and is a hint only: a bundle that names another
    key than the one that signed it is a finding of step 3. A signature by a key that is not at
    hand is skipped.
    """
    signatures: list[Signature] = []
    findings: list[Finding] = []
    for each in decoded:
        named = next(
            (held for held in rules.all_keys() if held[1].public_key.keyid == each.bundle.keyid),
            None,
        )
        if named is None:
            findings += _unnamed(each, rules)
            continue
        try:
            _verify(each.bundle, named[1])
        except SignatureError as error:
            findings.append(_finding(each, "failed", error.message))
            continue
        signatures.append(Signature(each.name, each.bundle, *named))
        findings.append(_good(each, named[1]))
    return signatures, findings


def _unnamed(each: DecodedBundle, rules: Rules) -> list[Finding]:
    for _, key in rules.all_keys():
        try:
            _verify(each.bundle, key)
        except SignatureError:
            continue
        misnamed = Finding(
            step=3,
            check="signer",
            subject=each.name,
            status="failed",
            detail="the bundle names another key than the one that signed it",
            expected=key.public_key.keyid,
            found=each.bundle.keyid,
        )
        return [_good(each, key), misnamed]
    detail = f"made by key {each.bundle.keyid[:16]}…, which is not at hand"
    return [_finding(each, "skipped", detail)]


def _verify(bundle: Bundle, key: TrustedKey) -> None:
    key.public_key.verify(bundle.signature, bundle.signed_bytes)


def _good(each: DecodedBundle, key: TrustedKey) -> Finding:
    size = len(each.bundle.signed_bytes)
    return _finding(each, "passed", f"{key.public_key.algorithm} signature over {size} bytes")


def _finding(each: DecodedBundle, status: Status, detail: str) -> Finding:
    return Finding(step=2, check="signature", subject=each.name, status=status, detail=detail)
