"""The chain of earlier runs as a picture: what the verified run was made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from auditkit.lineage.svg import to_svg
from auditkit.reports.view.context import Context

MOST_ON_A_PAGE: Final = 40
"""Runs and data in one picture; with more of them its words are too small for paper."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing with its caption, and what it means in a sentence.

    `svg` is markup of our own making, in which words of manifests are escaped text; it is empty
    where there is too much to draw, and the sentence says so.
    """

    caption: str
    meaning: str
    svg: str = ""


def lineage_picture(context: Context) -> Picture | None:
    """Return the picture of the runs that lead to this one, None where none were looked for.

    Only runs that somebody trusted signed are in it; the findings say which are missing.
    """
    say, graph = context.say, context.run.lineage
    if graph is None or not graph.edges:
        return None
    caption = say("What this run was made from")
    runs = say.count(len(graph.runs), "{number} run", "{number} runs")
    data = say.count(len(graph.data), "{number} data set", "{number} data sets")
    if len(graph.runs) + len(graph.data) > MOST_ON_A_PAGE:
        meaning = say(
            "{runs} and {data} are too many to draw here: auditkit lineage draws and lists them.",
            runs=runs,
            data=data,
        )
        return Picture(caption, meaning)
    meaning = say(
        "{runs} and {data}, from causes above to effects below. Solid lines follow from equal "
        "digests; dashed ones are declared, or recorded in another order.",
        runs=runs,
        data=data,
    )
    return Picture(caption, meaning, to_svg(graph, "down", title=f"{caption}: {runs}, {data}"))
