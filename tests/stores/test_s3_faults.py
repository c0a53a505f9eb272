"""Servers and networks that fail: in bounded time, with the right error, and never twice."""

import io
import itertools

import pytest
import s3proxy

from auditkit.errors import ObjectNotFoundError, StoreError, StoreUnavailableError
from auditkit.stores import s3_body
from auditkit.stores.s3 import S3Store
from auditkit.stores.s3_client import S3Settings

ERROR_500 = s3proxy.refuse(500, "InternalError")
ERROR_503 = s3proxy.refuse(503, "SlowDown")


@pytest.fixture
def proxy(s3):
    with s3proxy.serve(s3) as running:
        yield running


def open_store(proxy, *, attempts=2, versions=False, timeout=5):
    bucket, prefix = proxy.server.place(versions=versions)
    settings = S3Settings(endpoint=proxy.endpoint, timeout=timeout, attempts=attempts)
    store = S3Store.open(bucket, prefix, settings)
    direct = S3Store.open(bucket, prefix, S3Settings(endpoint=proxy.server.endpoint))
    return store, direct


WRITES = {
    "put_new": lambda store: store.put_new("k", b"mine"),
    "swap_head": lambda store: store.swap_head("k", b"mine", None),
}
READS = {
    "get": lambda store: store.get("k", limit=10**6),
    "list": lambda store: list(store.list("k/")),
    "read_head": lambda store: store.read_head("k"),
}


@pytest.mark.parametrize("fault", [ERROR_500, ERROR_503, s3proxy.lose_request])
@pytest.mark.parametrize("act", WRITES.values(), ids=WRITES)
def test_a_write_is_tried_again(proxy, fault, act):
    store, direct = open_store(proxy)
    proxy.plan("PUT", fault)
    assert act(store) is True
    assert direct.get("k", limit=10) == b"mine"


@pytest.mark.parametrize("fault", [ERROR_500, ERROR_503, s3proxy.lose_request])
@pytest.mark.parametrize("act", READS.values(), ids=READS)
def test_a_read_is_tried_again(proxy, fault, act):
    store, direct = open_store(proxy)
    direct.put_new("k", b"x")
    proxy.plan("GET", fault)
    assert act(store) == act(direct)


@pytest.mark.parametrize("fault", [ERROR_500, ERROR_503, s3proxy.lose_request])
@pytest.mark.parametrize("act", [*WRITES.values(), *READS.values()], ids=[*WRITES, *READS])
def test_a_server_that_stays_broken_is_unavailable(proxy, fault, act):
    store, _ = open_store(proxy)
    for method in ("PUT", "GET"):
        proxy.plan(method, *[fault] * 10)
    with pytest.raises(StoreUnavailableError) as caught:
        act(store)
    assert caught.value.hint
    assert len(proxy.seen) <= 2 * 3


@pytest.mark.parametrize("act", [*WRITES.values(), *READS.values()], ids=[*WRITES, *READS])
def test_a_server_that_never_answers_is_given_up(proxy, act):
    store, _ = open_store(proxy, attempts=1, timeout=0.2)
    for method in ("PUT", "GET"):
        proxy.plan(method, *[s3proxy.never_answer] * 10)
    with pytest.raises(StoreUnavailableError):
        act(store)


def test_a_refusal_is_final(proxy):
    store, _ = open_store(proxy, attempts=4)
    proxy.plan("PUT", *[s3proxy.refuse(403, "AccessDenied")] * 10)
    with pytest.raises(StoreError, match="AccessDenied") as caught:
        store.put_new("k", b"x")
    assert not isinstance(caught.value, StoreUnavailableError)
    assert len(proxy.seen) == 1


def test_a_conflict_is_waited_out(proxy):
    store, direct = open_store(proxy)
    conflict = s3proxy.refuse(409, "ConditionalRequestConflict")
    proxy.plan("PUT", conflict, conflict)
    assert store.put_new("a", b"x")
    proxy.plan("PUT", conflict)
    assert store.swap_head("head", b"1", None)
    proxy.plan("PUT", *[conflict] * 20)
    with pytest.raises(StoreUnavailableError, match="others kept writing"):
        store.put_new("b", b"x")
    with pytest.raises(ObjectNotFoundError):
        direct.get("b", limit=1)


@pytest.mark.parametrize(
    "lost", [s3proxy.lose_answer, s3proxy.replace_answer(500, "InternalError")]
)
def test_a_put_whose_answer_was_lost_stands_and_is_nobodys_second(proxy, lost):
    store, direct = open_store(proxy)
    proxy.plan("PUT", lost)
    assert store.put_new("k", b"mine") is False
    assert direct.get("k", limit=10) == b"mine"
    assert direct.put_new("k", b"other") is False


