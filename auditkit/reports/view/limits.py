"""What is caught and what is not, each with this report's own answer; and what users must do."""

from __future__ import annotations

from collections.abc import Iterator

from auditkit.findings import Trust
from auditkit.reports.blocks import Cell, Column, Table
from auditkit.reports.language import Language
from auditkit.reports.tally import judged, totals
from auditkit.reports.text import plain, short
from auditkit.reports.view.context import Context
from auditkit.reports.view.method import inputs_read
from auditkit.reports.wording import trust_source

MOST_NAMES = 6


def limits_table(context: Context) -> Table:
    """Return what an attacker or a mishap can do, what comes of it, and what holds here."""
    say = context.say
    return Table(
        caption=say("What is caught, and what is not"),
        columns=(
            Column(say("If this happens"), 26),
            Column(say("Then"), 37),
            Column(say("In this report"), 37),
        ),
        rows=(*_caught(context), *_stolen(context), *_undetectable(context)),
        empty="",
    )


def _caught(context: Context) -> Iterator[tuple[Cell, ...]]:
    say = context.say
    yield (
        say("Stored bytes rot or are edited"),
        say(
            "Caught, and located to the file, wherever the bytes are re-read in full; in tables "
            "with a content digest to column and rows."
        ),
        _reread(context),
    )
    yield (
        say("Data is swapped and the manifest signed again with another key"),
        say("Caught where the verifier brings the right key from elsewhere."),
        keys_text(say, context.evidence.verdict.trust),
    )
    yield (
        say("Somebody without keys can write where data and evidence are stored"),
        say(
            "Edits are caught and lost data is reported. A whole run that disappears is noticed "
            "only with a log and a checkpoint of it that was kept elsewhere."
        ),
        _logged(context),
    )


def _stolen(context: Context) -> Iterator[tuple[Cell, ...]]:
    say = context.say
    yield (
        say("The signing key is stolen"),
        say(
            "The thief can sign lies about new runs, and date them at will. What was time-stamped "
            "or logged before stays safe."
        ),
        _timed(context),
    )
    yield (
        say("Somebody holds the key of the log and can write where it is stored"),
        say("Whatever came after the last checkpoint that is held elsewhere can be rewritten."),
        _checkpoint(context),
    )


def _undetectable(context: Context) -> Iterator[tuple[Cell, ...]]:
    say = context.say
    yield (
        say("Data is swapped before it is recorded"),
        say("Not detectable from the evidence. Reading inputs before the run narrows the gap."),
        _before(context),
    )
    runs = say.count(len(context.evidence.runs), "{number} run", "{number} runs")
    yield (
        say("A run is never recorded"),
        say("Not detectable."),
        say("This report is about {runs} and no other.", runs=runs),
    )
    yield (
        say("Something declared is untrue"),
        say("Not caught. A signature shows who said it, not that it is so."),
        say("Declared statements are marked ○, here and in black and white."),
    )


def _reread(context: Context) -> str:
    say = context.say
    if context.statement is None:
        return say("Nothing was re-read: the manifest was not authenticated.")
    whole = totals(verdict for _, verdict in judged(context.run))
    count = say.of(whole.datasets_in_full, whole.datasets)
    text = say("{count} data sets were re-read in full.", count=count)
    if whole.datasets_in_full == whole.datasets:
        return text
    rest = say("About bytes that were not re-read nothing is known.")
    return f"{text} {rest}"


def keys_text(say: Language, trust: Trust) -> str:
    """Return whose signatures count in this report."""
    source = trust_source(say, trust.source)
    if trust.kind == "policy":
        names = [
            plain(each.name, 80) for each in trust.signers if "training-run" in each.statements
        ]
        shown = ", ".join(names[:MOST_NAMES]) + (" …" if len(names) > MOST_NAMES else "")
        if shown:
            return say(
                "Only signers of the trust policy count, {source}. They control the keys: {names}.",
                source=source,
                names=shown,
            )
        return say("Only signers of the trust policy count, {source}.", source=source)
    if trust.kind == "none" or trust.keyid is None:
        return say("Not caught: no key was given.")
    key = plain(short(trust.keyid))
    return say(
        "Only key {key}… was accepted, {source}. Who controls it, the verdict does not know.",
        key=key,
        source=source,
    )


def _logged(context: Context) -> str:
    say = context.say
    if _passed(context, "log.inclusion"):
        return say("The manifest is in a log; see the findings of step 5.")
    return say("No log was checked, so this report cannot show that a run is absent.")


def _checkpoint(context: Context) -> str:
    say = context.say
    if _passed(context, "log.inclusion"):
        return say(
            "Keep this report elsewhere: what it says of the log can be held against it later."
        )
    return say("No checkpoint of a log was held.")


def _timed(context: Context) -> str:
    say = context.say
    if _passed(context, "log.inclusion") or _passed(context, "timestamp"):
        return say("A log entry or a time stamp was checked; see the chain of custody.")
    return say("No time stamp and no log entry was checked: when it was signed is not shown.")


def _before(context: Context) -> str:
    say = context.say
    if context.statement is None:
        return say("Not known: the manifest was not authenticated.")
    when = inputs_read(say, context.statement.predicate)
    return say("Inputs were read {when}; an earlier swap would not show.", when=when)


def _passed(context: Context, check: str) -> bool:
    return any(
        each.status == "passed" and check in {each.check, each.check.partition(".")[0]}
        for each in context.run.verdict.findings
    )


def duties_table(say: Language) -> Table:
    """Return what those who use auditkit have to do themselves, or a report is worth little."""
    return Table(
        caption=say("What those who rely on this must do themselves"),
        columns=(Column(say("What to do"), 46), Column(say("Because otherwise"), 54)),
        rows=(
            (
                say("Keep signing keys where only their holder can use them"),
                say("whoever has the key can sign as its holder."),
            ),
            (
                say("Obtain public keys by another way than the evidence"),
                say("a signature shows only that the holder of some key signed."),
            ),
            (
                say("Capture every run, as a step that cannot be left out"),
                say("what is not recorded does not show."),
            ),
            (
                say("Keep data, evidence and keys to read them for the whole period"),
                say("nothing can be verified without the data."),
            ),
            (
                say("Verify again from time to time, and file each verdict"),
                say("loss is found only on the day that somebody needs the data."),
            ),
            (
                say("Review trust policies and packs of controls"),
                say("people leave, keys leak, and laws change."),
            ),
            (
                say("Follow what becomes of algorithms and formats"),
                say(
                    "a signature of today may not be one in ten years; stamp it again before that."
                ),
            ),
        ),
        empty="",
    )
