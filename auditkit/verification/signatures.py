"""Step 2: which trusted keys made these signatures?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditkit.errors import EvidenceError, SignatureError
from auditkit.findings import Finding, Status
from auditkit.manifest.bundle import Bundle
from auditkit.signing.keys import PublicKey
from auditkit.trust.certificates import certified_key, is_named
from auditkit.trust.rules import Principal, Rules, TrustedKey
from auditkit.verification.bundles import DecodedBundle


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that verified: the bundle it is in, and whose it is.

    `trusted` is the key as the rules have it; None where a certificate says whose the key is,
    which is still to be judged.
    """

    name: str
    bundle: Bundle
    principal: Principal
    public_key: PublicKey
    trusted: TrustedKey | None


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
    held = {key.public_key.keyid: (principal, key) for principal, key in rules.all_keys()}
    for each in decoded:
        if each.bundle.keyid in held:
            found, more = _named(each, *held[each.bundle.keyid])
        elif each.bundle.certificate is not None:
            found, more = _certified(each, each.bundle.certificate, rules)
        else:
            found, more = (), _unnamed(each, rules)
        signatures += found
        findings += more
    return signatures, findings


def _named(
    each: DecodedBundle, principal: Principal, key: TrustedKey
) -> tuple[tuple[Signature, ...], list[Finding]]:
    try:
        good = _verify(each, key.public_key)
    except SignatureError as error:
        return (), [_finding(each, "failed", error.message)]
    return (Signature(each.name, each.bundle, principal, key.public_key, key),), [good]


def _certified(
    each: DecodedBundle, leaf: bytes, rules: Rules
) -> tuple[tuple[Signature, ...], list[Finding]]:
    """Attribute a signature to whomever its certificate names, before that is believed."""
    issued = [(held, held.issuer) for held in rules.principals if held.issuer is not None]
    if not issued:
        return (), [_finding(each, "skipped", "made with a certificate, and no issuer is trusted")]
    try:
        key = certified_key(leaf)
        good = _verify(each, key)
    except EvidenceError as error:
        return (), [_finding(each, "failed", error.message)]
    named = tuple(
        Signature(each.name, each.bundle, principal, key, None)
        for principal, issuer in issued
        if is_named(leaf, issuer)
    )
    if not named:
        why = "its certificate names nobody that is trusted"
        return (), [_finding(each, "skipped", why)]
    return named, [good]


def _unnamed(each: DecodedBundle, rules: Rules) -> list[Finding]:
    for _, key in rules.all_keys():
        try:
            good = _verify(each, key.public_key)
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
        return [good, misnamed]
    detail = f"made by key {each.bundle.keyid[:16]}…, which is not at hand"
    return [_finding(each, "skipped", detail)]


def _verify(each: DecodedBundle, key: PublicKey) -> Finding:
    """Return the finding for a good signature; raises SignatureError for any other."""
    signed = each.bundle.signed_bytes
    key.verify(each.bundle.signature, signed)
    return _finding(each, "passed", f"{key.algorithm} signature over {len(signed)} bytes")


def _finding(each: DecodedBundle, status: Status, detail: str) -> Finding:
    return Finding(step=2, check="signature", subject=each.name, status=status, detail=detail)
