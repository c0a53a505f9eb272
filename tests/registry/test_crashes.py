"""The process ends at any request of a recording or an integration: nothing acknowledged is lost."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registry.logs import DiedError, MemoryStore, Watched, bundle, fill, new_registry, record

from auditkit.errors import LogError
from auditkit.registry.admission import bundle_record
from auditkit.registry.checkpoint import Checkpoint
from auditkit.registry.integration import Integrator
from auditkit.registry.logkey import LogSigner
from auditkit.registry.registry import Registry

WAITING = (1000, 1001, 1002)


@pytest.fixture(scope="module")
def grown(key: LogSigner) -> MemoryStore:
    """A log that the next append takes over the end of a tile, and three entries that wait.

    One of them is in the log already, one runs under an id that the log has.
    """
    registry = new_registry(MemoryStore(), key)
    fill(registry, key, 200)
    fill(registry, key, 55, first=200)
    for number in WAITING:
        record(registry, number)
    record(registry, 7)
    record(registry, 8, word="another")
    assert isinstance(registry.store, MemoryStore)
    return registry.store


def copied(store: MemoryStore) -> MemoryStore:
    return MemoryStore(dict(store.objects))


def integrate(store: MemoryStore | Watched, key: LogSigner) -> None:
    integrator = Integrator(Registry(store), key)
    while integrator.integrate().more:
        pass


def assert_whole(store: MemoryStore, key: LogSigner, before: Checkpoint) -> None:
    """Everything that was acknowledged is in the log once, proven, and nothing waits."""
    registry = Registry(store)
    log = registry.log()
    log.check_extends(before)
    found = Counter(entry.record.id for entry in log.entries())
    assert set(found.values()) == {1}
    assert len(found) == before.size + len(WAITING) + 1
    assert list(registry.pending()) == []
    for number in WAITING:
        receipt = registry.receipt(bundle_record(bundle(number)).id)
        assert receipt is not None
        assert log.entry(receipt.index).record == receipt.verified()
    Integrator(registry, key).clean()
    assert len([each for each in store.objects if each.startswith("staging/")]) == 1


def requests_of_an_integration(grown: MemoryStore, key: LogSigner) -> int:
    watched = Watched(copied(grown))
    integrate(watched, key)
    return watched.total


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_an_integration_that_dies_is_finished_by_the_next(
    grown: MemoryStore, key: LogSigner, after: bool
) -> None:
    before = Registry(grown).log().checkpoint
    for number in range(1, requests_of_an_integration(grown, key) + 1):
        store = copied(grown)
        with pytest.raises(DiedError):
            integrate(Watched(store, dies_at=number, after=after), key)
        readable_or_damaged(store)
        integrate(store, key)
        assert_whole(store, key, before)


def readable_or_damaged(store: MemoryStore) -> None:
    """Wherever it stopped, a reader finds the whole log of the checkpoint that is there."""
    log = Registry(store).log()
    assert len(list(log.entries())) == log.checkpoint.size
    log.entry(log.checkpoint.size - 1)


@given(st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=2, max_size=6))
def test_however_often_it_dies(
    grown: MemoryStore, key: LogSigner, deaths: list[tuple[int, bool]]
) -> None:
    store = copied(grown)
    before = Registry(grown).log().checkpoint
    for number, after in deaths:
        try:
            integrate(Watched(store, dies_at=number, after=after), key)
        except DiedError:
            continue
    integrate(store, key)
    assert_whole(store, key, before)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_recording_that_dies_is_done_again(
    grown: MemoryStore, key: LogSigner, after: bool
) -> None:
    entry = bundle_record(bundle(5000))
    for number in (1, 2):
        store = copied(grown)
        with pytest.raises(DiedError):
            record(Registry(Watched(store, dies_at=number, after=after)), 5000)
        integrate(store, key)
        assert record(Registry(store), 5000) == entry
        integrate(store, key)
        found = [each.record.id for each in Registry(store).log().entries()]
        assert found.count(entry.id) == 1


def test_an_append_that_was_staged_and_garbled_is_not_published(
    grown: MemoryStore, key: LogSigner
) -> None:
    """The swap took place, the process died, and then somebody edited what it had staged."""
    store = copied(grown)
    total = requests_of_an_integration(grown, key)
    for number in range(1, total):
        died = copied(grown)
        with pytest.raises(DiedError):
            integrate(Watched(died, dies_at=number, after=True), key)
        if died.objects["checkpoint"] != grown.objects["checkpoint"]:
            store = died
            break
    (staged,) = (each for each in store.objects if each.startswith("staging/259-"))
    store.objects[staged] = store.objects[staged][:-1] + b"?"
    with pytest.raises(LogError):
        integrate(store, key)
    with pytest.raises(LogError):
        list(Registry(store).log().entries())
