"""What a policy leaves open: warnings for whoever has to agree to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from auditkit.trust.rules import Principal, Rules, Validity


def open_points(rules: Rules, now: datetime) -> tuple[str, ...]:
    """Return what the rules leave open at the time `now`, one warning each."""
    return (
        *(warning for each in rules.principals for warning in _principal(each, now)),
        *_requirements(rules),
        *_shared_log_keys(rules),
    )


def _principal(who: Principal, now: datetime) -> Iterator[str]:
    windows = [who.validity, *(key.validity for key in who.keys)]
    if not _ends(who.validity) and not all(_ends(key.validity) for key in who.keys):
        yield f"{who.name} has a key that never expires; give it a not-after."
    if who.projects is None and who.signs("training-run"):
        yield f"{who.name} may sign for every project; name its projects."
    if who.signs("training-run") and who.signs("approval"):
        yield f"{who.name} may sign manifests and approvals; give each to somebody else."
    if who.signs("training-run") and who.signs("erasure"):
        yield f"{who.name} may sign manifests and excuse their data; give each to somebody else."
    ends = [each.not_after for each in windows if each.not_after is not None]
    if ends and min(ends) < now:
        yield f"{who.name} has a key that has expired; without a time stamp it settles nothing."


def _ends(validity: Validity) -> bool:
    return validity.not_after is not None or validity.revoked_at is not None


def _requirements(rules: Rules) -> Iterator[str]:
    if not rules.require.timestamp:
        yield (
            "No time stamp is required; once a key expires or is revoked, nothing shows which "
            "signatures are older."
        )
    able = [each for each in rules.principals if each.signs("training-run")]
    if len(able) == 1 and rules.require.signatures == 1 and not rules.require.approvals:
        yield (
            f"{able[0].name} alone can make evidence that passes; whoever has its key can too. "
            "Require an approval or a second signer."
        )


def _shared_log_keys(rules: Rules) -> Iterator[str]:
    for log in rules.logs:
        own = {each.public_key for each in log.keys}
        for who, key in rules.all_keys():
            if key.public_key in own:
                yield (
                    f"The log {log.origin} has the same key as {who.name}; whoever signs could "
                    "also rewrite the log. Give the log a key of its own."
                )
