from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.reports import text


@given(st.text())
def test_plain_text_has_nothing_invisible(value: str) -> None:
    shown = text.plain(value)
    assert not [each for each in shown if unicodedata.category(each) in {"Cc", "Cf", "Co", "Cn"}]
    shown.encode()


@given(st.text())
def test_plain_is_idempotent_on_short_text(value: str) -> None:
    once = text.plain(value, 10_000)
    assert text.plain(once, len(once)) == once


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("naïve 漢字", "naïve 漢字"),
        ("a\u202eb", "a[U+202E]b"),
        ("a\x00b", "a[U+0000]b"),
        ("a\r\nb\tc", "a ↵ b c"),
        ("e" + "\u0301" * 6, "e" + "\u0301" * 4 + "[U+0301]" * 2),
        ("x" * 310, "x" * 300 + "… [+10]"),
    ],
)
def test_plain(value: str, shown: str) -> None:
    assert text.plain(value) == shown


def test_instant_refuses_what_is_no_time() -> None:
    with pytest.raises(ValueError, match="not an RFC 3339 time"):
        text.instant("yesterday")


@given(st.text())
def test_pieces_and_chunks_lose_nothing(value: str) -> None:
    assert "".join(text.pieces(value)) == value
    assert "".join(text.chunks(value)) == value
    assert all(len(each) <= 16 for each in text.chunks(value))


def test_names_break_at_their_seams() -> None:
    assert text.pieces("data/train_2.inventory.parquet") == (
        "data/",
        "train_",
        "2.",
        "inventory.",
        "parquet",
    )
    assert text.pieces("version 1.0_2 of it") == ("version 1.0_2 of it",)


def test_flatten_joins_keys_and_shows_typed_numbers() -> None:
    values = {
        "model": {"rate": 0.1, "layers": [64, {"$number": "NaN"}], "empty": {}},
        "limit": {"$number": "9007199254740993"},
        "$$ref": None,
        "early": True,
    }
    assert list(text.flatten(values)) == [
        ("model.rate", "0.1"),
        ("model.layers", "[64, NaN]"),
        ("model.empty", "{}"),
        ("limit", "9007199254740993"),
        ("$ref", "null"),
        ("early", "true"),
    ]
