"""The graph in Graphviz' DOT language (graphviz.org/doc/info/lang.html)."""

from __future__ import annotations

from collections.abc import Iterable

from auditkit.evidence import LineageGraph
from auditkit.lineage.labels import data_lines, edge_label, run_lines


def to_dot(graph: LineageGraph) -> str:
    """Return the graph from causes on the left to effects on the right.

    Names from manifests stand in quoted strings only, so that they cannot become syntax.
    """
    origins = set(graph.origins)
    lines = ["digraph lineage {", "  rankdir=LR;", '  node [fontname="sans-serif", fontsize=10];']
    for run in graph.runs:
        style = "dashed" if run.missing else "bold" if run.id in origins else "solid"
        lines.append(_node(run.id, run_lines(run), f'shape=box, style="rounded,{style}"'))
    for data in graph.data:
        style = "bold" if data.id in origins else "solid"
        lines.append(_node(data.id, data_lines(data), f'shape=note, style="{style}"'))
    for edge in graph.edges:
        style = "dashed" if edge.basis == "declared" or edge.later else "solid"
        ends = f"{_quoted(edge.source)} -> {_quoted(edge.target)}"
        lines.append(f'  {ends} [label={_quoted(edge_label(edge))}, style="{style}"];')
    return "\n".join([*lines, "}", ""])


def _node(name: str, lines: Iterable[str], rest: str) -> str:
    label = "\\n".join(_escaped(line) for line in lines)
    return f'  {_quoted(name)} [label="{label}", {rest}];'


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    # A backslash would begin an escape sequence in a label, such as \N for the node's name.
    return text.replace("\\", "\\\\").replace('"', '\\"')
