"""The calendar file: iCalendar (RFC 5545) that any reader takes, whatever the texts are."""

import re

from hypothesis import given
from hypothesis import strategies as st
from retention.rows import result, row

from auditkit.retention.calendar import calendar, dated

TEXTS = st.text(max_size=200)


def unfolded(data: bytes) -> list[str]:
    """Return the content lines, as section 3.1 has a reader undo folding."""
    assert data.endswith(b"\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    for line in data.split(b"\r\n"):
        line.decode()  # no character is torn apart
    return data.replace(b"\r\n ", b"").decode().splitlines()


def values(data: bytes) -> dict[str, str]:
    """Return the TEXT values of the first event, unescaped as section 3.3.11 says."""
    event = unfolded(data)
    found = {}
    for line in event[event.index("BEGIN:VEVENT") : event.index("BEGIN:VALARM")]:
        name, _, value = line.partition(":")
        found[name] = re.sub(
            r"\\([\\;,nN])", lambda match: {"n": "\n", "N": "\n"}.get(match[1], match[1]), value
        )
    return found


def test_an_event_of_a_whole_day():
    data = calendar(result(row()))
    assert unfolded(data)[:5] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//auditkit//retention//EN",
        "CALSCALE:GREGORIAN",
        "BEGIN:VEVENT",
    ]
    event = values(data)
    assert re.fullmatch(r"[0-9a-f]{32}@auditkit", event["UID"])
    assert event["DTSTAMP"] == "20261122T200000Z"
    assert event["DTSTART;VALUE=DATE"] == "20261201"
    assert event["DTEND;VALUE=DATE"] == "20261202"
    assert event["SUMMARY"] == "train of churn may be lost from today on"
    assert event["LOCATION"] == "s3://bucket/train"
    assert "Copy this version." in event["DESCRIPTION"].splitlines()
    assert "TRIGGER:-P30D" in unfolded(data)


def test_rows_without_a_date_have_no_event():
    rows = [row(readable_until=None, outcome="unknown"), row(outcome="kept"), row(dataset="b")]
    data = calendar(result(*rows))
    assert data.count(b"BEGIN:VEVENT") == dated(rows) == 2
    assert "no longer protected" in data.decode()


def test_a_later_file_moves_the_same_event():
    first, later = (
        values(calendar(result(row(readable_until=f"2026-12-0{day}T00:00:00Z")))) for day in (1, 2)
    )
    assert first["UID"] == later["UID"]
    assert values(calendar(result(row(dataset="other"))))["UID"] != first["UID"]


@given(TEXTS, TEXTS, TEXTS)
def test_any_text_survives_folding_and_escaping(detail, action, location):
    event = values(calendar(result(row(detail=detail, action=action, location=location))))
    kept = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
    described = event["DESCRIPTION"]
    for text in (detail, action):
        assert kept.sub("", text) in described
    assert event["LOCATION"] == kept.sub("", location)
