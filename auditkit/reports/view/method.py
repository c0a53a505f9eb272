"""How the record was made and how it was checked: capture points, algorithms, extent, clocks."""

from __future__ import annotations

from collections.abc import Iterator

from auditkit.manifest.model import TrainingRun
from auditkit.reports.blocks import Fact, Quoted
from auditkit.reports.language import Language
from auditkit.reports.text import plain
from auditkit.reports.view.context import Context
from auditkit.reports.view.summary import verified_text
from auditkit.reports.wording import basis_badge, mode_text

MOST_WARNINGS = 20


def method_facts(context: Context) -> tuple[Fact, ...]:
    """Return how one run was recorded and verified."""
    statement = context.statement
    recorded = _recorded(context.say, statement.predicate) if statement else ()
    return (*recorded, *_verified(context))


def _recorded(say: Language, predicate: TrainingRun) -> Iterator[Fact]:
    capture = predicate.capture
    observed, declared = basis_badge(say, "observed"), basis_badge(say, "declared")
    method = {
        "command": say("by the command auditkit capture, after the run"),
        "api": say("by the training code, through auditkit's Python interface"),
        "wrapper": say("by auditkit run, around the training command"),
    }[capture.method]
    tool = f"{plain(capture.tool.name)} {plain(capture.tool.version)}"
    text = say("{method}, with {tool}", method=method, tool=tool)
    yield Fact(say("Recorded"), text, "text", observed)
    yield Fact(say("Recorded at"), say.moment(capture.created_at), "text", declared)
    yield Fact(say("Inputs were read"), inputs_read(say, predicate), "text", observed)
    yield Fact(
        say("Digests"), say("SHA-256 of every file; roots over sorted lists"), "text", observed
    )
    content = sorted({each.content.kind for each in predicate.datasets if each.content})
    if content:
        text = say("of table rows, in blocks ({kinds})", kinds=", ".join(content))
        yield Fact(say("Content digests"), text, "text", observed)
    for warning in capture.warnings[:MOST_WARNINGS]:
        yield Fact(say("Warning at capture"), Quoted(plain(warning)), "text", observed)


def inputs_read(say: Language, predicate: TrainingRun) -> str:
    """Return when inputs were read, relative to the run."""
    return {
        "before-run": say("before the run"),
        "during-run": say("while the run was going on"),
        "after-run": say("after the run"),
    }[predicate.capture.inputs_read]


def _verified(context: Context) -> Iterator[Fact]:
    say, verdict = context.say, context.evidence.verdict
    observed = basis_badge(say, "observed")
    yield Fact(say("Verified"), verified_text(say, context.evidence), "text", observed)
    yield Fact(say("Extent"), mode_text(say, verdict.mode), "text", observed)
    if verdict.trust.algorithm:
        algorithm = plain(verdict.trust.algorithm, 40)
        yield Fact(say("Signature algorithm"), algorithm, "text", observed)
    yield Fact(
        say("Clocks"),
        say(
            "Times in the manifest are by the recording machine, the time of verification by the "
            "verifying one. Only a time stamp proves a time, and only that something existed by "
            "then."
        ),
    )
