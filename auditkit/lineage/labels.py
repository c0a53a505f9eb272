"""What nodes and edges are called in drawings: short lines, safe wherever text is."""

from __future__ import annotations

import unicodedata
from typing import Final

from auditkit.evidence import LineageData, LineageEdge, LineageRun

_LONGEST: Final = 60

READABLE: Final = {
    "file": "file",
    "folder": "folder",
    "sequence": "rows in order",
    "bag": "rows in any order",
}


def run_lines(run: LineageRun) -> tuple[str, ...]:
    """Return a run's name, then its project and time, then its id."""
    if run.missing:
        return ("missing run", run.run)
    where = ", ".join(filter(None, (run.project, _moment(run.recorded_at))))
    state = "" if run.status == "completed" else f" ({run.status})"
    return (visible(run.name or "run") + state, visible(where), run.run)


def data_lines(data: LineageData) -> tuple[str, ...]:
    """Return what data is called, then where it was and how much it is, then its digest."""
    name = ", ".join(data.names) or READABLE.get(data.kind, data.kind)
    lines = [name, ", ".join(data.locations), _amount(data), f"{data.id[:24]}…"]
    return tuple(visible(line) for line in lines if line)


def edge_label(edge: LineageEdge) -> str:
    """Return what to write at an edge; nothing where the nodes say it."""
    words = {"same-rows": "same rows", "inside": "inside", "parent": "declared parent"}
    label = words.get(edge.kind, "")
    return f"{label} (recorded later)".strip() if edge.later else label


def visible(text: str) -> str:
    """Return text without anything that does not show: such characters become `[U+202E]`."""
    shown = "".join(
        f"[U+{ord(each):04X}]"
        if unicodedata.category(each)[0] == "C" or each in "\u2028\u2029"
        else each
        for each in text[:_LONGEST]
    )
    return shown if len(text) <= _LONGEST else f"{shown}…"


def _amount(data: LineageData) -> str:
    if data.files is None:
        return ""
    files = "1 file" if data.files == 1 else f"{data.files:,} files"
    rows = "" if data.rows is None else f", {data.rows:,} rows"
    return f"{files}{rows}"


def _moment(instant: str | None) -> str:
    return "" if instant is None else f"{instant[:10]} {instant[11:16]} UTC"
