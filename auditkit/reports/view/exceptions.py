"""Each exception in detail: condition, criterion, effect, owner, and room for the response."""

from __future__ import annotations

from collections.abc import Sequence

from auditkit.findings import Finding
from auditkit.reports.blocks import Blank, Cell, Column, Phrase, Quoted, Strong, Table
from auditkit.reports.language import Language
from auditkit.reports.tally import STATUS_ORDER, exceptions
from auditkit.reports.text import plain
from auditkit.reports.view.context import Context
from auditkit.reports.view.findings import Numbered, check_name, compared, numbered, where
from auditkit.reports.wording import status_badge

MOST = 40


def details_table(context: Context) -> Table:
    """Return what a responder needs to know about each exception, the worst first."""
    say = context.say
    by_identity = {id(each.finding): each for each in numbered(context)}
    found = [by_identity[id(each)] for each in exceptions(context.run)]
    note = say(
        "{shown} exceptions; the list of findings has the others.",
        shown=say.of(min(MOST, len(found)), len(found)),
    )
    return _table(say, [(each, each.reference) for each in found], note)


def details_of_all(say: Language, contexts: Sequence[Context]) -> Table:
    """Return the same for the exceptions of many runs together."""
    found = []
    for context in contexts:
        noted = {id(each) for each in exceptions(context.run)}
        found += [each for each in numbered(context) if id(each.finding) in noted]
    found.sort(key=lambda each: STATUS_ORDER.index(each.finding.status))
    note = say(
        "{shown} exceptions; the attached report has the others.",
        shown=say.of(min(MOST, len(found)), len(found)),
    )
    return _table(say, [(each, _where_listed(say, each)) for each in found], note)


def _where_listed(say: Language, each: Numbered) -> Cell:
    return (
        say("Run {number}", number=say.number(each.context.index)),
        say("Finding {number}", number=say.number(each.number)),
    )


def _table(say: Language, found: Sequence[tuple[Numbered, Cell]], note: str) -> Table:
    shown = found[:MOST]
    return Table(
        caption=say("Exceptions in detail"),
        columns=(
            Column(say("Finding"), 10),
            Column(say("Condition: what was found"), 35),
            Column(say("Criterion and effect"), 30),
            Column(say("Owner and response"), 25),
        ),
        rows=tuple(_row(each, reference) for each, reference in shown),
        empty=say("None noted."),
        note=note if len(found) > len(shown) else "",
    )


def _row(each: Numbered, reference: Cell) -> tuple[Cell, ...]:
    say, finding = each.context.say, each.finding
    return (
        reference,
        (
            status_badge(say, finding.status),
            Phrase((Strong(check_name(finding)), plain(finding.subject, 80))),
            Quoted(plain(finding.detail)),
            *where(say, finding),
            *compared(say, finding),
        ),
        (criterion(say, finding), effect(say, finding)),
        (_owner(each.context, finding), Blank(say("Response")), Blank(say("By whom, when"))),
    )


def criterion(say: Language, finding: Finding) -> str:
    """Return the rule that a finding was held against."""
    by_check = {
        "envelope": say("The bundle is whole and well-formed."),
        "signature": say("The signature holds over the stored bytes."),
        "signer": say("Somebody whom the verifier trusts signed."),
        "timestamp": say("A time stamp counts if a trusted authority made it."),
        "approval": say("The persons whom the policy asks for have approved."),
        "manifest": say("The payload is a valid manifest."),
        "log": say("The manifest is in a log, and the log is consistent."),
        "sidecar": say("Files beside the bundle have their signed digests."),
        "lineage": say("Earlier runs are there, signed, and match."),
        "code": say("The recorded commit is in the repository."),
        "erasure": say("Whoever attests an erasure may do so."),
        "dataset.files": say("The stored files are the recorded ones."),
        "dataset.bytes": say("The stored bytes have the recorded digests."),
        "dataset.schema": say("Columns have the recorded names and types."),
        "dataset.rows": say("The number of rows is the recorded one."),
        "dataset.content": say("The rows have the recorded values."),
    }
    check = finding.check.replace("output.", "dataset.")
    rule = by_check.get(check) or by_check.get(check.partition(".")[0])
    return rule or say("The check that is named.")


def effect(say: Language, finding: Finding) -> str:
    """Return what can no longer be relied on."""
    if finding.status == "indeterminate":
        return say("Nothing is known here, for better or for worse.")
    if finding.status == "skipped":
        return say("What was erased cannot be compared any more; the record of it stands.")
    if finding.step in (9, 10):
        return say("What is stored now is not what the run used or made; the record still stands.")
    if finding.step in (1, 2, 3, 4):
        return say("The record itself, or a demand of the policy on it, cannot be relied on.")
    if finding.step == 6:
        return say("Lists and details in that file cannot be relied on.")
    return say("This part of the chain of evidence is broken.")


def _owner(context: Context, finding: Finding) -> str:
    say = context.say
    contact = _contact(context, finding)
    if contact is None:
        return say("Owner: to be named")
    return say("Owner: {name} (○ declared)", name=plain(contact, 120))


def _contact(context: Context, finding: Finding) -> str | None:
    if context.statement is None:
        return None
    predicate = context.statement.predicate
    for each in predicate.datasets:
        if each.name == finding.subject and each.declared and each.declared.contact:
            return each.declared.contact
    stated = predicate.declarations
    return (stated.owner or stated.contact) if stated else None
