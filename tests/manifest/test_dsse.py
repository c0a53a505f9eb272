from hypothesis import given
from hypothesis import strategies as st

from auditkit.manifest.dsse import pae


def test_vector_of_the_specification():
    """github.com/secure-systems-lab/dsse, protocol.md, "Test Vectors"."""
    assert (
        pae("http://example.com/HelloWorld", b"hello world")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_lengths_count_bytes():
    assert pae("é", "€".encode()) == b"DSSEv1 2 \xc3\xa9 3 \xe2\x82\xac"


def test_empty():
    assert pae("", b"") == b"DSSEv1 0  0 "


TYPES = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.tuples(TYPES, st.binary()), st.tuples(TYPES, st.binary()))
def test_two_messages_never_have_the_same_encoding(left, right):
    assert (pae(*left) == pae(*right)) == (left == right)
