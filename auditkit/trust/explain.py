"""A policy in sentences, for whoever has to agree to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditkit.registry.authenticity import TrustedLog
from auditkit.trust.rules import Principal, Requirements, Rules, Validity
from auditkit.trust.validity import utc

_STATEMENTS = {
    "training-run": "manifests of training runs",
    "approval": "approvals",
    "verification": "verifications",
    "erasure": "erasures of data",
    "report": "reports in PDF",
}


def describe(rules: Rules) -> tuple[str, ...]:
    """Return what the rules allow and require, one sentence each."""
    return (
        *(sentence for each in rules.principals for sentence in _principal(each)),
        *_requirements(rules.require),
        *_strength(rules),
        *(
            f"Time stamps of {each.name} count: {len(each.roots)} root "
            f"{_plural(len(each.roots), 'certificate')}."
            for each in rules.authorities
        ),
        *(sentence for each in rules.logs for sentence in _log(each)),
        "A data set whose files changed fails, even if its rows did not."
        if rules.strict_layout
        else "A data set may be stored in other files as long as its rows are the same.",
    )


def _principal(who: Principal) -> Iterator[str]:
    kind = f"a {who.kind}" + (f", {who.role}" if who.role else "")
    what = _list(_STATEMENTS[each] for each in sorted(who.statements or _STATEMENTS))
    projects = "any project" if who.projects is None else _list(who.projects) or "no project"
    yield f"{who.name} ({kind}) may sign {what or 'nothing'} for {projects}, {_credentials(who)}."
    for subject, validity in (
        (who.name, who.validity),
        *((f"Key {key.public_key.keyid[:16]}… of {who.name}", key.validity) for key in who.keys),
    ):
        yield from _validity(subject, validity)


def _credentials(who: Principal) -> str:
    names = [f"{key.public_key.algorithm} key {key.public_key.keyid[:16]}…" for key in who.keys]
    if who.issuer is not None:
        names.append(f"a certificate for {' or '.join(map(str, who.issuer.identities))}")
    if len(names) == 1:
        return f"with {names[0]}"
    return f"with {'all' if who.require == 'all' else 'any'} of: {', '.join(names)}"


def _validity(subject: str, validity: Validity) -> Iterator[str]:
    if validity.not_before is not None:
        yield f"{subject} counts from {utc(validity.not_before)} on."
    if validity.not_after is not None:
        yield f"{subject} expires {utc(validity.not_after)}."
    if validity.revoked_at is not None:
        yield (
            f"{subject} was revoked {utc(validity.revoked_at)} ({validity.reason}); signatures "
            "that a time stamp proves to be older still count."
        )


def _requirements(require: Requirements) -> Iterator[str]:
    count = require.signatures
    yield f"A manifest needs {count} {_plural(count, 'signer')}, each counted once."
    if require.timestamp:
        yield "Every signature that counts needs a time-stamp token."
    for role, needed in sorted(require.approvals.items()):
        yield f"{needed} {_plural(needed, 'person')} must approve as {role}."
    if require.consistency:
        yield "Every log must be held against an earlier checkpoint of it."
    for step in sorted(require.steps):
        yield f"The step {step!r} must be checked; skipped it fails."


def _log(log: TrustedLog) -> Iterator[str]:
    yield f"The log {log.origin} counts, by {len(log.keys)} of its keys."
    if log.needed:
        count = len(log.cosigners)
        yield (
            f"{log.needed} of {count} {_plural(count, 'cosigner')} must have signed its checkpoint."
        )


def _strength(rules: Rules) -> Iterator[str]:
    if rules.strength.algorithms is not None:
        yield f"Only these algorithms count: {_list(sorted(rules.strength.algorithms))}."
    if rules.strength.minimum_rsa_bits:
        yield f"RSA keys need {rules.strength.minimum_rsa_bits} bits."


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)
