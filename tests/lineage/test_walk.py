"""What comes before and after a run or data, by content, by declaration and in time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lineage.chains import digest, issues, key, names, run, run_id
from msgspec.structs import replace

from auditkit.lineage import MemoryRecords, walk

PIPELINE = (
    run("ingest", ["raw.csv"], ["flights/"], at=1),
    run("transform", ["flights/"], ["train/", "test/"], at=2),
    run("train", ["train/"], ["model.bin"], at=3),
    run("score", ["model.bin", "test/"], ["scores.json"], at=4),
    run("other", ["else.csv"], ["else.bin"], at=5),
)


def edges(records: MemoryRecords, *origins: object, **options: object) -> set[tuple[str, str, str]]:
    graph = walk(records, origins, **options)  # type: ignore[arg-type]
    label = {each.id: each.name or each.run for each in graph.runs}
    label |= {each.id: each.names[0] if each.names else each.id for each in graph.data}
    return {(label[each.source], each.kind, label[each.target]) for each in graph.edges}


def test_a_model_file_leads_back_to_the_raw_data() -> None:
    graph = walk(MemoryRecords(PIPELINE), [key("model.bin")], direction="upstream")
    assert names(graph) == {"train", "transform", "ingest"}
    found = edges(MemoryRecords(PIPELINE), key("model.bin"), direction="upstream")
    assert ("raw.csv", "read", "ingest") in found
    assert ("train", "wrote", "model.bin") in found


def test_raw_data_leads_to_every_model_and_no_further_data() -> None:
    graph = walk(MemoryRecords(PIPELINE), [key("raw.csv")], direction="downstream")
    assert names(graph) == {"ingest", "transform", "train", "score"}


def test_both_ways_from_the_middle() -> None:
    graph = walk(MemoryRecords(PIPELINE), [PIPELINE[2]])
    assert names(graph) == {"ingest", "transform", "train", "score"}


@pytest.mark.parametrize(
    ("depth", "expected"), [(1, {"transform", "train"}), (2, {"ingest", "transform", "train"})]
)
def test_depth_counts_runs(depth: int, expected: set[str]) -> None:
    records = MemoryRecords(PIPELINE)
    assert names(walk(records, [PIPELINE[2]], direction="upstream", depth=depth)) == expected


def test_same_rows_in_other_files_join_runs() -> None:
    runs = (
        run("ingest", [], ["raw/~rows"], at=1),
        run("train", ["compacted/~rows"], ["model"], at=2),
    )
    records = MemoryRecords(runs)
    assert ("raw", "same-rows", "compacted") in edges(records, runs[1], direction="upstream")
    assert names(walk(records, [runs[0]], direction="downstream")) == {"ingest", "train"}


def test_rows_do_not_count_where_the_very_files_were_written() -> None:
    runs = (
        run("copy", [], ["other/~rows"], at=1),
        run("ingest", [], ["raw/~rows"], at=1),
        run("train", ["raw/~rows"], [], at=2),
    )
    records = MemoryRecords(runs)
    assert names(walk(records, [runs[2]], direction="upstream")) == {"ingest", "train"}
    assert names(walk(records, [runs[0]], direction="downstream")) == {"copy"}


def test_a_file_written_alone_joins_the_folder_that_holds_it() -> None:
    runs = (run("fetch", [], ["part.csv"], at=1), run("train", ["data/"], ["model"], at=2))
    records = MemoryRecords(runs, {key("data/"): [digest("part.csv"), digest("other")]})
    assert names(walk(records, [runs[1]], direction="upstream")) == {"fetch", "train"}
    assert names(walk(records, [runs[0]], direction="downstream")) == {"fetch", "train"}


def test_a_folder_that_was_written_joins_a_file_of_it_read_alone() -> None:
    runs = (run("split", [], ["data/"], at=1), run("train", ["part.csv"], ["model"], at=2))
    records = MemoryRecords(runs, {key("data/"): [digest("part.csv")]})
    assert names(walk(records, [runs[1]], direction="upstream")) == {"split", "train"}
    assert names(walk(records, [runs[0]], direction="downstream")) == {"split", "train"}


def test_an_empty_file_joins_nothing() -> None:
    runs = (run("fetch", [], [""], at=1), run("train", ["data/"], [], at=2))
    records = MemoryRecords(runs, {key("data/"): [digest("")]})
    assert names(walk(records, [runs[1]], direction="upstream")) == {"train"}


def test_a_single_file_of_a_folder_leads_to_who_used_the_folder() -> None:
    runs = (run("train", ["data/"], ["model"], at=1), run("score", ["model"], [], at=2))
    records = MemoryRecords(runs, {key("data/"): [digest("part.csv")]})
    graph = walk(records, [key("part.csv")], direction="downstream")
    assert names(graph) == {"train", "score"}


def test_a_later_run_with_the_same_output_is_not_upstream() -> None:
    runs = (
        run("ingest", ["raw"], ["flights"], at=1),
        run("train", ["flights"], ["model"], at=2),
        run("ingest-again", ["raw2"], ["flights"], at=3),
    )
    records = MemoryRecords(runs)
    assert names(walk(records, [runs[1]], direction="upstream")) == {"ingest", "train"}
    assert names(walk(records, [runs[2]], direction="downstream")) == {"ingest-again"}


def test_several_earlier_writers_are_all_shown_and_reported() -> None:
    runs = (
        run("night-1", ["a"], ["flights"], at=1),
        run("night-2", ["b"], ["flights"], at=2),
        run("train", ["flights"], [], at=3),
    )
    graph = walk(MemoryRecords(runs), [runs[2]], direction="upstream")
    assert names(graph) == {"night-1", "night-2", "train"}
    assert issues(graph) == {"ambiguous"}


def test_a_writer_that_was_only_recorded_later_is_marked() -> None:
    runs = (run("train", ["flights"], [], at=1), run("ingest", [], ["flights"], at=2))
    records = MemoryRecords(runs)
    for origin, direction in ((runs[0], "upstream"), (runs[1], "downstream")):
        graph = walk(records, [origin], direction=direction)  # type: ignore[arg-type]
        assert names(graph) == {"train", "ingest"}
        assert issues(graph) == {"later"}
        assert [each.kind for each in graph.edges if each.later] == ["read"]


def test_later_writers_can_be_left_out() -> None:
    runs = (run("train", ["flights"], [], at=1), run("ingest", [], ["flights"], at=2))
    graph = walk(MemoryRecords(runs), [runs[0]], direction="upstream", follow_later=False)
    assert names(graph) == {"train"}


def test_a_cycle_ends_and_is_reported() -> None:
    runs = (run("a", ["x"], ["y"], at=1), run("b", ["y"], ["x"], at=2))
    graph = walk(MemoryRecords(runs), [runs[1]])
    assert names(graph) == {"a", "b"}
    assert issues(graph) == {"later", "cycle"}


def test_a_run_that_leaves_its_input_as_it_was_is_no_cycle() -> None:
    only = run("validate", ["flights"], ["flights", "checks"], at=1)
    graph = walk(MemoryRecords([only]), [only])
    assert issues(graph) == set()


def test_declared_parents_are_edges_of_their_own() -> None:
    runs = (run("base", [], ["weights"], at=1), run("tune", ["x"], [], at=2, parents=["base"]))
    records = MemoryRecords(runs)
    graph = walk(records, [runs[1]], direction="upstream")
    (edge,) = (each for each in graph.edges if each.kind == "parent")
    assert (edge.source, edge.target, edge.basis) == (runs[0].id, runs[1].id, "declared")
    assert {each.basis for each in graph.edges if each.kind != "parent"} == {"derived"}
    assert names(walk(records, [runs[0]], direction="downstream")) == {"base", "tune"}


def test_a_missing_parent_is_a_node_and_an_issue() -> None:
    only = run("tune", [], [], parents=["gone"])
    graph = walk(MemoryRecords([only]), [only])
    assert [(each.run, each.missing) for each in graph.runs] == [
        (only.run, False),
        (run_id("gone"), True),
    ]
    assert issues(graph) == {"missing-parent"}


def test_a_parent_whose_manifest_is_another_runs_is_missing() -> None:
    base = run("base")
    lied = run("tune", parents=["base"])
    stranger = replace(base, run=run_id("x"))
    graph = walk(MemoryRecords([stranger, lied]), [lied])
    assert issues(graph) == {"missing-parent"}
    assert names(walk(MemoryRecords([stranger, lied]), [stranger])) == {"base"}


def test_a_long_chain_needs_no_recursion() -> None:
    runs = [run(f"r{i}", [f"d{i}"], [f"d{i + 1}"], at=i) for i in range(3_000)]
    graph = walk(MemoryRecords(runs), [runs[-1]], direction="upstream", limit=10_000)
    assert len(graph.runs) == len(runs)


def test_a_huge_answer_is_cut_and_says_so() -> None:
    runs = [run("ingest", [], ["base"], at=1)]
    runs += [run(f"job-{i}", ["base"], [f"model-{i}"], at=2) for i in range(500)]
    graph = walk(MemoryRecords(runs), [runs[0]], direction="downstream", limit=100)
    assert "truncated" in issues(graph)
    assert 100 <= len(graph.runs) + len(graph.data) <= 110


NAMES = st.sampled_from(["a", "b", "c~r", "d~r", "e~s", "f/", "g/~r", "h/"])
USES = st.lists(NAMES, max_size=3, unique=True)
RUNS = st.lists(st.tuples(USES, USES, st.integers(0, 4)), min_size=1, max_size=7)
FOLDERS = {key("f/"): [digest("a"), digest("c")], key("h/"): [digest("b")]}


@given(RUNS)
@settings(max_examples=300, deadline=None)
def test_up_from_one_end_is_down_from_the_other(
    shapes: list[tuple[list[str], list[str], int]],
) -> None:
    runs = [run(f"r{i}", reads, writes, at=at) for i, (reads, writes, at) in enumerate(shapes)]
    records = MemoryRecords(runs, FOLDERS)
    up = {each.name: names(walk(records, [each], direction="upstream", depth=1)) for each in runs}
    down = {
        each.name: names(walk(records, [each], direction="downstream", depth=1)) for each in runs
    }
    pairs = {(a, b) for b, found in up.items() for a in found}
    assert pairs == {(a, b) for a, found in down.items() for b in found}
