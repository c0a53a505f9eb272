"""Validity is judged at a proven time: every case of the rules, and the laws between them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.trust.rules import Validity
from auditkit.trust.validity import KnownTime, judge

T = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 7)]
PROVEN = "an authority"
TIMES = st.sampled_from(T)


def proven(at: datetime) -> KnownTime:
    return KnownTime(at, PROVEN)


CASES = {
    "a key without limits": (Validity(), KnownTime(T[2]), "passed"),
    "inside the window": (Validity(T[0], T[4]), proven(T[2]), "passed"),
    "inside the window, and nothing proven": (Validity(T[0], T[4]), KnownTime(T[2]), "passed"),
    "proven before the window": (Validity(T[2]), proven(T[1]), "failed"),
    "seen before the window": (Validity(T[2]), KnownTime(T[1]), "failed"),
    "expired, and proven before": (Validity(T[0], T[2]), proven(T[1]), "passed"),
    "expired, and proven after": (Validity(T[0], T[2]), proven(T[3]), "indeterminate"),
    "expired, and nothing proven": (Validity(T[0], T[2]), KnownTime(T[3]), "indeterminate"),
    "compromised, and proven before": (
        Validity(revoked_at=T[2], reason="compromise"),
        proven(T[1]),
        "passed",
    ),
    "compromised, and proven at that moment": (
        Validity(revoked_at=T[2], reason="compromise"),
        proven(T[2]),
        "failed",
    ),
    "compromised, and nothing proven": (
        Validity(revoked_at=T[2], reason="compromise"),
        KnownTime(T[3]),
        "failed",
    ),
    "retired, and proven before": (
        Validity(revoked_at=T[2], reason="retired"),
        proven(T[1]),
        "passed",
    ),
    "retired, and nothing proven": (
        Validity(revoked_at=T[2], reason="retired"),
        KnownTime(T[3]),
        "indeterminate",
    ),
    "superseded, and proven after": (
        Validity(revoked_at=T[2], reason="superseded"),
        proven(T[3]),
        "indeterminate",
    ),
    "to be retired, and seen before": (
        Validity(revoked_at=T[4], reason="retired"),
        KnownTime(T[3]),
        "passed",
    ),
    "compromised and expired": (
        Validity(T[0], T[1], T[2], "compromise"),
        KnownTime(T[3]),
        "failed",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_rules(name: str) -> None:
    validity, known, status = CASES[name]
    assert judge(validity, known).status == status


def test_an_open_matter_says_what_would_settle_it() -> None:
    for validity in (Validity(not_after=T[0]), Validity(revoked_at=T[0], reason="retired")):
        assert "would settle it" in judge(validity, KnownTime(T[3])).detail


@given(at=TIMES, revoked=TIMES, earlier=st.integers(0, 400))
def test_an_earlier_time_never_hurts_without_a_beginning(
    at: datetime, revoked: datetime, earlier: int
) -> None:
    order = ["passed", "indeterminate", "failed"]
    for reason in ("compromise", "retired"):
        validity = Validity(revoked_at=revoked, reason=reason)
        later = judge(validity, proven(at)).status
        sooner = judge(validity, proven(at - timedelta(days=earlier))).status
        assert order.index(sooner) <= order.index(later)


@given(at=TIMES, begins=TIMES, ends=TIMES)
def test_only_a_beginning_or_a_compromise_can_fail_a_key(
    at: datetime, begins: datetime, ends: datetime
) -> None:
    status = judge(Validity(None, ends, begins, "superseded"), KnownTime(at)).status
    assert status != "failed"
