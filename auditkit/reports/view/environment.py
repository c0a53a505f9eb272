"""The machine, the interpreter and its packages, as labelled facts and tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditkit.evidence import RunEvidence
from auditkit.manifest.model import Container, Environment
from auditkit.reports.blocks import Badge, Column, Fact, Table
from auditkit.reports.language import Language
from auditkit.reports.text import plain
from auditkit.reports.wording import basis_badge

MOST_ROWS = 60
MOST_PACKAGES = 300


@dataclass(frozen=True, slots=True)
class PackagesView:
    """Installed packages as (name, version), how they came about, and what is left out."""

    shown: tuple[tuple[str, str], ...]
    note: str
    basis: Badge


def environment_facts(say: Language, environment: Environment) -> tuple[Fact, ...]:
    """Return the machine, the interpreter and where it ran."""
    return (*_machine(say, environment), *_gpus(say, environment), *_contained(say, environment))


def packages_view(say: Language, run: RunEvidence, environment: Environment) -> PackagesView:
    """Return the recorded distributions, at most 300."""
    shown = run.packages[:MOST_PACKAGES]
    rest = len(run.packages) - len(shown)
    note = say("{number} more in the attached list.", number=say.number(rest))
    return PackagesView(
        shown=tuple((plain(name, 80), plain(version, 40)) for name, version in shown),
        note=note if rest else "",
        basis=basis_badge(say, environment.basis),
    )


def lock_files_table(say: Language, environment: Environment) -> Table:
    """Return the dependency lock files found in the project, by digest."""
    return Table(
        caption=say("Dependency lock files"),
        columns=(
            Column(say("File"), 28, "code"),
            Column(say("Tool"), 10),
            Column("SHA-256", 62, "digest"),
        ),
        rows=tuple(
            (plain(each.path), each.tool, each.sha256)
            for each in environment.lock_files[:MOST_ROWS]
        ),
        empty=say("No lock file was found in the project."),
        basis=basis_badge(say, environment.basis),
    )


def variables_table(say: Language, environment: Environment) -> Table:
    """Return the recorded environment variables."""
    items = sorted(environment.variables.items())
    shown = items[:MOST_ROWS]
    rest = len(items) - len(shown)
    note = say("{number} more in the manifest.", number=say.number(rest))
    return Table(
        caption=say("Environment variables on the allow-list"),
        columns=(Column(say("Name"), 45, "code"), Column(say("Value"), 55, "code")),
        rows=tuple((plain(name, 120), plain(value)) for name, value in shown),
        empty=say("No environment variable was recorded."),
        note=note if rest else "",
        basis=basis_badge(say, environment.basis),
    )


def _machine(say: Language, environment: Environment) -> Iterator[Fact]:
    basis, system, cpu = basis_badge(say, environment.basis), environment.os, environment.cpu
    python = f"{plain(environment.python.implementation)} {plain(environment.python.version)}"
    yield Fact("Python", python, "text", basis)
    parts = (system.distribution, f"{system.system} {system.release}", system.machine, system.libc)
    yield Fact(say("Operating system"), plain(", ".join(filter(None, parts))), "text", basis)
    cores = say.count(cpu.cores, "{number} core usable", "{number} cores usable")
    model = f"{plain(cpu.model)}, " if cpu.model else ""
    yield Fact(say("Processor"), f"{model}{cores}", "text", basis)
    if environment.memory_bytes is not None:
        yield Fact(say("Memory"), say.exact_size(environment.memory_bytes), "text", basis)


def _gpus(say: Language, environment: Environment) -> Iterator[Fact]:
    basis = basis_badge(say, environment.basis)
    for gpu in environment.gpus[:MOST_ROWS]:
        memory = "" if gpu.memory_bytes is None else f", {say.size(gpu.memory_bytes)}"
        driver = say("driver {version}", version=plain(gpu.driver))
        yield Fact("GPU", f"{plain(gpu.name)}{memory}, {driver}", "text", basis)
    if not environment.gpus:
        yield Fact("GPU", say("none seen"), "text", basis)


def _contained(say: Language, environment: Environment) -> Iterator[Fact]:
    container: Container | None = environment.container
    if container is None:
        return
    basis = basis_badge(say, container.basis)
    image = plain(container.image) if container.image else say("not known")
    yield Fact(say("Container image"), image, "code", basis)
    if container.digest is not None:
        yield Fact(say("Image digest"), plain(container.digest), "digest", basis)
    if container.runtime is not None:
        yield Fact(say("Container runtime"), plain(container.runtime), "text", basis)
