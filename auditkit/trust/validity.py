"""Was a key good when it signed? Judged at a proven time, never at the manifest's own clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from auditkit.findings import Status
from auditkit.trust.rules import Validity

_ORDER: tuple[Status, ...] = ("passed", "indeterminate", "failed")


@dataclass(frozen=True, slots=True)
class Judgement:
    """An outcome and its reason in words; empty where there is nothing to object."""

    status: Status
    detail: str = ""


@dataclass(frozen=True, slots=True)
class KnownTime:
    """The earliest time at which a signature is known to have existed.

    `authority` proved it by a time-stamp token; None is the verifier's own clock, which knows
    that the signature exists now.
    """

    at: datetime
    authority: str | None = None

    def __str__(self) -> str:
        return f"{utc(self.at)} ({f'proven by {self.authority}' if self.authority else 'now'})"


def utc(at: datetime) -> str:
    """Return a time as RFC 3339 in UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def worst(judgements: Iterable[Judgement]) -> Judgement:
    """Return the first of the worst judgements; passed if there are none."""
    return max(judgements, key=_rank, default=Judgement("passed"))


def best(judgements: Iterable[Judgement]) -> Judgement:
    """Return the first of the best judgements; failed if there are none."""
    return min(judgements, key=_rank, default=Judgement("failed"))


def _rank(judgement: Judgement) -> int:
    return _ORDER.index(judgement.status)


def judge(validity: Validity, known: KnownTime) -> Judgement:
    """Return whether a key was good for a signature that is known since then."""
    if validity.not_before is not None and known.at < validity.not_before:
        return Judgement(
            "failed",
            f"the signature is known since {known}, before the key's validity began "
            f"{utc(validity.not_before)}",
        )
    if validity.revoked_at is not None and known.at >= validity.revoked_at:
        return _revoked(validity, known, validity.revoked_at)
    if validity.not_after is not None and known.at > validity.not_after:
        return Judgement(
            "indeterminate",
            f"the key expired {utc(validity.not_after)}, and the signature is only known since "
            f"{known}; a time-stamp token from before the expiry would settle it",
        )
    return Judgement("passed")


def _revoked(validity: Validity, known: KnownTime, revoked_at: datetime) -> Judgement:
    if validity.reason == "compromise":
        return Judgement(
            "failed",
            f"the key was compromised {utc(revoked_at)}, and no token proves that the signature is "
            f"older; it is only known since {known}",
        )
    return Judgement(
        "indeterminate",
        f"the key was revoked ({validity.reason}) {utc(revoked_at)}, and the signature is only "
        f"known since {known}; a time-stamp token from before that would settle it",
    )
