"""Data sets over a period: who used them how often, in how many versions, and how they fared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from auditkit.findings import Condition, DatasetVerdict
from auditkit.manifest.model import Dataset
from auditkit.reports.blocks import Cell, Column, Table
from auditkit.reports.language import Language
from auditkit.reports.tally import judged
from auditkit.reports.text import plain
from auditkit.reports.view.context import Context
from auditkit.reports.wording import condition_badge

MOST: Final = 200
_WORST_FIRST: Final[tuple[Condition, ...]] = (
    "altered",
    "missing",
    "unreadable",
    "unchecked",
    "expired",
    "erased",
    "relaid",
    "intact",
)


@dataclass(slots=True)
class _Use:
    runs: set[int] = field(default_factory=set)
    versions: set[str] = field(default_factory=set)
    conditions: Counter[Condition] = field(default_factory=Counter)

    def add(self, run: int, record: Dataset, verdict: DatasetVerdict) -> None:
        self.runs.add(run)
        self.versions.add(repr(sorted(record.inventory.root.items())))
        self.conditions[verdict.condition] += 1


def datasets_table(say: Language, contexts: Sequence[Context]) -> Table:
    """Return every data set by name and role, those in the worst condition first."""
    uses: dict[tuple[str, str], _Use] = {}
    for context in contexts:
        for record, verdict in judged(context.run):
            uses.setdefault((record.name, record.role), _Use()).add(context.index, record, verdict)
    ordered = sorted(uses.items(), key=lambda pair: (_worst(pair[1]), pair[0]))
    shown = ordered[:MOST]
    note = say(
        "{shown} data sets; the attached report has them all.",
        shown=say.of(len(shown), len(ordered)),
    )
    return Table(
        caption=say("Data sets that the runs read and wrote"),
        columns=(
            Column(say("Data set"), 28),
            Column(say("Role"), 13),
            Column(say("Runs"), 14, "number"),
            Column(say("Different contents"), 15, "number"),
            Column(say("Condition"), 30),
        ),
        rows=tuple(
            (
                plain(name, 120),
                plain(role, 60),
                say.of(len(use.runs), len(contexts)),
                say.number(len(use.versions)),
                _conditions(say, use),
            )
            for (name, role), use in shown
        ),
        empty=say("No data set was compared with an authenticated record."),
        note=note if len(shown) < len(ordered) else "",
    )


def _worst(use: _Use) -> int:
    return min(_WORST_FIRST.index(each) for each in use.conditions)


def _conditions(say: Language, use: _Use) -> Cell:
    total = use.conditions.total()
    return tuple(
        f"{badge.symbol} {badge.word}: {say.of(use.conditions[each], total)}"
        for each in _WORST_FIRST
        if use.conditions[each] and (badge := condition_badge(say, each))
    )
