"""A lineage graph as trees for people: what each origin comes from, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from auditkit.cli.output import plain
from auditkit.evidence import LineageData, LineageEdge, LineageGraph, LineageRun

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Node = LineageRun | LineageData

_UP: Final = {
    "read": "read",
    "wrote": "written by",
    "same-rows": "same rows as",
    "inside": "shares a file with",
    "parent": "declares as its parent",
}
_DOWN: Final = {
    "read": "read by",
    "wrote": "wrote",
    "same-rows": "same rows as",
    "inside": "shares a file with",
    "parent": "declared as parent by",
}


def draw_tree(console: Console, graph: LineageGraph) -> None:
    """Print the graph; what was printed already is not opened up again."""
    nodes: dict[str, Node] = {each.id: each for each in graph.runs}
    nodes |= {each.id: each for each in graph.data}
    for origin in graph.origins:
        console.print(_named(nodes[origin]))
        if graph.direction != "downstream":
            _draw(console, "comes from", origin, _Drawing(graph, nodes, upwards=True))
        if graph.direction != "upstream":
            _draw(console, "led to", origin, _Drawing(graph, nodes, upwards=False))
    for issue in graph.issues:
        subject = nodes.get(issue.subject)
        name = _plain_name(subject) if subject is not None else issue.subject
        console.print(f"note: {name}: {plain(issue.detail)}", style="yellow", markup=False)


class _Drawing:
    """One direction of a graph: the steps from each node, and what stands at them."""

    def __init__(self, graph: LineageGraph, nodes: Mapping[str, Node], *, upwards: bool) -> None:
        self.nodes = nodes
        self._upwards = upwards
        self._steps: dict[str, list[LineageEdge]] = {}
        for edge in graph.edges:
            self._steps.setdefault(edge.target if upwards else edge.source, []).append(edge)

    def steps(self, node: str) -> Sequence[LineageEdge]:
        """Return the edges from a node in this direction."""
        return self._steps.get(node, ())

    def end(self, edge: LineageEdge) -> str:
        """Return the node that an edge leads to in this direction."""
        return edge.source if self._upwards else edge.target

    def word(self, edge: LineageEdge) -> str:
        """Return how an edge reads from the node it starts at."""
        words = _UP if self._upwards else _DOWN
        later = ", which was recorded later," if edge.later else ""
        name = f" {plain(edge.name)}" if self._shows_name(edge) else ""
        return f"{words[edge.kind]}{name}{later}"

    def _shows_name(self, edge: LineageEdge) -> bool:
        """Tell what the run at hand calls the data, where the data itself is printed next."""
        return bool(edge.name) and edge.kind == ("read" if self._upwards else "wrote")


def _draw(console: Console, title: str, origin: str, drawing: _Drawing) -> None:
    from rich.text import Text

    if not drawing.steps(origin):
        console.print(Text(f"  {title} nothing that is recorded", style="dim"))
        return
    console.print(Text(f"  {title}"))
    for line in _lines(origin, drawing):
        console.print(Text("  ") + line)


def _lines(origin: str, drawing: _Drawing) -> Iterator[Text]:
    """Yield the lines below a node, depth first and without recursion."""
    from rich.text import Text

    opened = {origin}
    stack = _pushed(drawing.steps(origin), "")
    while stack:
        edge, guide, last = stack.pop()
        end = drawing.end(edge)
        back = (edge.target, edge.source)
        steps = [each for each in drawing.steps(end) if (each.source, each.target) != back]
        line = Text(f"{guide}{'└─' if last else '├─'} {drawing.word(edge)} ", style="dim")
        if end in opened and steps:
            yield line + Text(f"{_plain_name(drawing.nodes[end])} (see above)", style="dim")
            continue
        yield line + _named(drawing.nodes[end])
        if end not in opened:
            opened.add(end)
            stack += _pushed(steps, f"{guide}{'   ' if last else '│  '}")


def _pushed(steps: Sequence[LineageEdge], guide: str) -> list[tuple[LineageEdge, str, bool]]:
    """Return what to draw next, the first at the end, where a stack is taken from."""
    drawn = [(edge, guide, number == len(steps)) for number, edge in enumerate(steps, start=1)]
    return drawn[::-1]


def _named(node: Node) -> Text:
    from rich.text import Text

    if isinstance(node, LineageRun):
        if node.missing:
            return Text(f"run {node.run}, which is not recorded here", style="red")
        line = Text.assemble("run ", (plain(node.name or ""), "bold"), " " if node.name else "")
        line.append(f"{node.run}")
        when = f"{(node.recorded_at or '')[:16].replace('T', ' ')} UTC"
        line.append(f" ({plain(node.project or '')}, {node.status}, {when})", style="dim")
        return line
    line = Text(_data_name(node), style="bold")
    line.append(f" ({_amount(node)}{node.id[:24]}…)", style="dim")
    return line


def _plain_name(node: Node) -> str:
    if isinstance(node, LineageRun):
        return plain(f"run {node.name or ''} {node.run}".replace("  ", " "))
    return _data_name(node)


def _data_name(data: LineageData) -> str:
    return plain(", ".join(data.locations or data.names) or "data")


def _amount(data: LineageData) -> str:
    if data.files is None:
        return ""
    files = "1 file, " if data.files == 1 else f"{data.files:,} files, "
    return files if data.rows is None else f"{files}{data.rows:,} rows, "
