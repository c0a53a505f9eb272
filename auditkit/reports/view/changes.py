"""Pictures of what changed in a table: stretches of rows per column, and columns of the schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditkit.findings import Finding
from auditkit.manifest.model import Dataset
from auditkit.reports.blocks import Column, Quoted, Strip, Table
from auditkit.reports.language import Language
from auditkit.reports.text import NOTHING, plain
from auditkit.reports.view.findings import rows_text

MOST_COLUMNS = 40
MOST_STRETCHES = 6

Stretch = tuple[int, int]
"""First and last row, from 0, both included."""


def altered_map(say: Language, record: Dataset, findings: Iterable[Finding]) -> Table | None:
    """Return where in a table rows changed, one line per column; None where no rows are named.

    Each strip stands for all recorded rows in their order, or all found ones if there are more.
    """
    places: dict[str | None, set[Stretch]] = {}
    for each in findings:
        if each.location is not None and each.location.rows is not None:
            places.setdefault(each.location.column, set()).add(each.location.rows)
    if not places:
        return None
    last = max(stretch[1] for stretches in places.values() for stretch in stretches)
    total = max(record.rows or 0, last + 1)
    order = {each.name: at for at, each in enumerate(record.schema.fields if record.schema else ())}
    names = sorted(
        places, key=lambda name: order.get(name or "", -1 if name is None else len(order))
    )
    shown = names[:MOST_COLUMNS]
    note = say(
        "{shown} columns; the attached verdict has them all.", shown=say.of(len(shown), len(names))
    )
    legend = say(
        "Each strip stands for {rows} in their order; marked is where rows changed. "
        "Rows are counted from 0 over all files, in the order of their paths.",
        rows=say.count(total, "{number} row", "{number} rows"),
    )
    return Table(
        caption=say("Where rows of {name} changed", name=plain(record.name)),
        columns=(
            Column(say("Column"), 26, "code"),
            Column(say("Place"), 42),
            Column(say("Changed rows"), 32),
        ),
        rows=tuple(_row(say, name, sorted(places[name]), total) for name in shown),
        empty="",
        note=f"{legend} {note}" if len(names) > len(shown) else legend,
    )


def schema_changes(say: Language, record: Dataset, findings: Iterable[Finding]) -> Table | None:
    """Return how the columns differ from the recorded ones; None where no column is named."""
    changed = [
        each
        for each in findings
        if each.check == "dataset.schema" and each.location is not None and each.location.column
    ]
    if not changed:
        return None
    shown = changed[:MOST_COLUMNS]
    left = len(changed) > len(shown)
    note = say(
        "{shown} changes; the attached verdict has them all.",
        shown=say.of(len(shown), len(changed)),
    )
    return Table(
        caption=say("How the schema of {name} changed", name=plain(record.name)),
        columns=(
            Column(say("Column"), 26, "code"),
            Column(say("Recorded"), 22, "code"),
            Column(say("Found"), 22, "code"),
            Column(say("What was found"), 30),
        ),
        rows=tuple(
            (
                plain((each.location.column if each.location else None) or "", 80),
                plain(each.expected or NOTHING, 120),
                plain(each.found or NOTHING, 120),
                Quoted(plain(each.detail)),
            )
            for each in shown
        ),
        empty="",
        note=note if left else "",
    )


def _row(
    say: Language, name: str | None, stretches: list[Stretch], total: int
) -> tuple[str, Strip, tuple[str, ...]]:
    column = say("all columns") if name is None else plain(name, 80)
    words = tuple(_words(say, merged(stretches)))
    marks = tuple(
        (100 * first / total, 100 * (last + 1 - first) / total) for first, last in merged(stretches)
    )
    return (column, Strip(marks, f"{column}: {'; '.join(words)}"), words)


def _words(say: Language, stretches: list[Stretch]) -> Iterator[str]:
    for stretch in stretches[:MOST_STRETCHES]:
        yield rows_text(say, *stretch)
    rest = len(stretches) - MOST_STRETCHES
    if rest > 0:
        yield say("and {number} more places", number=say.number(rest))


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return the same rows in as few stretches as can be, in their order."""
    found: list[Stretch] = []
    for first, last in sorted(stretches):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found
