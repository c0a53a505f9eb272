"""The graph as SVG 1.1: boxes, lines and text; no script, style sheet, link or outside resource."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from auditkit.errors import UsageError
from auditkit.evidence import LineageData, LineageEdge, LineageGraph, LineageRun
from auditkit.lineage.geometry import HEIGHT, WIDTH, Geometry, Towards
from auditkit.lineage.labels import data_lines, edge_label, run_lines
from auditkit.lineage.layout import lay_out

MOST_DRAWN: Final = 400
"""Runs and data in one drawing; nobody reads more of them."""

_SPACE: Final = "http://www.w3.org/2000/svg"
_LINE: Final = 15
_LONGEST: Final = 30
_INK, _PALE, _DATA, _RUN = "#1f2933", "#52606d", "#f5f0e1", "#e3edf7"


def to_svg(graph: LineageGraph, towards: Towards = "right", *, title: str | None = None) -> str:
    """Return the drawing, with effects to the right of causes or below them.

    `title` is its name for whoever cannot see it; by default `summary`, in English. The same graph
    gives the same bytes. Names from manifests are text of elements only, so that they cannot
    become markup.

    Raises:
        UsageError: there is more in the graph than can be drawn.
    """
    count = len(graph.runs) + len(graph.data)
    if count > MOST_DRAWN:
        raise UsageError(
            f"{count} runs and data are more than the {MOST_DRAWN} that are drawn",
            hint="Ask for less with --depth, or lay it out with Graphviz: --format dot.",
        )
    nodes = [*(run.id for run in graph.runs), *(data.id for data in graph.data)]
    geometry = Geometry(
        lay_out(nodes, [(edge.source, edge.target) for edge in graph.edges]), towards
    )
    width, height = geometry.size
    size = f'width="{width:.0f}" height="{height:.0f}"'
    frame = f'{size} viewBox="0 0 {width:.0f} {height:.0f}" role="img"'
    origins = set(graph.origins)
    parts = [
        f'<svg xmlns="{_SPACE}" {frame} font-family="sans-serif" font-size="11">',
        f"<title>{escape(title or summary(graph))}</title>",
        f'<rect {size} fill="#ffffff"/>',
        *(_edge(edge, geometry) for edge in graph.edges),
        *(_run(run, geometry, bold=run.id in origins) for run in graph.runs),
        *(_data(data, geometry, bold=data.id in origins) for data in graph.data),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def summary(graph: LineageGraph) -> str:
    """Return in one sentence what the graph shows, for whoever cannot see it."""
    runs, data = len(graph.runs), len(graph.data)
    return (
        f"Lineage: {runs} {'run' if runs == 1 else 'runs'} and {data} "
        f"{'data set' if data == 1 else 'data sets'}, joined by {len(graph.edges)} steps"
    )


def _run(run: LineageRun, geometry: Geometry, *, bold: bool) -> str:
    dashes = ' stroke-dasharray="5 3"' if run.missing else ""
    x, y = geometry.corner(run.id)
    box = (
        f'<rect x="{x:.0f}" y="{y:.1f}" width="{WIDTH}" height="{HEIGHT}" rx="9" fill="{_RUN}" '
        f'stroke="{_INK}" stroke-width="{2.5 if bold else 1}"{dashes}/>'
    )
    return _node(x, y, box, run_lines(run), f"run {run.run}, manifest sha256:{run.manifest}")


def _data(data: LineageData, geometry: Geometry, *, bold: bool) -> str:
    x, y = geometry.corner(data.id)
    right, bottom, fold = x + WIDTH, y + HEIGHT, 10
    path = f"M{x:.0f} {y:.1f}H{right - fold:.0f}L{right:.0f} {y + fold:.1f}V{bottom:.1f}H{x:.0f}Z"
    width = 2.5 if bold else 1
    box = f'<path d="{path}" fill="{_DATA}" stroke="{_INK}" stroke-width="{width}"/>'
    return _node(x, y, box, data_lines(data), data.id)


def _node(x: float, y: float, box: str, lines: tuple[str, ...], title: str) -> str:
    top = y + (HEIGHT - _LINE * len(lines)) / 2 + 11
    texts = []
    for number, line in enumerate(lines):
        shown = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
        style = f'fill="{_PALE}"' if number else f'fill="{_INK}" font-weight="bold"'
        at = f'x="{x + 10:.0f}" y="{top + number * _LINE:.1f}"'
        texts.append(f"<text {at} {style}>{escape(shown)}</text>")
    return f"<g><title>{escape(title)}</title>{box}{''.join(texts)}</g>"


def _edge(edge: LineageEdge, geometry: Geometry) -> str:
    route = geometry.route(edge.source, edge.target)
    dashed = edge.basis == "declared" or edge.later
    dashes = ' stroke-dasharray="5 3"' if dashed else ""
    line = f'<path d="{route.path}" fill="none" stroke="{_PALE}" stroke-width="1.2"{dashes}/>'
    arrow = f'<path d="{route.head}" fill="{_PALE}"/>'
    label = edge_label(edge)
    if not label:
        return f"<g>{line}{arrow}</g>"
    x, y = route.middle
    text = f'<text x="{x:.0f}" y="{y - 5:.1f}" fill="{_PALE}" font-size="9" text-anchor="middle">'
    return f"<g>{line}{arrow}{text}{escape(label)}</text></g>"
