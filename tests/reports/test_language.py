"""Numbers, sizes and times, and the catalogues that say everything else in other languages."""

from __future__ import annotations

import pytest

from auditkit.reports.language import language

ENGLISH = language("en")


@pytest.mark.parametrize(
    ("bytes_", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.00 kB"),
        (9_994, "9.99 kB"),
        (9_996, "10.0 kB"),
        (99_960, "100 kB"),
        (999_499, "999 kB"),
        (999_600, "1.00 MB"),
        (7_340_032, "7.34 MB"),
        (5 * 10**21, "5,000 EB"),
    ],
)
def test_size_has_three_digits(bytes_: int, shown: str) -> None:
    assert ENGLISH.size(bytes_).replace("\u00a0", " ") == shown


def test_exact_size_gives_every_byte() -> None:
    assert ENGLISH.exact_size(7_340_032) == "7.34\u00a0MB (7,340,032 bytes)"
    assert ENGLISH.exact_size(12) == "12\u00a0bytes"


@pytest.mark.parametrize(
    ("end", "shown"),
    [
        ("2026-03-02T09:30:07.4Z", "7 s"),
        ("2026-03-02T09:31:07Z", "1 min 7 s"),
        ("2026-03-03T10:31:07Z", "25 h 1 min"),
        ("2026-03-02T09:29:59Z", None),
        ("9999-99-99T99:99:99Z", None),
    ],
)
def test_duration(end: str, shown: str | None) -> None:
    found = ENGLISH.duration("2026-03-02T09:30:00Z", end)
    assert (found and found.replace("\u00a0", " ")) == shown


def test_moment_keeps_what_is_no_time() -> None:
    assert ENGLISH.moment("2026-03-02T09:31:07.250Z") == "2026-03-02 09:31:07 UTC"
    assert ENGLISH.moment("2026-99-02T09:31:07Z") == "2026-99-02T09:31:07Z"
