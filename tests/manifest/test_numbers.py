import enum
import json
import math
from datetime import UTC, date, datetime

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import statement_sample

from auditkit.manifest import strictjson
from auditkit.manifest.codec import decode_statement, encode_statement
from auditkit.manifest.numbers import display, from_json, to_json

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]))
)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | st.sampled_from(
    ["$number", "$", "$$", "$$number"]
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20
)


def same(left, right):
    """Equality that tells 1 from 1.0 and True, 0.0 from -0.0, and takes NaN for equal to NaN."""
    if isinstance(left, float) and isinstance(right, float):
        both_nan = math.isnan(left) and math.isnan(right)
        return both_nan or (left == right and math.copysign(1, left) == math.copysign(1, right))
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return type(left) is type(right) and left == right


@given(VALUES)
def test_round_trip_through_strict_json(value):
    written = msgspec.json.encode(to_json(value))
    assert same(from_json(strictjson.loads(written)), value)


@given(VALUES)
def test_what_is_written_means_the_same_to_readers_with_doubles_only(value):
    written = msgspec.json.encode(to_json(value))
    assert json.loads(written, parse_int=float) == json.loads(written)


@given(st.dictionaries(KEYS, VALUES, max_size=3))
def test_any_parameters_give_a_manifest_that_can_be_read(values):
    statement = statement_sample(parameters=to_json(values))
    payload = encode_statement(statement.subject, statement.predicate)
    assert same(from_json(decode_statement(payload).statement.predicate.parameters), values)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (math.nan, {"$number": "NaN"}),
        (-math.inf, {"$number": "-Infinity"}),
        (2**53 - 1, 2**53 - 1),
        (2**53, {"$number": "9007199254740992"}),
        (-(2**53), {"$number": "-9007199254740992"}),
        (np.float32(0.5), 0.5),
        (np.int64(2**60), {"$number": str(2**60)}),
        (np.float64("nan"), {"$number": "NaN"}),
        (np.bool_(True), True),
        (np.array(3), 3),
        (np.str_("adam"), "adam"),
        (enum.StrEnum("Optimiser", {"ADAM": "adam"}).ADAM, "adam"),
        (enum.IntEnum("Level", {"HIGH": 3}).HIGH, 3),
        (date(2026, 3, 2), "2026-03-02"),
        (datetime(2026, 3, 2, 9, 30, tzinfo=UTC), "2026-03-02T09:30:00+00:00"),
        ((1, 2), [1, 2]),
        ({1: "a", 2.5: "b"}, {"1": "a", "2.5": "b"}),
        ({"$number": "NaN"}, {"$$number": "NaN"}),
    ],
)
def test_written_form(value, written):
    assert same(to_json(value), written)
    msgspec.json.encode(to_json(value))


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (b"bytes", TypeError),
        (object(), TypeError),
        (1j, TypeError),
        (np.zeros(3), TypeError),
        ({(1, 2): 3}, TypeError),
        ({1: "a", "1": "b"}, ValueError),
        ("\ud800", ValueError),
        ({"$\ud800": 1}, ValueError),
        pytest.param(10**5000, ValueError, id="long"),
    ],
)
def test_what_has_no_form(value, error):
    with pytest.raises(error):
        to_json({"nested": [value]})


def test_depth_is_bounded_below_what_readers_refuse():
    deep = []
    for _ in range(55):
        deep = [deep]
    statement = statement_sample(metrics={"deep": to_json(deep)})
    decode_statement(encode_statement(statement.subject, statement.predicate))
    with pytest.raises(ValueError, match="nested too deeply"):
        to_json([deep])


def test_a_value_that_holds_itself_is_refused():
    value = []
    value.append(value)
    with pytest.raises(ValueError, match="nested too deeply"):
        to_json(value)


@pytest.mark.parametrize(
    "number", ["nan", "1e5", "1.5", "", "-", "--1", "+1", "0x1", "٣", "9" * 5000, 5, None, []]
)
def test_malformed_typed_numbers_are_refused(number):
    with pytest.raises(ValueError, match="not a typed number"):
        from_json({"$number": number})


@pytest.mark.parametrize(
    ("value", "shown"), [({"$number": "NaN"}, "NaN"), ("text", "text"), (0.5, "0.5")]
)
def test_display(value, shown):
    assert display(value) == shown
