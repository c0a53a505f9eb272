"""Splits, parameters and metrics: what the team handed over, in tables."""

from __future__ import annotations

from typing import Any

from auditkit.manifest.model import Split
from auditkit.reports.blocks import Cell, Column, Table
from auditkit.reports.language import Language
from auditkit.reports.text import NOTHING, flatten, plain
from auditkit.reports.wording import basis_badge

MOST_VALUES = 150


def splits_table(say: Language, splits: tuple[Split, ...]) -> Table:
    """Return one row per member of each split, with the rule as the team states it."""
    return Table(
        caption=say("How data was divided"),
        columns=(
            Column(say("Split"), 13),
            Column(say("Member"), 13),
            Column(say("Data set"), 28),
            Column(say("Share"), 9, "number"),
            Column(say("Rule, seed and key"), 37),
        ),
        rows=tuple(
            (
                plain(split.name),
                plain(member.name),
                plain(member.dataset),
                NOTHING if member.fraction is None else say.fraction(member.fraction),
                "" if index else _rule(say, split),
            )
            for split in splits
            for index, member in enumerate(split.members)
        ),
        empty=say("No split was declared."),
        basis=basis_badge(say, splits[0].basis) if splits else None,
    )


def parameters_table(say: Language, values: dict[str, Any]) -> Table:
    """Return the parameters, one row per leaf, keys joined by dots."""
    return _values(say, values, say("Parameters"), say("No parameters were handed over."))


def metrics_table(say: Language, values: dict[str, Any]) -> Table:
    """Return the metrics, one row per leaf, keys joined by dots."""
    return _values(say, values, say("Metrics"), say("No metrics were handed over."))


def _values(say: Language, values: dict[str, Any], caption: str, empty: str) -> Table:
    leaves = tuple(flatten(values))
    shown: tuple[tuple[Cell, ...], ...] = leaves[:MOST_VALUES]
    left = len(leaves) > len(shown)
    note = say("{shown}; the manifest has them all.", shown=say.of(len(shown), len(leaves)))
    return Table(
        caption=caption,
        columns=(Column(say("Name"), 45, "code"), Column(say("Value"), 55, "code")),
        rows=shown,
        empty=empty,
        note=note if left else "",
        basis=basis_badge(say, "declared"),
    )


def _rule(say: Language, split: Split) -> tuple[str, ...]:
    seed = None if split.seed is None else say("seed {seed}", seed=str(split.seed))
    key = None if split.key is None else say("key {key}", key=plain(split.key))
    details = ", ".join(filter(None, (seed, key)))
    return (plain(split.rule), details) if details else (plain(split.rule),)
