"""Addresses of objects as text: no key can be taken for another one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from auditkit.datasets.s3.address import ObjectAddress

KEYS = st.lists(st.sampled_from(["a", "/", "?versionId=", "?etag=", "%", "@"]), min_size=1).map(
    "".join
)
PINS = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"version": st.text("aV1._-", min_size=1)}),
    st.fixed_dictionaries({"etag": st.text("0f-", min_size=1)}),
)


@given(KEYS, PINS)
def test_text_means_one_state_of_one_object(key, pin):
    address = ObjectAddress("bucket", key, **pin)
    assert ObjectAddress.parse(str(address)) == address
