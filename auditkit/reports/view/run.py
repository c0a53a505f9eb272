"""The run itself and its code, as labelled facts."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from auditkit.manifest.model import CiJob, Code, Run, TrainingRun, Untracked
from auditkit.reports.blocks import Fact, Kind
from auditkit.reports.language import Language
from auditkit.reports.text import plain
from auditkit.reports.view.basis import mark
from auditkit.reports.wording import basis_badge

_CI = {
    "github-actions": "GitHub Actions",
    "gitlab-ci": "GitLab CI",
    "jenkins": "Jenkins",
}


def run_facts(say: Language, predicate: TrainingRun) -> tuple[Fact, ...]:
    """Return what is recorded about the execution."""
    run = predicate.run
    return (*_execution(say, run), *_ending(say, run), *(_ci(say, run.ci) if run.ci else ()))


def code_facts(say: Language, code: Code) -> tuple[Fact, ...]:
    """Return what Git said about the code; without a repository, why there is none."""
    basis = basis_badge(say, code.basis)
    if code.status == "absent":
        reason = plain(code.reason) if code.reason else say("not found")
        return (Fact(say("Repository"), say("none: {reason}", reason=reason), "text", basis),)
    signature, changes = _signature(say, code), _changes(say, code)
    untracked = _untracked(say, code.untracked)
    rows: tuple[tuple[str, str | None, Kind], ...] = (
        (say("Commit"), code.commit, "code"),
        (say("Tree"), code.tree, "code"),
        (say("Branch"), code.branch, "text"),
        (say("Tags"), ", ".join(code.tags), "text"),
        (say("Remote"), code.remote, "code"),
        (say("Commit signature"), signature, "text"),
        (say("Changes to tracked files"), changes, "text"),
        (say("Untracked files"), untracked, "text"),
    )
    return tuple(Fact(label, plain(value), kind, basis) for label, value, kind in rows if value)


def _execution(say: Language, run: Run) -> Iterator[Fact]:
    declared = basis_badge(say, "declared")
    yield Fact(say("Run id"), run.id, "code", mark(say, run, "/id"))
    yield Fact(say("Project"), plain(run.project), "text", declared)
    if run.name is not None:
        yield Fact(say("Name"), plain(run.name), "text", declared)
    status = {
        "completed": say("completed"),
        "failed": say("failed"),
        "interrupted": say("interrupted"),
    }[run.status]
    yield Fact(say("Status of the run"), status, "text", mark(say, run, "/status"))
    if run.started_at is not None:
        started = say.moment(run.started_at)
        yield Fact(say("Started"), started, "text", mark(say, run, "/startedAt"))
    if run.finished_at is not None:
        took = say.duration(run.started_at, run.finished_at) if run.started_at else None
        text = say.moment(run.finished_at)
        if took:
            text = say("{time}, after {duration}", time=text, duration=took)
        yield Fact(say("Finished"), text, "text", mark(say, run, "/finishedAt"))


def _ending(say: Language, run: Run) -> Iterator[Fact]:
    if run.command:
        command = plain(shlex.join(run.command))
        yield Fact(say("Command"), command, "code", mark(say, run, "/command"))
    if run.exit_code is not None:
        text = str(run.exit_code)
        if run.signal:
            text = say("{code}, signal {signal}", code=text, signal=plain(run.signal))
        yield Fact(say("Exit code"), text, "text", mark(say, run, "/exitCode"))
    if run.error is not None:
        text = f"{plain(run.error.type)}: {plain(run.error.message)}"
        yield Fact(say("Error"), text, "text", mark(say, run, "/error"))
    if run.attempt is not None:
        yield Fact(say("Attempt"), say.number(run.attempt), "text", mark(say, run, "/attempt"))


def _ci(say: Language, job: CiJob) -> Iterator[Fact]:
    basis = basis_badge(say, job.basis)
    rows: tuple[tuple[str, str | None, Kind], ...] = (
        ("CI", _CI[job.provider], "text"),
        (say("CI workflow"), job.workflow, "text"),
        (say("CI job"), job.job, "text"),
        (say("CI run"), job.run_id, "text"),
        (say("CI attempt"), None if job.attempt is None else say.number(job.attempt), "text"),
        (say("CI reference"), job.ref, "text"),
        (say("CI actor"), job.actor, "text"),
        (say("CI address"), job.url, "code"),
    )
    for label, value, kind in rows:
        if value:
            yield Fact(label, plain(value), kind, basis)


def _signature(say: Language, code: Code) -> str | None:
    if code.signature is None:
        return None
    if not code.signature.present:
        return say("none")
    kind = plain(code.signature.kind) if code.signature.kind else say("unknown")
    return say("present ({kind}); its validity was not checked", kind=kind)


def _changes(say: Language, code: Code) -> str | None:
    if code.patch is None:
        return {True: say("yes"), False: say("none"), None: None}[code.dirty]
    files = say.count(len(code.patch.files), "{number} file", "{number} files")
    names = plain(", ".join(code.patch.files[:10]))
    if code.patch.diff:
        return say(
            "{files} ({names}); the patch is kept beside the manifest", files=files, names=names
        )
    why = plain(str(code.patch.omitted))
    return say(
        "{files} ({names}); the patch was not kept: {why}", files=files, names=names, why=why
    )


def _untracked(say: Language, untracked: Untracked | None) -> str | None:
    if untracked is None:
        return None
    if untracked.files == 0:
        return say("none")
    files = say.count(untracked.files, "{number} file", "{number} files")
    size = say.size(untracked.bytes)
    return say("{files}, {size}; contents are not kept", files=files, size=size)
