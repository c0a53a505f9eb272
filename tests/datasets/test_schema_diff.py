from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.datasets.arrow_schema import schema_of
from auditkit.datasets.schema_diff import compare
from auditkit.manifest.model import Field

A = Field(name="a", type="int64")
B = Field(name="b", type="string")
FIELDS = st.lists(
    st.builds(
        Field,
        name=st.sampled_from("abc"),
        type=st.sampled_from(["int8", "string"]),
        nullable=st.booleans(),
        metadata=st.dictionaries(st.sampled_from("kl"), st.sampled_from("vw"), max_size=1),
    ),
    max_size=4,
)


@pytest.mark.parametrize(
    ("old", "new", "verdict", "words"),
    [
        ([A, B], [A, B], "identical", []),
        ([A], [A, B], "compatible", ["column 'b' added (string)"]),
        ([A, B], [A], "breaking", ["column 'b' removed (was string)"]),
        (
            [A, B],
            [B, A],
            "compatible",
            [
                "column 'a' moved from position 1 to position 2",
                "column 'b' moved from position 2 to position 1",
            ],
        ),
        (
            [A],
            [Field(name="a", type="int32")],
            "breaking",
            ["column 'a' changed from int64 to int32"],
        ),
        (
            [A],
            [Field(name="a", type="int64", nullable=False)],
            "compatible",
            ["nullability of column 'a' changed from nullable to not null"],
        ),
        (
            [Field(name="a", type="int64", nullable=False)],
            [A],
            "breaking",
            ["nullability of column 'a' changed from not null to nullable"],
        ),
        (
            [A],
            [Field(name="a", type="int64", metadata={"k": "v"})],
            "compatible",
            ["metadata of column 'a' changed from nothing to k='v'"],
        ),
        (
            [Field(name="s", type="struct", fields=(A,))],
            [Field(name="s", type="struct", fields=(B,))],
            "breaking",
            ["column 's.a' removed (was int64)", "column 's.b' added (string)"],
        ),
        ([A, A], [A], "breaking", ["column 'a' removed (was int64)"]),
        (
            [Field(name="x\x1b[31m", type="int8")],
            [],
            "breaking",
            ["column 'x\\\\x1b[31m' removed (was int8)"],
        ),
    ],
)
def test_changes_in_words(old, new, verdict, words):
    difference = compare(schema_of(old), schema_of(new))
    assert difference.verdict == verdict
    assert [change.describe() for change in difference.changes] == words


@given(FIELDS, FIELDS)
def test_identical_means_the_same_fingerprint(old, new):
    one, other = schema_of(old), schema_of(new)
    assert (compare(one, other).verdict == "identical") == (one.fingerprint == other.fingerprint)
