"""Step 3: may these principals sign this, and do enough of them?

Principals are counted, never bundles or keys. A signature that does not count harms nobody
while enough others do; it is listed with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from auditkit.findings import Finding, Status
from auditkit.manifest.codec import Preview
from auditkit.trust.rules import Principal, Rules
from auditkit.trust.validity import Judgement, KnownTime, judge, worst
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
            each.key.public_key.keyid
            for each in self.signatures
            if self.times[each.name].authority is not None
        }
        return len(stamped) >= (len(self.principal.keys) if self.principal.require == "all" else 1)


def standings(
    signatures: Sequence[Signature], times: Mapping[str, KnownTime], preview: Preview
) -> list[Standing]:
    """Return one standing for each principal that has signed, in the order of the bundles."""
    found: dict[str, list[Signature]] = {}
    for each in signatures:
        found.setdefault(each.principal.name, []).append(each)
    return [
        Standing(
            own[0].principal,
            tuple(own),
            {each.name: times[each.name] for each in own},
            _judge(own[0].principal, own, times, preview),
        )
        for own in found.values()
    ]


def check_signers(
    found: Sequence[Standing], rules: Rules
) -> tuple[tuple[Standing, ...], list[Finding]]:
    """Return the standings that count, with the findings of step 3."""
    needed = rules.require.signatures
    passed = [each for each in found if each.judgement.status == "passed"]
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
    return tuple(passed), findings


def nobody(keyids: Iterable[str], rules: Rules) -> Finding:
    """Return the finding for evidence that nobody trusted has signed, but the keys `keyids`."""
    keys = [key.public_key.keyid for _, key in rules.all_keys()]
    one = keys[0] if len(keys) == 1 else None
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
) -> Judgement:
    objection = principal.objection(preview)
    if objection is not None:
        return Judgement("failed", objection)
    by_key: dict[str, list[Judgement]] = {}
    for each in own:
        judged = judge(each.key.validity, times[each.name])
        by_key.setdefault(each.key.public_key.keyid, []).append(judged)
    best = [_best(judged) for judged in by_key.values()]
    if principal.require == "any":
        return _best(best)
    if len(best) < len(principal.keys):
        return Judgement("failed", f"signed with {len(best)} of its {len(principal.keys)} keys")
    return worst(best)


def _best(judgements: Sequence[Judgement]) -> Judgement:
    order: tuple[Status, ...] = ("passed", "indeterminate", "failed")
    return min(judgements, key=lambda each: order.index(each.status))


def _finding(standing: Standing, tolerated: set[Status]) -> Finding:
    principal, judgement = standing.principal, standing.judgement
    keys = " and ".join(
        f"{key.algorithm} key {key.keyid[:16]}…"
        for key in dict.fromkeys(each.key.public_key for each in standing.signatures)
    )
    status: Status = judgement.status
    detail = f"{judgement.detail} ({keys})"
    if status == "passed":
        detail = f"signed by {principal.name}, {keys}"
    elif status not in tolerated:
        status, detail = "skipped", f"not counted: {detail}"
    return Finding(step=3, check="signer", subject=principal.name, status=status, detail=detail)
