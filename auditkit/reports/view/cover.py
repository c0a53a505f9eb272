"""The cover: what this is about, how it came out, and who says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditkit.evidence import Evidence
from auditkit.reports.blocks import Badge, Fact
from auditkit.reports.language import Language
from auditkit.reports.options import Period
from auditkit.reports.text import instant, plain
from auditkit.reports.view.basis import mark
from auditkit.reports.view.context import Context
from auditkit.reports.view.criteria import past_review
from auditkit.reports.view.summary import verified_text
from auditkit.reports.wording import (
    NOT_AUTHENTICATED,
    OVERALL,
    READ_FROM_FILE,
    basis_badge,
    status_badge,
)
from auditkit.version import __version__


@dataclass(frozen=True, slots=True)
class Cover:
    """The first page. `head` and `manifest` also stand at the top of the following pages."""

    subject: str
    head: str
    manifest: str
    status: Badge
    sentence: str
    notices: tuple[str, ...]
    facts: tuple[Fact, ...]


def build_cover(say: Language, evidence: Evidence, contexts: Sequence[Context]) -> Cover:
    """Return the cover of a report about one run or several."""
    status = evidence.verdict.status
    chosen = contexts[0].options.period if contexts else None
    single = contexts[0] if len(contexts) == 1 and chosen is None else None
    return Cover(
        subject=_subject(say, contexts),
        head=_head(say, contexts),
        manifest=_manifest(say, single),
        status=status_badge(say, status),
        sentence=say(OVERALL[status]),
        notices=tuple(_notices(say, evidence, contexts)),
        facts=(
            *(identity_facts(single) if single else _several_facts(say, evidence)),
            *(_period_facts(say, chosen) if chosen else ()),
            *_framework_facts(say, contexts),
            Fact(say("Verified"), verified_text(say, evidence)),
            *_template_facts(say, contexts),
            Fact(say("Report made with"), f"auditkit {__version__}"),
        ),
    )


def identity_facts(context: Context) -> tuple[Fact, ...]:
    """Return what names a run; of an unauthenticated one only where it was and its digest."""
    return tuple(_identity(context))


def _notices(say: Language, evidence: Evidence, contexts: Sequence[Context]) -> Iterator[str]:
    if not evidence.verified_now:
        yield say(READ_FROM_FILE)
    if len(contexts) == 1 and contexts[0].statement is None and not contexts[0].several:
        yield say(NOT_AUTHENTICATED)
    options = contexts[0].options if contexts else None
    if options is not None:
        today = instant(options.generated_at).date()
        late = [each.pack.title for each in options.frameworks if past_review(each.pack, today)]
        if late:
            yield say(
                "The following packs of controls are past the day of their review: {names}.",
                names=plain(", ".join(late)),
            )


def chosen_text(say: Language, period: Period) -> str:
    """Return whose runs of which time a report is about."""
    project = plain(period.project, 100)
    start = say.moment(period.since) if period.since else ""
    end = say.moment(period.until) if period.until else ""
    if start and end:
        return say("{project}, {start} to {end}", project=project, start=start, end=end)
    if start:
        return say("{project}, since {start}", project=project, start=start)
    return say("{project}, until {end}", project=project, end=end) if end else project


def _period_facts(say: Language, period: Period) -> Iterator[Fact]:
    yield Fact(say("Asked for"), chosen_text(say, period))
    where = say("Registry") if period.logged else say("Evidence folder")
    yield Fact(where, plain(period.source, 300), "code")


def _identity(context: Context) -> Iterator[Fact]:
    say, run, statement = context.say, context.run, context.statement
    if statement is None:
        yield Fact(say("Evidence found at"), plain(run.verdict.source), "code")
        if run.manifest_digest is not None:
            label = say("SHA-256 of the payload, not authenticated")
            yield Fact(label, run.manifest_digest, "digest")
        return
    record, declared = statement.predicate.run, basis_badge(say, "declared")
    yield Fact(say("Run"), record.id, "code", mark(say, record, "/id"))
    yield Fact(say("Project"), plain(record.project), "text", declared)
    period = period_text(say, record.started_at, record.finished_at)
    yield Fact(say("Period"), period, "text", declared)
    yield Fact(say("Evidence"), plain(run.verdict.source), "code")
    if run.manifest_digest is not None:
        yield Fact(say("Manifest (SHA-256)"), run.manifest_digest, "digest")
    yield from _signed(context)


def _signed(context: Context) -> Iterator[Fact]:
    say, run = context.say, context.run
    if run.verdict.signers:
        yield Fact(say("Signed by"), plain(", ".join(run.verdict.signers)))
    if run.keyid is not None:
        yield Fact(say("Signed by key"), run.keyid, "digest")
    for each in run.verdict.approvals:
        if each.status == "passed":
            text = plain(f"{each.name} ({each.role}): {each.meaning}")
            yield Fact(say("Approved by"), text)


def _framework_facts(say: Language, contexts: Sequence[Context]) -> Iterator[Fact]:
    for each in contexts[0].options.frameworks if contexts else ():
        text = f"{plain(each.pack.title)}, {plain(each.pack.edition)}"
        yield Fact(say("Held against controls of"), text)


def _template_facts(say: Language, contexts: Sequence[Context]) -> Iterator[Fact]:
    templates = contexts[0].options.templates if contexts else None
    if templates is not None:
        yield Fact(say("With the team's own files"), plain(", ".join(templates.files)))


def _several_facts(say: Language, evidence: Evidence) -> Iterator[Fact]:
    records = [run.statement.predicate.run for run in evidence.runs if run.statement]
    starts = [each.started_at for each in records if each.started_at]
    ends = [each.finished_at for each in records if each.finished_at]
    yield Fact(say("Runs"), say.number(len(evidence.runs)))
    if records:
        declared = basis_badge(say, "declared")
        projects = sorted({each.project for each in records})
        yield Fact(say("Projects"), plain(", ".join(projects)), "text", declared)
        if starts or ends:
            period = period_text(say, min(starts, default=None), max(ends, default=None))
            yield Fact(say("Period"), period, "text", declared)


def period_text(say: Language, start: str | None, end: str | None) -> str:
    """Return a stretch of time with its length, as far as both ends are recorded."""
    if start is None or end is None:
        return say.moment(start or end or "") or say("not recorded")
    took = say.duration(start, end)
    text = say("{start} to {end}", start=say.moment(start), end=say.moment(end))
    return f"{text} ({took})" if took else text


def _subject(say: Language, contexts: Sequence[Context]) -> str:
    if contexts and contexts[0].options.period is not None:
        return chosen_text(say, contexts[0].options.period)
    if len(contexts) != 1:
        return say.count(len(contexts), "{number} run", "{number} runs")
    statement = contexts[0].statement
    if statement is None:
        return say("Evidence that was not authenticated")
    run = statement.predicate.run
    name = f", {plain(run.name, 100)}" if run.name else ""
    return f"{plain(run.project)}{name}"


def _head(say: Language, contexts: Sequence[Context]) -> str:
    if len(contexts) != 1 or contexts[0].several:
        return say.count(len(contexts), "{number} run", "{number} runs")
    statement = contexts[0].statement
    if statement is None:
        return say("Not authenticated")
    return say("Run {number}", number=statement.predicate.run.id)


def _manifest(say: Language, single: Context | None) -> str:
    if single is None or single.run.manifest_digest is None:
        return ""
    what = say("Payload") if single.statement is None else say("Manifest")
    return f"{what} sha256:{single.run.manifest_digest[:16]}…"
