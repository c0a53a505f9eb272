"""Step 3: may these principals sign this, and do enough of them?

Principals are counted, never bundles or keys. A signature that does not count harms nobody
while enough others do; it is listed with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from auditkit.findings import Finding, Status
from auditkit.manifest.codec import Preview
from auditkit.trust.certificates import judge_certificate
from auditkit.trust.rules import Principal, Rules, Strength
from auditkit.trust.validity import Judgement, KnownTime, best, judge, worst
from auditkit.verification.signatures import Signature


@dataclass(frozen=True, slots=True)
class Standing:
    """What one principal's signatures are worth.

    `times` are since when each of its signatures is known, by the bundle's name.
    """

    principal: Principal
    signatures: tuple[Signature, ...]
    times: Mapping[str, KnownTime]
    judgement: Judgement

    @property
    def proven(self) -> bool:
        """Whether tokens prove a time for as many keys as this principal must sign with."""
        stamped = {
            each.public_key.keyid
            for each in self.signatures
            if self.times[each.name].authority is not None
        }
        return len(stamped) >= self.principal.needed


def standings(
    signatures: Sequence[Signature],
    times: Mapping[str, KnownTime],
    preview: Preview,
    strength: Strength,
) -> tuple[Standing, ...]:
    """Return one standing for each principal that has signed, in the order of the bundles."""
    found: dict[str, list[Signature]] = {}
    for each in signatures:
        found.setdefault(each.principal.name, []).append(each)
    return tuple(
        Standing(
            own[0].principal,
            tuple(own),
            {each.name: times[each.name] for each in own},
            _judge(own[0].principal, own, times, preview, strength),
        )
        for own in found.values()
    )


def counted(found: Sequence[Standing]) -> tuple[Standing, ...]:
    """Return the standings that count."""
    return tuple(each for each in found if each.judgement.status == "passed")


def check_signers(found: Sequence[Standing], rules: Rules) -> list[Finding]:
    """Return the findings of step 3 about all that signed."""
    needed = rules.require.signatures
    passed = counted(found)
    possible = [each for each in found if each.judgement.status != "failed"]
    tolerated: set[Status] = {"passed"}
    if len(passed) < needed:
        tolerated = (
            {"passed", "indeterminate"}
            if len(possible) >= needed
            else {"passed", "indeterminate", "failed"}
        )
    findings = [_finding(each, tolerated) for each in found]
    if found and len(passed) < needed > 1:
        status: Status = "indeterminate" if len(possible) >= needed else "failed"
        detail = f"{len(passed)} of {needed} required signers count"
        findings.append(
            Finding(step=3, check="signer", subject="manifest", status=status, detail=detail)
        )
    return findings


def nobody(keyids: Iterable[str], rules: Rules) -> Finding:
    """Return the finding for evidence that nobody trusted has signed, but the keys `keyids`."""
    keys = [key.public_key.keyid for _, key in rules.all_keys()]
    one = keys[0] if len(keys) == len(rules.principals) == 1 else None
    return Finding(
        step=3,
        check="signer",
        subject="manifest",
        status="failed",
        detail="not signed by the trusted key" if one else "not signed by anybody that is trusted",
        expected=one,
        found=", ".join(sorted(set(keyids))),
    )


def _judge(
    principal: Principal,
    own: Sequence[Signature],
    times: Mapping[str, KnownTime],
    preview: Preview,
    strength: Strength,
) -> Judgement:
    objection = principal.objection(preview)
    if objection is not None:
        return Judgement("failed", objection)
    by_key: dict[str, list[Judgement]] = {}
    for each in own:
        judged = _judge_signature(each, times[each.name], strength)
        by_key.setdefault(each.public_key.keyid, []).append(judged)
    keys = [best(judged) for judged in by_key.values()]
    if principal.require == "any":
        return best(keys)
    if len(keys) < principal.needed:
        return Judgement("failed", f"signed with {len(keys)} of its {principal.needed} keys")
    return worst(keys)


def _judge_signature(each: Signature, known: KnownTime, strength: Strength) -> Judgement:
    judged = [judge(each.principal.validity, known)]
    if each.trusted is not None:
        judged.append(judge(each.trusted.validity, known))
    if each.bundle.certificate is not None and each.trusted is None and each.principal.issuer:
        judged.append(judge_certificate(each.bundle.certificate, each.principal.issuer, known))
        if (objection := strength.objection(each.public_key)) is not None:
            judged.append(Judgement("failed", objection))
    return worst(judged)


def _finding(standing: Standing, tolerated: set[Status]) -> Finding:
    principal, judgement = standing.principal, standing.judgement
    keys = " and ".join(
        f"{key.algorithm} key {key.keyid[:16]}…"
        for key in dict.fromkeys(each.public_key for each in standing.signatures)
    )
    status: Status = judgement.status
    detail = f"{judgement.detail} ({keys})"
    if status == "passed":
        detail = f"signed by {principal.name}, {keys}"
    elif status not in tolerated:
        status, detail = "skipped", f"not counted: {detail}"
    return Finding(step=3, check="signer", subject=principal.name, status=status, detail=detail)
