"""Run ids and times."""

import uuid
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from auditkit.manifest.types import RunId, Timestamp
from auditkit.provenance.identity import _uuid7, new_run_id, utc_now

NANOSECONDS = st.integers(0, (2**48 - 1) * 1_000_000)


def test_the_example_of_rfc_9562():
    # Appendix A.6; 0xCC3 is what its rand_a makes of a fraction of 797,608 ns.
    unix_ns = 0x017F22E279B0 * 1_000_000 + 797_608
    assert _uuid7(unix_ns, 0x18C4DC0C0C07398F) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@given(NANOSECONDS, st.integers(0, 2**62 - 1))
def test_every_id_is_a_version_7_uuid(unix_ns, random):
    text = _uuid7(unix_ns, random)
    assert msgspec.convert(text, RunId) == text
    parsed = uuid.UUID(text)
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
    assert parsed.int >> 80 == unix_ns // 1_000_000


@given(NANOSECONDS, NANOSECONDS)
def test_later_ids_sort_later(one, other):
    early, late = sorted((one, other))
    if late - early >= 250:
        assert _uuid7(early, 2**62 - 1) < _uuid7(late, 0)


def test_ids_are_valid_and_differ():
    ids = {new_run_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(msgspec.convert(text, RunId) for text in ids)


def test_the_time_is_utc_and_a_manifest_takes_it():
    text = msgspec.convert(utc_now(), Timestamp)
    assert len(text) == len("2025-01-31T23:59:59.000Z")
    assert abs(datetime.fromisoformat(text) - datetime.now(UTC)) < timedelta(minutes=1)
