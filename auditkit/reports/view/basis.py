"""Observed, declared or derived: the mark of each statement, and the table of all of them."""

from __future__ import annotations

from typing import Protocol

from auditkit.manifest.model import Basis, BasisMap, TrainingRun
from auditkit.reports.blocks import Badge, Column, Table
from auditkit.reports.text import number, plain
from auditkit.reports.wording import BASIS

MOST_NAMES = 4


class Based(Protocol):
    """A record of the manifest that says how it came about."""

    @property
    def basis(self) -> Basis: ...  # noqa: D102  the class says it

    @property
    def exceptions(self) -> BasisMap: ...  # noqa: D102  the class says it


Row = tuple[str, Badge, str]


def mark(record: Based, pointer: str) -> Badge:
    """Return the basis of one field, named by its JSON pointer within the record."""
    return BASIS[record.exceptions.get(pointer, record.basis)]


def basis_table(predicate: TrainingRun) -> Table:
    """Return what each group of statements rests on."""
    rows = (
        *_run_rows(predicate),
        *_data_rows(predicate),
        *_environment_rows(predicate),
        *_team_rows(predicate),
        (
            "All times in the manifest",
            BASIS["declared"],
            "The clock of the recording machine; no proof of when.",
        ),
        (
            "Outcomes, conditions and coverage in this report",
            BASIS["observed"],
            "Measured again by the verification, from the stored bytes.",
        ),
    )
    return Table(
        caption="How each group of statements came about",
        columns=(
            Column("Statement", 40),
            Column("Basis", 14, "badge"),
            Column("What that means here", 46),
        ),
        rows=rows,
    )


def _run_rows(predicate: TrainingRun) -> tuple[Row, ...]:
    run = predicate.run
    rows: list[Row] = [
        (
            "The run: command, exit code, duration",
            BASIS[run.basis],
            f"{_meaning(run.basis)}{_except(run.exceptions)}",
        )
    ]
    if run.ci is not None:
        rows.append(("CI job", BASIS[run.ci.basis], "Taken from the job's environment variables."))
    return tuple(rows)


def _data_rows(predicate: TrainingRun) -> tuple[Row, ...]:
    """Group data sets that rest on the same: usually all of them do."""
    groups: dict[tuple[Basis, str], list[str]] = {}
    for each in predicate.datasets:
        kept = groups.setdefault((each.basis, _except(each.exceptions)), [])
        kept.append(plain(each.name))
    rows: list[Row] = [
        (
            f"Files, digests, rows and schema of {_named(names)}",
            BASIS[basis],
            f"{_meaning(basis)}{exceptions}",
        )
        for (basis, exceptions), names in groups.items()
    ]
    if any(each.declared for each in predicate.datasets):
        text = "Source, licence, purpose, personal data"
        rows.append((text, BASIS["declared"], _meaning("declared")))
    return tuple(rows)


def _named(names: list[str]) -> str:
    if len(names) > MOST_NAMES:
        return f"{number(len(names))} data sets"
    return ", ".join(names)


def _environment_rows(predicate: TrainingRun) -> tuple[Row, ...]:
    code, environment = predicate.code, predicate.environment
    rows: list[Row] = [
        ("Code: commit, tree, changes", BASIS[code.basis], "Read from the Git repository."),
        (
            "Environment: machine, interpreter, packages",
            BASIS[environment.basis],
            _meaning(environment.basis),
        ),
    ]
    if environment.container is not None:
        basis = environment.container.basis
        rows.append(("Container image", BASIS[basis], _meaning(basis)))
    return tuple(rows)


def _team_rows(predicate: TrainingRun) -> tuple[Row, ...]:
    rows: list[Row] = []
    if predicate.parameters or predicate.metrics:
        text = "Handed over by the training code or a file; auditkit did not compute them."
        rows.append(("Parameters and metrics", BASIS["declared"], text))
    if predicate.splits:
        basis = predicate.splits[0].basis
        text = "The rule as the team states it; auditkit did not apply it."
        rows.append(("Splits", BASIS[basis], text))
    if predicate.lineage.parents:
        rows.append(("Earlier runs", BASIS["declared"], _meaning("declared")))
    if predicate.declarations is not None:
        basis = predicate.declarations.basis
        rows.append(("Purpose, owner, contact, notes", BASIS[basis], _meaning(basis)))
    return tuple(rows)


def _meaning(basis: Basis) -> str:
    return {
        "observed": "Measured by auditkit when the run was recorded.",
        "declared": "Stated by the team; auditkit cannot measure it.",
        "derived": "Computed from other signed records; not measured again.",
    }[basis]


def _except(exceptions: BasisMap) -> str:
    fields: dict[Basis, list[str]] = {}
    for pointer, basis in sorted(exceptions.items()):
        fields.setdefault(basis, []).append(plain(pointer.strip("/"), 80))
    return "".join(f" {basis.capitalize()}: {', '.join(names)}." for basis, names in fields.items())
