"""What no policy may be: one that counts somebody twice, or that nothing can ever fulfil."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from auditkit.errors import ConfigError
from auditkit.signing.keys import ALGORITHMS, PublicKey
from auditkit.trust.policy import AlgorithmSection
from auditkit.trust.rules import Principal, Rules


def check_consistency(rules: Rules, algorithms: AlgorithmSection) -> None:
    """Raise ConfigError if `rules` count somebody twice, or can never be fulfilled."""
    _check_names((each.name for each in rules.principals), "signers")
    _check_names((each.name for each in rules.authorities), "authorities")
    _check_keys(rules.principals, algorithms)
    _check_fulfillable(rules)


def _check_names(names: Iterable[str], what: str) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise ConfigError(f"two {what} are named {name!r}", hint="Give each its own name.")


def _check_keys(principals: tuple[Principal, ...], algorithms: AlgorithmSection) -> None:
    """One key in two places would let one holder count as two."""
    allowed = ALGORITHMS if algorithms.allowed is None else algorithms.allowed
    for name in allowed:
        if name not in ALGORITHMS:
            raise ConfigError(
                f"unknown algorithm {name!r}", hint=f"Known ones: {', '.join(ALGORITHMS)}."
            )
    owners: dict[str, str] = {}
    for principal in principals:
        for key in (each.public_key for each in principal.keys):
            if key.keyid in owners:
                raise ConfigError(
                    f"key {key.keyid[:16]} is named twice, for {owners[key.keyid]!r} and "
                    f"{principal.name!r}",
                    hint="Give every signer keys of its own.",
                )
            owners[key.keyid] = principal.name
            if key.algorithm not in allowed:
                raise ConfigError(
                    f"signer {principal.name!r} has a key for {key.algorithm}, which is not allowed"
                )
            _check_size(key, algorithms.minimum_rsa_bits, principal.name)


def _check_size(key: PublicKey, minimum: int, signer: str) -> None:
    loaded = serialization.load_der_public_key(key.spki)
    if isinstance(loaded, rsa.RSAPublicKey) and loaded.key_size < minimum:
        raise ConfigError(
            f"signer {signer!r} has an RSA key of {loaded.key_size} bits, fewer than {minimum}"
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
    for role, count in rules.require.approvals.items():
        approvers = [
            each for each in rules.principals if each.role == role and each.signs("approval")
        ]
        if len(approvers) < count:
            raise ConfigError(
                f"{count} approvals by {role!r} are required, and {len(approvers)} signers can "
                "give one"
            )
