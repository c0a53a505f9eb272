"""Observed, declared or derived: the mark of each statement, and the table of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from auditkit.manifest.model import Basis, BasisMap, TrainingRun
from auditkit.reports.blocks import Badge, Column, Table
from auditkit.reports.language import Language
from auditkit.reports.text import plain
from auditkit.reports.wording import basis_badge

MOST_NAMES = 4


class Based(Protocol):
    """A record of the manifest that says how it came about."""

    @property
    def basis(self) -> Basis: ...  # noqa: D102  the class says it

    @property
    def exceptions(self) -> BasisMap: ...  # noqa: D102  the class says it


Row = tuple[str, Badge, str]


def mark(say: Language, record: Based, pointer: str) -> Badge:
    """Return the basis of one field, named by its JSON pointer within the record."""
    return basis_badge(say, record.exceptions.get(pointer, record.basis))


def basis_table(say: Language, predicate: TrainingRun) -> Table:
    """Return what each group of statements rests on."""
    rows = (
        *_run_rows(say, predicate),
        *_data_rows(say, predicate),
        *_environment_rows(say, predicate),
        *_team_rows(say, predicate),
        (
            say("All times in the manifest"),
            basis_badge(say, "declared"),
            say("The clock of the recording machine; no proof of when."),
        ),
        (
            say("Outcomes, conditions and coverage in this report"),
            basis_badge(say, "observed"),
            say("Measured again by the verification, from the stored bytes."),
        ),
        (
            say("Addressee, purpose and restrictions of this report; controls set aside"),
            basis_badge(say, "declared"),
            say("Stated by whoever made the report."),
        ),
    )
    return Table(
        caption=say("How each group of statements came about"),
        columns=(
            Column(say("Statement"), 40),
            Column(say("Basis"), 14, "badge"),
            Column(say("What that means here"), 46),
        ),
        rows=rows,
        empty="",
    )


def _run_rows(say: Language, predicate: TrainingRun) -> Iterator[Row]:
    run = predicate.run
    yield (
        say("The run: command, exit code, duration"),
        basis_badge(say, run.basis),
        _meaning(say, run.basis) + _except(say, run.exceptions),
    )
    if run.ci is not None:
        text = say("Taken from the job's environment variables.")
        yield (say("CI job"), basis_badge(say, run.ci.basis), text)


def _data_rows(say: Language, predicate: TrainingRun) -> Iterator[Row]:
    """Group data sets that rest on the same: usually all of them do."""
    groups: dict[tuple[Basis, str], list[str]] = {}
    for each in predicate.datasets:
        kept = groups.setdefault((each.basis, _except(say, each.exceptions)), [])
        kept.append(plain(each.name))
    for (basis, exceptions), names in groups.items():
        yield (
            say("Files, digests, rows and schema of {names}", names=_named(say, names)),
            basis_badge(say, basis),
            _meaning(say, basis) + exceptions,
        )
    if any(each.declared for each in predicate.datasets):
        text = say("Source, licence, purpose, personal data")
        yield (text, basis_badge(say, "declared"), _meaning(say, "declared"))


def _named(say: Language, names: list[str]) -> str:
    if len(names) > MOST_NAMES:
        return say.count(len(names), "{number} data set", "{number} data sets")
    return ", ".join(names)


def _environment_rows(say: Language, predicate: TrainingRun) -> Iterator[Row]:
    code, environment = predicate.code, predicate.environment
    yield (
        say("Code: commit, tree, changes"),
        basis_badge(say, code.basis),
        say("Read from the Git repository."),
    )
    yield (
        say("Environment: machine, interpreter, packages"),
        basis_badge(say, environment.basis),
        _meaning(say, environment.basis),
    )
    if environment.container is not None:
        basis = environment.container.basis
        yield (say("Container image"), basis_badge(say, basis), _meaning(say, basis))


def _team_rows(say: Language, predicate: TrainingRun) -> Iterator[Row]:
    declared = basis_badge(say, "declared")
    if predicate.parameters or predicate.metrics:
        text = say("Handed over by the training code or a file; auditkit did not compute them.")
        yield (say("Parameters and metrics"), declared, text)
    if predicate.splits:
        text = say("The rule as the team states it; auditkit did not apply it.")
        yield (say("Splits"), basis_badge(say, predicate.splits[0].basis), text)
    if predicate.lineage.parents:
        yield (say("Earlier runs"), declared, _meaning(say, "declared"))
    if predicate.declarations is not None:
        basis = predicate.declarations.basis
        yield (say("Purpose, owner, contact, notes"), basis_badge(say, basis), _meaning(say, basis))


def _meaning(say: Language, basis: Basis) -> str:
    return {
        "observed": say("Measured by auditkit when the run was recorded."),
        "declared": say("Stated by the team; auditkit cannot measure it."),
        "derived": say("Computed from other signed records; not measured again."),
    }[basis]


def _except(say: Language, exceptions: BasisMap) -> str:
    fields: dict[Basis, list[str]] = {}
    for pointer, basis in sorted(exceptions.items()):
        fields.setdefault(basis, []).append(plain(pointer.strip("/"), 80))
    return "".join(
        " " + say("{basis}: {fields}.", basis=_initial(say, basis), fields=", ".join(names))
        for basis, names in fields.items()
    )


def _initial(say: Language, basis: Basis) -> str:
    word = basis_badge(say, basis).word
    return word[:1].upper() + word[1:]
