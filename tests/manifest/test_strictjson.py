import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.manifest import strictjson
from auditkit.schemes import MAX_JSON_DEPTH

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=20,
)


@given(JSON, st.booleans())
def test_reads_what_others_write(value, ascii_only):
    assert strictjson.loads(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=100) | st.text('[]{}",:\\u0d8019eE+-. nt', max_size=40).map(str.encode))
def test_never_accepts_what_msgspec_refuses(data):
    try:
        value = strictjson.loads(data)
    except ValueError:
        return
    assert msgspec.json.decode(data) == value


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting"),
        (b'{"a":1} x', "Extra data"),
        (b'{"a":1}{"a":1}', "Extra data"),
        (b'{"a":1,"a":1}', "duplicate name 'a'"),
        (b'{"a":1,"\\u0061":2}', "duplicate name 'a'"),
        (b'[{"b":{"a":1,"a":2}}]', "duplicate name 'a'"),
        (b"NaN", "NaN is not JSON"),
        (b"[-Infinity]", "-Infinity is not JSON"),
        (b"1e999", "out of range"),
        (b"1" * 41, "out of range"),
        (b"1" * 1_000_000, "out of range"),
        (b'"\\ud800"', "surrogate"),
        (b'{"\\udfff":1}', "surrogate"),
        (b'"\xff"', "utf-8"),
        (b'"\xed\xa0\x80"', "utf-8"),
        (b"\xef\xbb\xbf{}", "BOM"),
        ('{"a":1}'.encode("utf-16"), "utf-8"),
        (b'"\n"', "control character"),
        (b"'a'", "Expecting value"),
        (b"[1,]", "Expecting value|trailing comma"),
        (b"01", "Extra data"),
    ],
)
def test_refusals(data, says):
    with pytest.raises(ValueError, match=says):
        strictjson.loads(data)


def test_a_pair_of_surrogates_is_one_character():
    assert strictjson.loads(b'"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_depth(opening, closing):
    def nested(depth):
        return (opening * depth + "1" + closing * depth).encode()

    strictjson.loads(nested(MAX_JSON_DEPTH))
    for depth in (MAX_JSON_DEPTH + 1, 1_000_000):
        with pytest.raises(ValueError, match="nested deeper than 64"):
            strictjson.loads(nested(depth))


def test_brackets_inside_strings_are_no_nesting():
    text = "[{" * 1000 + '\\"' + "[" * 1000
    assert strictjson.loads(json.dumps([text]).encode()) == [text]