@pytest.mark.parametrize("attempts", [1, 2])
@pytest.mark.parametrize("lost", [s3proxy.lose_answer, s3proxy.replace_answer(503, "SlowDown")])
def test_a_swap_whose_answer_was_lost_is_found_to_have_taken_place(proxy, lost, attempts):
    store, direct = open_store(proxy, attempts=attempts)
    for content, before in ((b"1", None), (b"2", b"1"), (b"3", b"2")):
        head = store.read_head("head")
        assert (head.content if head else None) == before
        proxy.plan("PUT", lost)
        assert store.swap_head("head", content, head) is True
        assert direct.read_head("head").content == content


def lose_and_let_another_swap(direct, expected, content):
    """The swap takes place or not, its answer is lost, and somebody else swaps afterwards."""

    def act(exchange):
        if content == b"mine":
            exchange.forward()
        assert direct.swap_head("head", b"theirs", direct.read_head("head"))
        if content == b"nothing":
            assert direct.read_head("head") != expected
        exchange.hang_up()

    return act


@pytest.mark.parametrize("first", [True, False], ids=["first head", "later head"])
@pytest.mark.parametrize("mine", [b"mine", b"nothing"], ids=["swapped", "not swapped"])
@pytest.mark.parametrize("attempts", [1, 2])
def test_versions_tell_who_swapped_when_the_head_has_moved_on(proxy, first, mine, attempts):
    store, direct = open_store(proxy, attempts=attempts, versions=True)
    if not first:
        direct.swap_head("head", b"0", None)
    expected = store.read_head("head")
    proxy.plan("PUT", lose_and_let_another_swap(direct, expected, mine))
    assert store.swap_head("head", b"mine", expected) is (mine == b"mine")
    assert direct.read_head("head").content == b"theirs"


def test_without_versions_it_is_not_claimed_to_be_known(proxy):
    store, direct = open_store(proxy)
    direct.swap_head("head", b"0", None)
    expected = store.read_head("head")
    proxy.plan("PUT", lose_and_let_another_swap(direct, expected, b"mine"))
    with pytest.raises(StoreUnavailableError, match="not known whether") as caught:
        store.swap_head("head", b"mine", expected)
    assert caught.value.hint


def test_a_swap_that_may_still_be_on_its_way_is_not_called_undone(proxy):
    store, direct = open_store(proxy, attempts=1)
    direct.swap_head("head", b"0", None)
    expected = store.read_head("head")
    proxy.plan("PUT", s3proxy.lose_request)
    with pytest.raises(StoreUnavailableError, match="not known whether"):
        store.swap_head("head", b"mine", expected)
    assert direct.read_head("head") == expected


def test_a_clear_refusal_is_not_asked_about(proxy):
    store, direct = open_store(proxy)
    direct.swap_head("head", b"theirs", None)
    assert store.swap_head("head", b"mine", None) is False
    assert [method for method, _ in proxy.seen] == ["PUT"]


BROKEN = [s3proxy.cut_body, s3proxy.garble_body]


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_body_is_read_again(proxy, fault):
    store, direct = open_store(proxy)
    direct.put_new("k", b"x" * 100_000)
    proxy.plan("GET", fault, fault)
    assert store.get("k", limit=10**6) == b"x" * 100_000


@pytest.mark.parametrize("fault", [*BROKEN, s3proxy.stall_body])
def test_a_body_that_stays_broken_is_unavailable(proxy, fault):
    store, direct = open_store(proxy, timeout=0.2)
    direct.put_new("k", b"x" * 100_000)
    proxy.plan("GET", *[fault] * 10)
    with pytest.raises(StoreUnavailableError):
        store.get("k", limit=10**6)


class Drops(io.BytesIO):
    """A body of which a little comes at a time."""

    def read(self, size=-1):
        return super().read(min(size, 10))


def test_a_body_that_comes_drop_by_drop_is_given_up(monkeypatch):
    clock = itertools.count()
    monkeypatch.setattr(s3_body.time, "monotonic", lambda: float(next(clock)))
    body = Drops(bytes(1000))
    answer = {"ContentLength": 1000, "Body": body}
    with pytest.raises(StoreUnavailableError, match="too slowly"):
        s3_body.read_body(answer, "s3://b/k", limit=1000, timeout=5)
    assert body.closed
    assert next(clock) < 10


def test_a_body_too_large_is_not_read():
    body = io.BytesIO(bytes(1000))
    with pytest.raises(StoreError, match="more than 999 bytes"):
        s3_body.read_body({"ContentLength": 1000, "Body": body}, "p", limit=999, timeout=5)
    assert body.closed
