"""The store that dies, by which others test what a crash leaves behind."""

import pytest
from faultystore import Death, FaultyStore

from auditkit.errors import ObjectNotFoundError
from auditkit.stores.directory import DirectoryStore


def act(store):
    store.put_new("staging/a", b"x")
    store.swap_head("head", b"1", store.read_head("head"))
    store.remove("staging/a")


def test_without_a_death_it_is_the_store(tmp_path):
    store = FaultyStore(DirectoryStore(tmp_path))
    act(store)
    assert store.written == [
        ("put_new", "staging/a"),
        ("swap_head", "head"),
        ("remove", "staging/a"),
    ]
    assert store.read_head("head").content == b"1"
    assert list(store.list("staging/")) == []
    with pytest.raises(ObjectNotFoundError):
        store.get("staging/a", limit=1)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("dies_at", [1, 2, 3])
def test_it_dies_once_and_for_all(tmp_path, dies_at, after):
    store = FaultyStore(DirectoryStore(tmp_path), dies_at, after=after)
    with pytest.raises(Death):
        act(store)
    assert len(store.written) == dies_at - 1 + after
    for late in (
        lambda: store.read_head("head"),
        lambda: store.get("staging/a", limit=1),
        lambda: store.list("staging/"),
        lambda: store.put_new("b", b""),
    ):
        with pytest.raises(Death):
            late()
