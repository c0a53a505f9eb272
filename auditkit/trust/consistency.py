"""What no policy may be: one that counts somebody twice, or that nothing can ever fulfil."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from auditkit.errors import ConfigError
from auditkit.signing.keys import ALGORITHMS
from auditkit.trust.rules import Rules


def check_consistency(rules: Rules) -> None:
    """Raise ConfigError if `rules` count somebody twice, or can never be fulfilled."""
    _check_names((each.name for each in rules.principals), "signers")
    _check_names((each.name for each in rules.authorities), "authorities")
    _check_names((each.origin for each in rules.logs), "logs")
    _check_algorithms(rules.strength.algorithms or ())
    _check_keys(rules)
    _check_fulfillable(rules)


def _check_names(names: Iterable[str], what: str) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise ConfigError(f"two {what} are named {name!r}", hint="Give each its own name.")


def _check_algorithms(names: Iterable[str]) -> None:
    for name in names:
        if name not in ALGORITHMS:
            raise ConfigError(
                f"unknown algorithm {name!r}", hint=f"Known ones: {', '.join(ALGORITHMS)}."
            )


def _check_keys(rules: Rules) -> None:
    """One key in two places would let one holder count as two."""
    owners: dict[str, str] = {}
    for principal, key in rules.all_keys():
        keyid = key.public_key.keyid
        if keyid in owners:
            raise ConfigError(
                f"key {keyid[:16]} is named twice, for {owners[keyid]!r} and {principal.name!r}",
                hint="Give every signer keys of its own.",
            )
        owners[keyid] = principal.name
        objection = rules.strength.objection(key.public_key)
        if objection is not None:
            raise ConfigError(f"signer {principal.name!r} {objection}")


def _check_logs(rules: Rules) -> None:
    if ("log" in rules.require.steps or rules.require.consistency) and not rules.logs:
        raise ConfigError(
            "a log is required, and no log is trusted",
            hint="Add [[logs]] with the origin and the verifier keys of the log.",
        )
    for log in rules.logs:
        if any(each.is_cosigner for each in log.keys):
            raise ConfigError(f"the log {log.origin!r} has a key that only cosigns")
        if not all(each.is_cosigner for each in log.cosigners):
            raise ConfigError(
                f"a cosigner of the log {log.origin!r} has a key that does not cosign"
            )
        if len({*log.cosigners}) < log.needed:
            raise ConfigError(
                f"{log.needed} cosignatures are required of the log {log.origin!r}, and "
                f"{len(log.cosigners)} cosigners are named"
            )


def _check_fulfillable(rules: Rules) -> None:
    able = [each for each in rules.principals if each.signs("training-run")]
    if len(able) < rules.require.signatures:
        raise ConfigError(
            f"{rules.require.signatures} signatures are required, and {len(able)} signers may sign "
            "training runs"
        )
    if rules.require.timestamp and not rules.authorities:
        raise ConfigError(
            "a timestamp is required, and no authority is trusted",
            hint="Add [[authorities]] with a name and its root certificates.",
        )
    _check_logs(rules)
    for role, count in rules.require.approvals.items():
        approvers = [
            each for each in rules.principals if each.role == role and each.signs("approval")
        ]
        if len(approvers) < count:
            raise ConfigError(
                f"{count} approvals by {role!r} are required, and {len(approvers)} signers can "
                "give one"
            )
