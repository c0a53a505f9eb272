"""Splits, parameters and metrics: what the team handed over, in tables."""

from __future__ import annotations

from typing import Any

from auditkit.manifest.model import Split
from auditkit.reports.blocks import Cell, Column, Table
from auditkit.reports.text import NOTHING, flatten, of, plain
from auditkit.reports.wording import BASIS

MOST_VALUES = 150


def splits_table(splits: tuple[Split, ...]) -> Table:
    """Return one row per member of each split, with the rule as the team states it."""
    return Table(
        caption="How data was divided",
        columns=(
            Column("Split", 13),
            Column("Member", 13),
            Column("Data set", 26),
            Column("Share", 8, "number"),
            Column("Rule, seed and key", 27),
            Column("Basis", 13, "badge"),
        ),
        rows=tuple(
            (
                plain(split.name),
                plain(member.name),
                plain(member.dataset),
                NOTHING if member.fraction is None else f"{member.fraction:.4g}",
                "" if index else _rule(split),
                "" if index else BASIS[split.basis],
            )
            for split in splits
            for index, member in enumerate(split.members)
        ),
        empty="No split was declared.",
    )


def values_table(values: dict[str, Any], title: str) -> Table:
    """Return nested parameters or metrics, one row per leaf, keys joined by dots."""
    leaves = tuple(flatten(values))
    shown: tuple[tuple[Cell, ...], ...] = leaves[:MOST_VALUES]
    return Table(
        caption=title,
        columns=(Column("Name", 45, "code"), Column("Value", 55, "code")),
        rows=shown,
        empty=f"No {title.lower()} were handed over.",
        note=f"{of(len(shown), len(leaves))}; the manifest has them all."
        if len(leaves) > len(shown)
        else "",
    )


def _rule(split: Split) -> tuple[str, ...]:
    seed = None if split.seed is None else f"seed {split.seed}"
    key = None if split.key is None else f"key {plain(split.key)}"
    details = ", ".join(filter(None, (seed, key)))
    return (plain(split.rule), details) if details else (plain(split.rule),)
