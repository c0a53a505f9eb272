"""The index answers as if all manifests were in memory, and always fits its source."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index.sources import MadeUp, inventory, made_up, payload, settled
from lineage.chains import digest, key, names, run
from msgspec.structs import replace

from auditkit.digests import dir_hash
from auditkit.errors import StorageError
from auditkit.evidence import LineageGraph
from auditkit.index.database import index_file
from auditkit.index.index import open_index
from auditkit.lineage import DataKey, MemoryRecords, RunRecord, run_record, walk

FILES = {"part-0.csv": digest("part-0.csv"), "part-1.csv": digest("part-1.csv")}
FOLDER = DataKey("folder", "dirHash", dir_hash(FILES.items()))


def with_folder(record: RunRecord) -> RunRecord:
    """Return the run with `FOLDER` in place of the folder `data/`."""
    change = lambda use: replace(use, key=FOLDER) if use.key == key("data/") else use  # noqa: E731
    return replace(
        record,
        inputs=tuple(map(change, record.inputs)),
        outputs=tuple(map(change, record.outputs)),
    )


def shape(graph: LineageGraph) -> tuple[object, ...]:
    return (
        {each.id for each in graph.runs},
        {each.id for each in graph.data},
        {(each.source, each.target, each.kind, each.name, each.later) for each in graph.edges},
        {(each.kind, each.subject) for each in graph.issues},
    )


NAMES = st.sampled_from(["a", "b", "c~r", "d~r", "e~s", "f/", "g/~r", "data/", "part-0.csv"])
USES = st.lists(NAMES, max_size=3, unique=True)
RUNS = st.lists(st.tuples(USES, USES, st.integers(0, 4)), min_size=1, max_size=7)


@given(RUNS)
@settings(max_examples=60, deadline=None)
def test_walks_are_those_in_memory(shapes: list[tuple[list[str], list[str], int]]) -> None:
    runs = settled(
        with_folder(run(f"r{i}", reads, writes, at=at, parents=[f"r{i - 1}"] if i % 3 else []))
        for i, (reads, writes, at) in enumerate(shapes)
    )
    recorded = {use.key for each in runs for use in (*each.inputs, *each.outputs)}
    folders = {FOLDER: FILES.values()} if FOLDER in recorded else {}
    memory = MemoryRecords(runs, folders)
    source = made_up(runs, {"data.inventory.parquet": inventory(FILES)})
    with open_index(source, None) as index:
        index.read_folders()
        origins: list[RunRecord | DataKey] = [*runs, key("a"), key("part-0.csv"), FOLDER]
        for origin in origins:
            assert shape(walk(index.records, [origin])) == shape(walk(memory, [origin]))


@pytest.fixture
def chain() -> list[RunRecord]:
    return settled(
        [
            run("ingest", ["raw.csv"], ["flights"], at=1),
            run("train", ["flights"], ["model.bin"], at=2),
        ]
    )


def upstream(source: MadeUp, cache: Path | None, name: str = "model.bin") -> set[str]:
    with open_index(source, cache) as index:
        return names(walk(index.records, [key(name)], direction="upstream"))


def test_nothing_is_read_again_that_is_known(tmp_path: Path, chain: list[RunRecord]) -> None:
    source = made_up(chain)
    assert upstream(source, tmp_path) == {"ingest", "train"}
    assert upstream(source, tmp_path) == {"ingest", "train"}
    assert len(source.fed) == 2


def test_what_the_source_changed_or_lost_is_gone(tmp_path: Path, chain: list[RunRecord]) -> None:
    source = made_up(chain)
    upstream(source, tmp_path)
    del source.items[chain[0].manifest]
    assert upstream(source, tmp_path) == {"train"}
    source.add(chain[1].manifest, payload(run("other", [], ["other.bin"])))
    assert upstream(source, tmp_path) == set()
    assert upstream(source, tmp_path, "other.bin") == {"other"}
    with open_index(source, tmp_path) as index:
        counts = {
            table: index.database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("runs", "uses", "parents", "items")
        }
    assert counts == {"runs": 1, "uses": 1, "parents": 0, "items": 1}


def test_a_copy_keeps_a_run_whose_first_place_is_gone(
    tmp_path: Path, chain: list[RunRecord]
) -> None:
    source = made_up(chain)
    source.add("copy", payload(chain[0]))
    upstream(source, tmp_path)
    del source.items[chain[0].manifest]
    assert upstream(source, tmp_path) == {"ingest", "train"}


def test_what_is_no_manifest_is_met_once_and_left_out(
    tmp_path: Path, chain: list[RunRecord]
) -> None:
    source = made_up(chain)
    source.add("broken", None)
    source.add("no json", b"{")
    source.add("other", b'{"predicateType": "urn:auditkit:approval:v1", "predicate": {}}')
    assert upstream(source, tmp_path) == {"ingest", "train"}
    upstream(source, tmp_path)
    assert len(source.fed) == 5


@pytest.mark.parametrize(
    "damage", [b"", b"not a database" * 100, b"SQLite format 3\0" + bytes(4096)]
)
def test_a_file_that_is_no_index_is_made_again(
    tmp_path: Path, chain: list[RunRecord], damage: bytes
) -> None:
    source = made_up(chain)
    path = index_file(tmp_path, source.identity)
    path.parent.mkdir(parents=True)
    path.write_bytes(damage)
    assert upstream(source, tmp_path) == {"ingest", "train"}


def test_a_damaged_page_or_a_missing_table_is_made_again(
    tmp_path: Path, chain: list[RunRecord]
) -> None:
    source = made_up(chain)
    upstream(source, tmp_path)
    path = index_file(tmp_path, source.identity)
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE items")
    assert upstream(source, tmp_path) == {"ingest", "train"}
    path.write_bytes(path.read_bytes()[:4096])
    assert upstream(source, tmp_path) == {"ingest", "train"}


def test_damage_that_shows_while_answering_is_an_error_once(
    tmp_path: Path, chain: list[RunRecord]
) -> None:
    source = made_up(chain)
    upstream(source, tmp_path)
    with sqlite3.connect(index_file(tmp_path, source.identity)) as database:
        database.execute("DROP TABLE files")
    with pytest.raises(StorageError, match="index"):
        upstream(source, tmp_path)
    assert upstream(source, tmp_path) == {"ingest", "train"}


def test_an_index_of_another_source_or_format_is_made_again(
    tmp_path: Path, chain: list[RunRecord]
) -> None:
    source = made_up(chain)
    upstream(source, tmp_path)
    path = index_file(tmp_path, source.identity)
    for change in ("UPDATE source SET identity = 'other'", "PRAGMA user_version = 99"):
        with sqlite3.connect(path) as database:
            database.execute(change)
        source.fed.clear()
        assert upstream(source, tmp_path) == {"ingest", "train"}
        assert len(source.fed) == 2


def test_only_its_owner_may_read_the_index(tmp_path: Path, chain: list[RunRecord]) -> None:
    source = made_up(chain)
    upstream(source, tmp_path / "cache")
    path = index_file(tmp_path / "cache", source.identity)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_without_a_usable_cache_it_is_temporary(tmp_path: Path, chain: list[RunRecord]) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert upstream(made_up(chain), blocked) == {"ingest", "train"}
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_source_that_fails_leaves_the_index_as_it_was(
    tmp_path: Path, chain: list[RunRecord]
) -> None:
    class Failing(MadeUp):
        def feed(self, sink: object, state: str | None) -> str:
            super().feed(sink, state)  # type: ignore[arg-type]
            raise StorageError("unplugged")

    source = made_up(chain)
    upstream(source, tmp_path)
    with pytest.raises(StorageError, match="unplugged"):
        upstream(Failing(), tmp_path)
    source.fed.clear()
    assert upstream(source, tmp_path) == {"ingest", "train"}
    assert source.fed == []


def test_a_file_recorded_after_the_folder_is_found_in_it(tmp_path: Path) -> None:
    train, *_ = settled([with_folder(run("train", ["data/"], ["model"], at=2))])
    source = made_up([train], {"data.inventory.parquet": inventory(FILES)})
    with open_index(source, tmp_path) as index:
        index.read_folders()
    (fetch,) = settled([run("fetch", [], ["part-0.csv"], at=1)])
    source.add("fetch", payload(fetch))
    with open_index(source, tmp_path) as index:
        index.read_folders()
        assert names(walk(index.records, [train], direction="upstream")) == {"fetch", "train"}


def test_an_inventory_that_does_not_add_up_to_the_root_counts_for_nothing(tmp_path: Path) -> None:
    runs = settled([with_folder(run("train", ["data/"], ["model"], at=2))])
    lie = inventory({"part-0.csv": digest("part-0.csv"), "other": digest("other")})
    with open_index(made_up(runs, {"data.inventory.parquet": lie}), tmp_path) as index:
        index.read_folders()
        assert index.records.holders(key("part-0.csv"), limit=5) == []


def test_run_records_survive_the_round_trip(chain: list[RunRecord]) -> None:
    assert [run_record(payload(each), each.manifest) for each in chain] == chain
