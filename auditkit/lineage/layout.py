"""Places for the nodes of a graph: columns from causes to effects, as few crossings as is cheap.

A layered drawing after Sugiyama, Tagawa and Toda (1981): layers by the longest path, steps over
several layers through places of their own, and order within a layer by the mean of the neighbours.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_SWEEPS: Final = 8

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where nodes go: `column` from 0, and `row` in units of one node's height.

    `through` are the (column, row) places that an edge passes between its ends.
    """

    column: Mapping[str, int]
    row: Mapping[str, float]
    through: Mapping[Edge, tuple[tuple[int, float], ...]]


def lay_out(nodes: Sequence[str], edges: Iterable[Edge]) -> Layout:
    """Return a layout; the same graph in the same order gives the same one."""
    known = set(nodes)
    forward = _acyclic(nodes, [each for each in dict.fromkeys(edges) if known.issuperset(each)])
    column = _columns(nodes, forward)
    steps, paths = _through(forward, column)
    layers = _layers(nodes, steps, column)
    _order(layers, steps)
    row = _rows(layers, steps)
    through = {
        edge: tuple((column[each], row[each]) for each in path) for edge, path in paths.items()
    }
    return Layout({each: column[each] for each in nodes}, row, through)


def _acyclic(nodes: Sequence[str], edges: Sequence[Edge]) -> list[Edge]:
    """Return the edges without those that lead back; nodes that were met first come first."""
    following: dict[str, list[str]] = {}
    for source, target in edges:
        following.setdefault(source, []).append(target)
    state: dict[str, int] = {}
    kept: list[Edge] = []
    for root in nodes:
        if root in state:
            continue
        state[root] = 1
        stack = [(root, iter(following.get(root, ())))]
        while stack:
            node, rest = stack[-1]
            after = next(rest, None)
            if after is None:
                state[node] = 2
                stack.pop()
            elif state.get(after) != 1:
                kept.append((node, after))
                if after not in state:
                    state[after] = 1
                    stack.append((after, iter(following.get(after, ()))))
    return kept


def _columns(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    before: dict[str, list[str]] = {each: [] for each in nodes}
    after: dict[str, list[str]] = {each: [] for each in nodes}
    for source, target in edges:
        before[target].append(source)
        after[source].append(target)
    waiting = {each: len(before[each]) for each in nodes}
    queue = deque(each for each in nodes if not waiting[each])
    order, column = [], dict.fromkeys(nodes, 0)
    while queue:
        node = queue.popleft()
        order.append(node)
        for target in after[node]:
            column[target] = max(column[target], column[node] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                queue.append(target)
    for node in reversed(order):  # what nothing leads to stands right before what it leads to
        if not before[node] and after[node]:
            column[node] = min(column[each] for each in after[node]) - 1
    return column


def _through(
    edges: Sequence[Edge], column: dict[str, int]
) -> tuple[list[Edge], dict[Edge, list[str]]]:
    """Return steps from one column to the next, and the added places of each longer edge."""
    steps: list[Edge] = []
    paths: dict[Edge, list[str]] = {}
    for number, (source, target) in enumerate(edges):
        places = [f"\0{number}.{at}" for at in range(column[source] + 1, column[target])]
        column.update(zip(places, range(column[source] + 1, column[target]), strict=True))
        paths[source, target] = places
        whole = [source, *places, target]
        steps += pairwise(whole)
    return steps, paths


def _layers(
    nodes: Sequence[str], steps: Sequence[Edge], column: Mapping[str, int]
) -> list[list[str]]:
    layers: list[list[str]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for each in dict.fromkeys([*nodes, *(end for step in steps for end in step)]):
        layers[column[each]].append(each)
    return layers


def _order(layers: list[list[str]], steps: Sequence[Edge]) -> None:
    before, after = _neighbours(steps)
    for sweep in range(_SWEEPS):
        ordered = range(1, len(layers)) if sweep % 2 == 0 else range(len(layers) - 2, -1, -1)
        fixed, near = (-1, before) if sweep % 2 == 0 else (1, after)
        for number in ordered:
            place = {each: at for at, each in enumerate(layers[number + fixed])}
            mean = {
                each: _mean([place[other] for other in near.get(each, ())], at)
                for at, each in enumerate(layers[number])
            }
            layers[number].sort(key=lambda each: mean[each])


def _rows(layers: Sequence[Sequence[str]], steps: Sequence[Edge]) -> dict[str, float]:
    """Pull nodes towards their neighbours, in their order and at least one row apart."""
    tallest = max((len(layer) for layer in layers), default=0)
    row = {
        each: at + (tallest - len(layer)) / 2 for layer in layers for at, each in enumerate(layer)
    }
    before, after = _neighbours(steps)
    for sweep in range(_SWEEPS):
        near = before if sweep % 2 == 0 else after
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = [
                _mean([row[other] for other in near.get(each, ())], row[each]) for each in layer
            ]
            row.update(zip(layer, _spread(wanted), strict=True))
    top = min(row.values(), default=0.0)
    return {each: at - top for each, at in row.items()}


def _spread(wanted: Sequence[float]) -> list[float]:
    """Return rows in the given order, one apart or more, that lie near those wanted."""
    down: list[float] = []
    for each in wanted:
        down.append(max(each, down[-1] + 1) if down else each)
    up: list[float] = []
    for each in reversed(wanted):
        up.append(min(each, up[-1] - 1) if up else each)
    return [(low + high) / 2 for low, high in zip(down, reversed(up), strict=True)]


def _neighbours(steps: Sequence[Edge]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for source, target in steps:
        before.setdefault(target, []).append(source)
        after.setdefault(source, []).append(target)
    return before, after


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
