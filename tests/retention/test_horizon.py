"""What the fate of a version means for its record."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.retention.horizon import Horizon, outcome, worst, years_after

KEEP = datetime(2036, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def horizon(fate, moment=None):
    return Horizon(fate, "setting", "detail", "action", moment)


@pytest.mark.parametrize(
    ("fate", "moment", "expected"),
    [
        ("lost", None, "lost"),
        ("ends", KEEP - DAY, "too-early"),
        ("ends", KEEP, "unknown"),
        ("ends", None, "unknown"),
        ("held", KEEP - DAY, "unknown"),
        ("held", KEEP, "kept"),
        ("held", None, "kept"),
        ("open", None, "unknown"),
        ("unknown", None, "unknown"),
    ],
)
def test_outcomes(fate, moment, expected):
    assert outcome(horizon(fate, moment), KEEP) == expected


def test_the_worst_decides_and_then_the_first():
    kept, later, sooner = (
        horizon("held"),
        horizon("ends", KEEP - DAY),
        horizon("ends", KEEP - 9 * DAY),
    )
    assert worst([kept, later, sooner], KEEP) is sooner
    assert worst([kept, horizon("open"), later], KEEP) is later
    assert worst([later, horizon("lost")], KEEP).fate == "lost"
    assert worst([kept], KEEP) is kept
    unread = horizon("unknown")
    assert worst([horizon("ends", KEEP), unread, horizon("open")], KEEP) is unread


def test_years_are_those_of_the_calendar():
    assert years_after(datetime(2026, 3, 1, tzinfo=UTC), 10) == datetime(2036, 3, 1, tzinfo=UTC)
    leap = datetime(2028, 2, 29, 7, tzinfo=UTC)
    assert years_after(leap, 4) == datetime(2032, 2, 29, 7, tzinfo=UTC)
    assert years_after(leap, 10) == datetime(2038, 3, 1, 7, tzinfo=UTC)


def test_years_end_with_the_calendar():
    assert years_after(datetime(9995, 1, 1, tzinfo=UTC), 10) == datetime.max.replace(tzinfo=UTC)


@given(st.integers(0, 2**34), st.integers(1, 100))
def test_years_never_fall_short(seconds, years):
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    later = years_after(moment, years)
    assert later.year == moment.year + years
    assert later - moment >= timedelta(days=365 * years)
