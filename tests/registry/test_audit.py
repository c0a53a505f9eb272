"""Reading a whole log again names what was changed, and where runs contradict themselves."""

from __future__ import annotations

import pytest
from registry.logs import (
    MemoryStore,
    append,
    bundle,
    fill,
    new_registry,
    record,
    rewrite,
    without_staging,
)

from auditkit.errors import LogError
from auditkit.registry.admission import bundle_record
from auditkit.registry.audit import Audit
from auditkit.registry.integration import Integrator
from auditkit.registry.logkey import LogSigner
from auditkit.registry.registry import Registry
from auditkit.registry.survey import survey
from auditkit.registry.tiles import Tile


@pytest.fixture
def grown(registry: Registry, store: MemoryStore, key: LogSigner) -> Registry:
    fill(registry, key, 20)
    fill(registry, key, 300, first=20)
    without_staging(store)
    return registry


def audited(registry: Registry) -> tuple[Audit, int]:
    audit = Audit(registry.log())
    return audit, sum(1 for _ in audit.entries())


def faults(registry: Registry) -> list[tuple[str, str]]:
    return [(each.subject, each.detail) for each in audited(registry)[0].faults]


def flip(store: MemoryStore, key: str, position: int) -> None:
    data = bytearray(store.objects[key])
    data[position] ^= 1
    store.objects[key] = bytes(data)


def test_a_sound_log_has_no_faults(grown: Registry) -> None:
    audit, count = audited(grown)
    assert (audit.faults, count) == ([], 320)


def test_an_empty_log_is_sound(registry: Registry) -> None:
    audit, count = audited(registry)
    assert (audit.faults, count) == ([], 0)


@pytest.mark.parametrize(("number", "tile"), [(17, Tile(None, 0)), (300, Tile(None, 1, 64))])
def test_a_rewritten_entry_is_named(
    grown: Registry, store: MemoryStore, number: int, tile: Tile
) -> None:
    rewrite(store, tile, number % 256)
    assert faults(grown) == [(f"entry {number}", "the entry was changed")]


@pytest.mark.parametrize("tile", [Tile(0, 0), Tile(0, 1, 64)])
def test_an_edited_tile_of_leaves_is_named(grown: Registry, store: MemoryStore, tile: Tile) -> None:
    flip(store, tile.path, 40)
    assert faults(grown) == [(tile.path, "the tile was changed")]


def test_an_edited_tile_above_is_named(grown: Registry, store: MemoryStore) -> None:
    flip(store, "tile/1/000.p/1", 3)
    assert faults(grown) == [("tile/1/000.p/1", "the tile does not follow from the tiles below it")]


@pytest.mark.parametrize("tile", ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"])
def test_a_missing_tile_is_named(grown: Registry, store: MemoryStore, tile: str) -> None:
    del store.objects[tile]
    assert faults(grown) == [(tile, "is missing")]


def test_without_both_the_tree_cannot_be_checked(grown: Registry, store: MemoryStore) -> None:
    del store.objects["tile/entries/000"], store.objects["tile/0/000"]
    assert faults(grown)[-1] == ("tree", "cannot be checked from entry 0 on")


def test_an_entry_and_its_tile_changed_together_are_named(
    grown: Registry, store: MemoryStore
) -> None:
    rewrite(store, Tile(None, 0), 17)
    flip(store, "tile/0/000", 17 * 32)
    found = faults(grown)
    assert ("entry 17", "entry and tile differ") in found


def test_a_tree_rewritten_from_the_ground_up_is_not_the_checkpoints(
    grown: Registry, store: MemoryStore, key: LogSigner
) -> None:
    """Whoever has the bucket can make a sound tree; it is not the one that was signed."""
    forged = MemoryStore()
    fill(new_registry(forged, key), key, 320, first=1000)
    store.objects |= {
        name: data for name, data in forged.objects.items() if name.startswith("tile/")
    }
    assert faults(grown) == [
        ("tree", "tiles and entries agree, and do not add up to the checkpoint")
    ]


def test_an_entry_that_is_no_record_is_named(registry: Registry, key: LogSigner) -> None:
    """Somebody with the log's key can log anything; readers say that they do not understand it."""
    fill(registry, key, 3)
    append(registry, key, [b"{}"])
    assert [subject for subject, _ in faults(registry)] == ["entry 3"]
    with pytest.raises(LogError, match="entry 3"):
        survey(registry.log())
    fill(registry, key, 2, first=10)
    audit, count = audited(registry)
    assert (len(audit.faults), count) == (1, 5)
    (found,) = audit.survey.about(registry.log(), bundle_record(bundle(11)).statement)
    assert found.index == 5


def test_where_statements_and_runs_are(registry: Registry, key: LogSigner) -> None:
    fill(registry, key, 10)
    first = record(registry, 20)
    record(registry, 20, word="another")
    record(registry, 20, key=3)
    Integrator(registry, key).integrate()
    log = registry.log()
    found = survey(log)
    about = {each.record.type for each in found.about(log, first.statement)}
    assert about == {"manifest", "addendum"}
    own = list(found.of_run(log, first.run or ""))
    assert len({each.record.statement for each in own}) == 2
    assert [{each.record.run for each in group} for group in found.conflicts(log)] == [{first.run}]
    assert list(found.about(log, "0" * 64)) == []
    assert list(found.of_run(log, "00000000-0000-7000-8000-00000000ffff")) == []
