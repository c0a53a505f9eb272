"""What the log relies on, for every store."""

from functools import partial

import pytest
import racing

from auditkit.errors import ObjectNotFoundError, StoreError

BAD_KEYS = [
    "",
    "/",
    "/etc/passwd",
    "../outside",
    "a/../../outside",
    "a/..",
    "a/./b",
    "a//b",
    "a/",
    ".lock",
    "a/.hidden",
    "a\\b",
    "a\nb",
    "a\n",
    "a\x00b",
    "a b",
    "ä",
    "a%2e%2e",
    "a?versionId=1",
    "C:/x",
    "x" * 201,
    "/".join(["x" * 60] * 10),
    "/".join("x" * 17),
]


def test_an_object_is_created_once(store):
    assert store.put_new("blobs/a", b"first")
    assert not store.put_new("blobs/a", b"second")
    assert not store.put_new("blobs/a", b"first")
    assert store.get("blobs/a", limit=5) == b"first"


@pytest.mark.parametrize("content", [b"", b"\r\n\x00", bytes(6 * 1024 * 1024)], ids=len)
def test_bytes_come_back_as_they_are(store, content):
    assert store.put_new("a", content, retain=True)
    assert store.get("a", limit=len(content)) == content


@pytest.mark.parametrize("key", ["tile/entries/x001/x234/067.p/112", "a.b_c-D9", "_"])
def test_keys_of_the_registry(store, key):
    assert store.put_new(key, b"x")
    assert store.get(key, limit=1) == b"x"


def test_an_absent_object(store):
    store.put_new("here/a", b"x")
    for key in ("absent", "here/b", "not/there/at/all"):
        with pytest.raises(ObjectNotFoundError):
            store.get(key, limit=10)
        store.remove(key)


def test_nothing_is_known_of_an_object_as_it_was_stored(store):
    store.put_new("a", b"x")
    assert store.alteration("a") is None
    assert store.alteration("absent") is None


def test_no_more_than_the_limit_is_read(store):
    store.put_new("a", b"12345")
    assert store.get("a", limit=5) == b"12345"
    with pytest.raises(StoreError, match="more than 4 bytes") as caught:
        store.get("a", limit=4)
    assert not isinstance(caught.value, ObjectNotFoundError)


@pytest.mark.parametrize("key", BAD_KEYS, ids=range(len(BAD_KEYS)))
def test_what_is_no_key_is_refused(store, key):
    for act in (
        lambda: store.put_new(key, b""),
        lambda: store.get(key, limit=1),
        lambda: list(store.list(key + "/")),
        lambda: store.alteration(key),
        lambda: store.remove(key),
        lambda: store.read_head(key),
        lambda: store.swap_head(key, b"", None),
    ):
        with pytest.raises(StoreError):
            act()


@pytest.mark.parametrize("prefix", ["", "a", "../", "a/../"])
def test_what_is_no_prefix_is_refused(store, prefix):
    with pytest.raises(StoreError):
        list(store.list(prefix))


def test_list_is_sorted_by_bytes_and_knows_its_prefix(store):
    keys = ["p/10", "p/9", "p/9.p/1", "p/9-a", "p/9/z", "p/B", "p/a", "p/_", "p/aa/b"]
    keys.remove("p/9/z")  # in a folder an object cannot also be the beginning of another
    for key in [*keys, "q/1", "pp/1"]:
        store.put_new(key, b"")
    assert list(store.list("p/")) == sorted(keys)
    assert list(store.list("p/9.p/")) == ["p/9.p/1"]
    assert list(store.list("absent/")) == []


def test_list_does_not_forget_objects_that_are_removed_while_it_runs(store):
    keys = [f"pending/{number:02}" for number in range(20)]
    for key in keys:
        store.put_new(key, b"")
    seen = []
    for key in store.list("pending/"):
        seen.append(key)
        store.remove(key)
    assert seen == keys
    assert list(store.list("pending/")) == []


def test_a_removed_object_can_come_again(store):
    store.put_new("pending/a", b"first")
    store.remove("pending/a")
    with pytest.raises(ObjectNotFoundError):
        store.get("pending/a", limit=10)
    assert store.put_new("pending/a", b"second")
    assert store.get("pending/a", limit=10) == b"second"


def test_the_head_is_swapped_only_from_what_it_is(store):
    assert store.read_head("checkpoint") is None
    assert store.swap_head("checkpoint", b"1", None)
    first = store.read_head("checkpoint")
    assert first.content == b"1"
    assert not store.swap_head("checkpoint", b"x", None)
    assert store.swap_head("checkpoint", b"2", first)
    second = store.read_head("checkpoint")
    assert second.content == b"2"
    assert not store.swap_head("checkpoint", b"x", first)
    assert not store.swap_head("checkpoint", b"x", None)
    assert store.read_head("checkpoint") == second


def test_a_head_that_is_not_there_is_not_swapped(store):
    store.swap_head("one", b"1", None)
    assert not store.swap_head("two", b"2", store.read_head("one"))
    assert store.read_head("two") is None


def test_one_of_many_threads_creates(store):
    wrote = racing.in_threads(partial(racing.put, store))
    assert sum(wrote) == 1
    assert store.get("race/one", limit=100) == f"writer {wrote.index(True)}".encode()


def test_one_of_many_processes_creates(place):
    wrote = racing.in_processes(place.reopen, racing.put)
    assert sum(wrote) == 1
    expected = f"writer {wrote.index(True)}".encode()
    assert place.store.get("race/one", limit=100) == expected


def test_one_of_many_threads_swaps(store):
    won = racing.in_threads(partial(racing.swap, store, expected=None))
    assert sum(won) == 1
    assert store.read_head("head").content == f"writer {won.index(True)}".encode()


def test_one_of_many_processes_swaps(place):
    place.store.swap_head("head", b"first", None)
    swap = partial(racing.swap, expected=place.store.read_head("head"))
    assert sum(racing.in_processes(place.reopen, swap)) == 1


def test_no_swap_is_lost_and_none_happens_twice(place):
    reached = racing.in_processes(place.reopen, racing.count_up)
    numbers = [value for each in reached for value in each]
    assert sorted(numbers) == list(range(1, 3 * racing.WAYS + 1))
    assert all(each == sorted(each) for each in reached)
