"""The run itself, its code and its environment, as labelled facts."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from auditkit.manifest.model import CiJob, Code, Container, Environment, Run, TrainingRun, Untracked
from auditkit.reports.blocks import Column, Fact, Table
from auditkit.reports.text import count, duration, exact_size, moment, number, plain, size
from auditkit.reports.view.basis import mark
from auditkit.reports.wording import BASIS

MOST_ROWS = 60

_READ = {
    "before-run": "before the run",
    "during-run": "while the run was going on",
    "after-run": "after the run",
}
_METHOD = {
    "command": "by the command auditkit capture, after the run",
    "api": "by the training code, through auditkit's Python interface",
    "wrapper": "by auditkit run, around the training command",
}
_CI = {
    "github-actions": "GitHub Actions",
    "gitlab-ci": "GitLab CI",
    "jenkins": "Jenkins",
}


def run_facts(predicate: TrainingRun) -> tuple[Fact, ...]:
    """Return what is recorded about the execution and about how the record was made."""
    return (
        *_execution(predicate.run),
        *(_ci(predicate.run.ci) if predicate.run.ci else ()),
        *_capture(predicate),
        *_declarations(predicate),
    )


def code_facts(code: Code) -> tuple[Fact, ...]:
    """Return what Git said about the code; without a repository, why there is none."""
    basis = BASIS[code.basis]
    if code.status == "absent":
        return (Fact("Repository", f"none: {plain(code.reason or 'not found')}", "text", basis),)
    pairs = (
        ("Commit", code.commit, "code"),
        ("Tree", code.tree, "code"),
        ("Branch", code.branch, "text"),
        ("Tags", ", ".join(code.tags), "text"),
        ("Remote", code.remote, "code"),
        ("Commit signature", _signature(code), "text"),
        ("Changes to tracked files", _changes(code), "text"),
        ("Untracked files", _untracked(code.untracked), "text"),
    )
    return tuple(
        Fact(label, plain(value), "code" if kind == "code" else "text", basis)
        for label, value, kind in pairs
        if value
    )


def environment_facts(environment: Environment) -> tuple[Fact, ...]:
    """Return the machine, the interpreter and where it ran."""
    return tuple(_environment(environment))


def lock_files_table(environment: Environment) -> Table:
    """Return the dependency lock files found in the project, by digest."""
    return Table(
        caption="Dependency lock files",
        columns=(
            Column("File", 28, "code"),
            Column("Tool", 10),
            Column("SHA-256", 62, "digest"),
        ),
        rows=tuple(
            (plain(each.path), each.tool, each.sha256)
            for each in environment.lock_files[:MOST_ROWS]
        ),
        empty="No lock file was found in the project.",
    )


def variables_table(environment: Environment) -> Table:
    """Return the recorded environment variables."""
    items = sorted(environment.variables.items())
    shown = items[:MOST_ROWS]
    rest = len(items) - len(shown)
    return Table(
        caption="Environment variables on the allow-list",
        columns=(Column("Name", 45, "code"), Column("Value", 55, "code")),
        rows=tuple((plain(name, 120), plain(value)) for name, value in shown),
        empty="No environment variable was recorded.",
        note=f"{number(rest)} more in the manifest." if rest else "",
    )


def _execution(run: Run) -> Iterator[Fact]:
    yield Fact("Run id", run.id, "code", mark(run, "/id"))
    yield Fact("Project", plain(run.project), "text", BASIS["declared"])
    if run.name is not None:
        yield Fact("Name", plain(run.name), "text", BASIS["declared"])
    yield Fact("Status of the run", run.status, "text", mark(run, "/status"))
    if run.started_at is not None:
        yield Fact("Started", moment(run.started_at), "text", mark(run, "/startedAt"))
    if run.finished_at is not None:
        took = duration(run.started_at, run.finished_at) if run.started_at else None
        text = f"{moment(run.finished_at)}{f', after {took}' if took else ''}"
        yield Fact("Finished", text, "text", mark(run, "/finishedAt"))
    if run.command:
        yield Fact("Command", plain(shlex.join(run.command)), "code", mark(run, "/command"))
    if run.exit_code is not None:
        signal = f", signal {plain(run.signal)}" if run.signal else ""
        yield Fact("Exit code", f"{run.exit_code}{signal}", "text", mark(run, "/exitCode"))
    if run.error is not None:
        text = f"{plain(run.error.type)}: {plain(run.error.message)}"
        yield Fact("Error", text, "text", mark(run, "/error"))
    if run.attempt is not None:
        yield Fact("Attempt", number(run.attempt), "text", mark(run, "/attempt"))


def _ci(job: CiJob) -> Iterator[Fact]:
    attempt = None if job.attempt is None else number(job.attempt)
    pairs = (
        ("CI", _CI[job.provider]),
        ("CI workflow", job.workflow),
        ("CI job", job.job),
        ("CI run", job.run_id),
        ("CI attempt", attempt),
        ("CI reference", job.ref),
        ("CI actor", job.actor),
        ("CI address", job.url),
    )
    for label, value in pairs:
        if value:
            kind = "code" if label == "CI address" else "text"
            yield Fact(label, plain(value), "code" if kind == "code" else "text", BASIS[job.basis])


def _capture(predicate: TrainingRun) -> Iterator[Fact]:
    capture = predicate.capture
    tool = f"{plain(capture.tool.name)} {plain(capture.tool.version)}"
    yield Fact("Recorded", f"{_METHOD[capture.method]}, with {tool}", "text", BASIS["observed"])
    yield Fact("Recorded at", moment(capture.created_at), "text", BASIS["declared"])
    yield Fact("Inputs were read", _READ[capture.inputs_read], "text", BASIS["observed"])
    for parent in predicate.lineage.parents[:MOST_ROWS]:
        text = f"{parent.run}, manifest {parent.manifest}"
        yield Fact("Builds on run", text, "code", BASIS[parent.basis])
    for warning in capture.warnings[:20]:
        yield Fact("Warning", plain(warning), "text", BASIS["observed"])


def _declarations(predicate: TrainingRun) -> Iterator[Fact]:
    declared = predicate.declarations
    if declared is None:
        return
    pairs = (
        ("Purpose", declared.purpose),
        ("Owner", declared.owner),
        ("Contact", declared.contact),
        ("Notes", declared.notes),
    )
    for label, value in pairs:
        if value is not None:
            yield Fact(label, plain(value), "text", BASIS[declared.basis])


def _signature(code: Code) -> str | None:
    if code.signature is None:
        return None
    if not code.signature.present:
        return "none"
    return f"present ({code.signature.kind or 'unknown'}); its validity was not checked"


def _changes(code: Code) -> str | None:
    if code.patch is None:
        return {True: "yes", False: "none", None: None}[code.dirty]
    names = ", ".join(code.patch.files[:10])
    kept = "kept beside the manifest" if code.patch.diff else f"not kept: {code.patch.omitted}"
    return f"{count(len(code.patch.files), 'file')} ({names}); the patch is {kept}"


def _untracked(untracked: Untracked | None) -> str | None:
    if untracked is None:
        return None
    if untracked.files == 0:
        return "none"
    return f"{count(untracked.files, 'file')}, {size(untracked.bytes)}; contents are not kept"


def _environment(environment: Environment) -> Iterator[Fact]:
    basis, system, cpu = BASIS[environment.basis], environment.os, environment.cpu
    python = f"{plain(environment.python.implementation)} {plain(environment.python.version)}"
    yield Fact("Python", python, "text", basis)
    parts = (system.distribution, f"{system.system} {system.release}", system.machine, system.libc)
    yield Fact("Operating system", plain(", ".join(filter(None, parts))), "text", basis)
    model = f"{plain(cpu.model)}, " if cpu.model else ""
    yield Fact("Processor", f"{model}{count(cpu.cores, 'core')} usable", "text", basis)
    if environment.memory_bytes is not None:
        yield Fact("Memory", exact_size(environment.memory_bytes), "text", basis)
    for gpu in environment.gpus[:MOST_ROWS]:
        memory = "" if gpu.memory_bytes is None else f", {size(gpu.memory_bytes)}"
        yield Fact("GPU", f"{plain(gpu.name)}{memory}, driver {plain(gpu.driver)}", "text", basis)
    if not environment.gpus:
        yield Fact("GPU", "none seen", "text", basis)
    if environment.container is not None:
        yield from _container(environment.container)


def _container(container: Container) -> Iterator[Fact]:
    image, digest = plain(container.image or "not known"), container.digest
    yield Fact("Container image", image, "code", BASIS[container.basis])
    if digest is not None:
        yield Fact("Image digest", plain(digest), "digest", BASIS[container.basis])
    if container.runtime is not None:
        yield Fact("Container runtime", plain(container.runtime), "text", BASIS[container.basis])
