"""Drawings: whatever manifests call things, it stays text; nodes keep apart."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lineage.chains import key, run
from msgspec.structs import replace

from auditkit.errors import UsageError
from auditkit.evidence import LineageGraph
from auditkit.lineage import MemoryRecords, walk
from auditkit.lineage.dot import to_dot
from auditkit.lineage.layout import lay_out
from auditkit.lineage.svg import MOST_DRAWN, to_svg

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    '"]; evil [label="',
    "\\N \\G \\",
    "</text><script>alert(1)</script>",
    "]]>&lt;<![CDATA[",
    "a\nb\x00\x1b[31m\u202e\ud800",
    '" onload="alert(1)',
    "javascript:alert(1)",
]


def graph_of(name: str, location: str = "data") -> LineageGraph:
    base = run("base", ["raw"], ["flights"], at=1)
    train = replace(run("train", ["flights"], ["model"], at=2, parents=["gone"]), name=name)
    outputs = tuple(replace(use, location=location) for use in train.outputs)
    train = replace(train, outputs=outputs)
    return walk(MemoryRecords([base, train]), [train])


def dot_tokens(text: str) -> list[str]:
    """Split DOT into quoted strings and the rest; raises ValueError for an open string."""
    tokens = re.findall(r'"(?:[^"\\]|\\.)*"|[^"]', text, re.DOTALL)
    if "".join(tokens) != text:
        raise ValueError("an open string")
    return tokens


@pytest.mark.parametrize("name", HOSTILE)
def test_names_in_dot_stay_within_quotes(name: str) -> None:
    plain, odd = (dot_tokens(to_dot(graph_of(each, each))) for each in ("x", name))
    outside = [[each for each in tokens if not each.startswith('"')] for tokens in (plain, odd)]
    assert outside[0] == outside[1]
    assert not any(re.search(r"(?<!\\)(\\\\)*\\[NGETHLlr]", each) for each in odd)


@pytest.mark.parametrize("towards", ["right", "down"])
@pytest.mark.parametrize("name", HOSTILE)
def test_names_in_svg_stay_text(name: str, towards: Any) -> None:
    plain, odd = (ET.fromstring(to_svg(graph_of(each, each), towards)) for each in ("x", name))
    shapes = [[(each.tag, sorted(each.attrib)) for each in root.iter()] for root in (plain, odd)]
    assert shapes[0] == shapes[1]
    assert {tag for tag, _ in shapes[0]} == {
        f"{SVG}{tag}" for tag in ("svg", "title", "rect", "path", "g", "text")
    }
    names = {name for _, attributes in shapes[0] for name in attributes}
    assert not any(each.startswith("on") or "href" in each or each == "style" for each in names)


@given(st.text(max_size=80), st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_name_gives_well_formed_drawings(name: str, location: str) -> None:
    graph = graph_of(name, location)
    ET.fromstring(to_svg(graph))
    dot_tokens(to_dot(graph))


def test_a_drawing_is_the_same_every_time() -> None:
    assert to_svg(graph_of("x")) == to_svg(graph_of("x"))


def test_too_much_to_draw_is_refused_with_a_way_out() -> None:
    runs = [run("base", [], ["x"], at=1)]
    runs += [run(f"r{i}", ["x"], [f"y{i}"], at=2) for i in range(MOST_DRAWN)]
    graph = walk(MemoryRecords(runs), [key("x")])
    with pytest.raises(UsageError, match="more than the 400") as caught:
        to_svg(graph)
    assert "--depth" in (caught.value.hint or "")


NODES = [f"n{i}" for i in range(8)]
EDGES = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=20)


@given(EDGES)
@settings(max_examples=200, deadline=None)
def test_nodes_keep_apart_and_edges_lead_onwards(edges: list[tuple[str, str]]) -> None:
    layout = lay_out(NODES, edges)
    places: dict[int, list[float]] = {}
    for node in NODES:
        places.setdefault(layout.column[node], []).append(layout.row[node])
    for rows in places.values():
        rows.sort()
        assert all(after - before >= 0.999 for before, after in pairwise(rows))
    for (source, target), through in layout.through.items():
        passed = [layout.column[source], *(column for column, _ in through), layout.column[target]]
        assert passed == list(range(layout.column[source], layout.column[target] + 1))


def test_a_deep_graph_needs_no_recursion() -> None:
    nodes = [f"n{i}" for i in range(5_000)]
    layout = lay_out(nodes, list(pairwise(nodes)))
    assert layout.column["n4999"] == 4_999
