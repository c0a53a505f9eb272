"""Chain of custody: what happened when, on whose word, and where nothing is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditkit.manifest.model import Basis, TrainingRun
from auditkit.reports.blocks import Column, Event, Fact, Table
from auditkit.reports.language import Language
from auditkit.reports.text import instant, parse_time, plain
from auditkit.reports.view.context import Context
from auditkit.reports.wording import basis_badge

MOST_PARENTS = 60


@dataclass(frozen=True, slots=True)
class _Moment:
    at: str
    what: str
    clock: str
    basis: Basis


def timeline(context: Context) -> tuple[Event, ...]:
    """Return what is known to have happened, in order, with the time from one to the next."""
    say = context.say
    found = [each for each in _moments(context) if parse_time(each.at) is not None]
    found.sort(key=lambda each: instant(each.at))
    before = [None, *(each.at for each in found)]
    return tuple(
        Event(
            when=say.moment(each.at),
            what=each.what,
            clock=each.clock,
            basis=basis_badge(say, each.basis),
            after=_after(say, earlier, each.at),
        )
        for each, earlier in zip(found, before, strict=False)
    )


def _after(say: Language, earlier: str | None, at: str) -> str:
    passed = say.duration(earlier, at) if earlier else None
    return say("{duration} later", duration=passed) if passed else ""


def _moments(context: Context) -> Iterator[_Moment]:
    say = context.say
    if context.statement is not None:
        yield from _recorded(say, context.statement.predicate)
    for stamp in context.run.verdict.timestamps:
        if stamp.at is not None and stamp.status == "passed":
            yield _Moment(
                stamp.at,
                say("The signature of {signer} existed by now", signer=plain(stamp.signer, 200)),
                say("proven by {name}", name=plain(stamp.authority or "", 200)),
                "observed",
            )
    for approval in context.run.verdict.approvals:
        yield _Moment(
            approval.approved_at,
            say("Approved by {name}", name=plain(f"{approval.name}, {approval.role}", 200)),
            say("the approver's own clock"),
            "declared",
        )
    yield _Moment(
        context.evidence.verdict.verified_at,
        say("Verified"),
        say("the verifying machine's clock"),
        "observed",
    )
    yield _Moment(
        context.options.generated_at,
        say("This report was made"),
        say("the clock of the machine that made it"),
        "observed",
    )


def _recorded(say: Language, predicate: TrainingRun) -> Iterator[_Moment]:
    clock, run = say("the recording machine's clock"), predicate.run
    reads = sorted({each.read_at for each in predicate.datasets if each.role != "output"})
    if reads:
        yield _Moment(reads[0], say("Inputs were read and hashed"), clock, "declared")
    if run.started_at is not None:
        yield _Moment(run.started_at, say("The run started"), clock, "declared")
    if run.finished_at is not None:
        yield _Moment(run.finished_at, say("The run ended"), clock, "declared")
    yield _Moment(predicate.capture.created_at, say("The manifest was made"), clock, "declared")


def gaps(context: Context) -> tuple[str, ...]:
    """Return where the chain has nothing to show, one sentence each."""
    return tuple(_gaps(context))


def _gaps(context: Context) -> Iterator[str]:
    say, verdict = context.say, context.run.verdict
    if not any(each.status == "passed" for each in verdict.timestamps):
        yield say(
            "No time stamp was checked: when it ran and was signed rests on a machine's own clock."
        )
    if not _passed(context, "log.conflict"):
        yield say("No log was checked: that this record is the only one of its run is not shown.")
    if context.statement is None:
        yield say("The manifest was not authenticated: what happened before is not known.")
        return
    predicate = context.statement.predicate
    graph = context.run.lineage
    if not predicate.lineage.parents and (graph is None or len(graph.runs) < 2):
        yield say(
            "The manifest names no earlier run: where inputs came from is what the team says."
        )
    elif predicate.lineage.parents and not _passed(context, "lineage"):
        yield say("Earlier runs are named and were not checked.")
    if predicate.capture.inputs_read != "before-run":
        yield say("Inputs were not read before the run: a change in between would not show.")
    yield say(
        "Between these times nothing was observed; that data is as recorded now does not show that "
        "it was so all the time."
    )


def _passed(context: Context, check: str) -> bool:
    return any(
        each.status == "passed" and check in {each.check, each.check.partition(".")[0]}
        for each in context.run.verdict.findings
    )


def signer_facts(context: Context) -> tuple[Fact, ...]:
    """Return who signed this manifest, and the state of the log that it was found in."""
    say, run = context.say, context.run
    facts = []
    if run.verdict.signers:
        names = plain(", ".join(run.verdict.signers), 600)
        facts.append(Fact(say("Signed by"), names, "text", basis_badge(say, "observed")))
    if run.keyid is not None:
        facts.append(Fact(say("Key"), run.keyid, "digest", basis_badge(say, "observed")))
    if run.manifest_digest is not None:
        label = say("Manifest (SHA-256)")
        facts.append(Fact(label, run.manifest_digest, "digest", basis_badge(say, "observed")))
    return (*facts, *log_facts(context))


def log_facts(context: Context) -> Iterator[Fact]:
    """Yield the checkpoint that the next verification begins with."""
    say, checkpoint = context.say, context.run.verdict.checkpoint
    if checkpoint is None:
        return
    seen = basis_badge(say, "observed")
    yield Fact(say("Log"), plain(checkpoint.origin, 300), "text", seen)
    yield Fact(say("Entries in the log"), say.number(checkpoint.size), "text", seen)
    yield Fact(say("Root of the log (SHA-256)"), checkpoint.root, "digest", seen)
    if checkpoint.cosigners:
        names = plain(", ".join(checkpoint.cosigners), 600)
        yield Fact(say("Log cosigned by"), names, "text", seen)
    for stamp in checkpoint.stamps:
        proven = say(
            "{time}, proven by {name}",
            time=say.moment(stamp.at),
            name=plain(stamp.authority, 200),
        )
        yield Fact(say("This state of the log existed by"), proven, "text", seen)


def parents_table(context: Context) -> Table:
    """Return the earlier runs that the manifest names."""
    say = context.say
    parents = context.statement.predicate.lineage.parents if context.statement else ()
    shown = parents[:MOST_PARENTS]
    graph = context.run.lineage
    drawn = graph is not None and len(graph.runs) > 1
    note = say("{shown} runs; the manifest has them all.", shown=say.of(len(shown), len(parents)))
    return Table(
        caption=say("Earlier runs that the manifest names"),
        columns=(Column(say("Run"), 40, "code"), Column(say("Manifest (SHA-256)"), 60, "digest")),
        rows=tuple((each.run, each.manifest) for each in shown),
        empty=say("None. The drawing shows those found by equal content.")
        if drawn
        else say("None noted."),
        note=note if len(parents) > len(shown) else "",
        basis=basis_badge(say, parents[0].basis) if parents else None,
    )
