"""From columns and rows to points on a page, for drawings to the right and downwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from auditkit.lineage.layout import Layout

WIDTH: Final = 208
HEIGHT: Final = 66
"""Size of a node."""

_MARGIN: Final = 16

Towards = Literal["right", "down"]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Route:
    """An edge as path data, its arrow head, and where its label goes."""

    path: str
    head: str
    middle: Point


class Geometry:
    """Points are computed along the flow and across it, and turned at the very end."""

    def __init__(self, layout: Layout, towards: Towards) -> None:
        self._layout = layout
        self._down = towards == "down"
        self._length, self._breadth = (HEIGHT, WIDTH) if self._down else (WIDTH, HEIGHT)
        self._ahead, self._aside = (112, 224) if self._down else (272, 84)

    @property
    def size(self) -> Point:
        """Width and height of the whole drawing."""
        columns = max(self._layout.column.values(), default=0)
        rows = max(self._layout.row.values(), default=0.0)
        along = columns * self._ahead + self._length + 2 * _MARGIN
        across = rows * self._aside + self._breadth + 2 * _MARGIN
        return self._turned(along, across)

    def corner(self, node: str) -> Point:
        """Return the upper left corner of a node."""
        return self._turned(*self._start(self._layout.column[node], self._layout.row[node]))

    def route(self, source: str, target: str) -> Route:
        """Return the way of an edge, from the end of one node to the beginning of the other."""
        layout = self._layout
        along, across = self._start(layout.column[source], layout.row[source])
        point = (along + self._length, across + self._breadth / 2)
        path = f"M{self._text(point)}"
        for column, row in layout.through.get((source, target), ()):
            along, across = self._start(column, row)
            passed = (along, across + self._breadth / 2)
            path += self._curve(point, passed)
            point = (along + self._length, passed[1])
            path += f"L{self._text(point)}"
        along, across = self._start(layout.column[target], layout.row[target])
        end = (along, across + self._breadth / 2)
        path += self._curve(point, end)
        wings = [self._text((end[0] - 7, end[1] + each)) for each in (-4, 4)]
        head = f"M{wings[0]}L{self._text(end)}L{wings[1]}Z"
        middle = self._turned((point[0] + end[0]) / 2, (point[1] + end[1]) / 2)
        return Route(path, head, middle)

    def _start(self, column: int, row: float) -> Point:
        return _MARGIN + column * self._ahead, _MARGIN + row * self._aside

    def _curve(self, start: Point, end: Point) -> str:
        bend = max(abs(end[0] - start[0]) / 2, 24)
        first, second = (start[0] + bend, start[1]), (end[0] - bend, end[1])
        return f"C{self._text(first)} {self._text(second)} {self._text(end)}"

    def _turned(self, along: float, across: float) -> Point:
        return (across, along) if self._down else (along, across)

    def _text(self, point: Point) -> str:
        x, y = self._turned(*point)
        return f"{x:.1f} {y:.1f}"
