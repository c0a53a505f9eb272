"""The verdict as Markdown, for the summary page of a CI job (GitHub Flavored Markdown).

Whatever comes from evidence stands in code spans, where nothing is interpreted: no markup, link,
mention or reference. The two characters that could end a span or a table cell are written as
their code points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from auditkit.findings import DatasetVerdict, Finding, TargetVerdict, Verdict
from auditkit.reports.language import Language
from auditkit.reports.tally import STATUS_ORDER, by_status, within
from auditkit.reports.text import NOTHING, escaped, plain
from auditkit.reports.view.findings import check_name, place
from auditkit.reports.wording import (
    OVERALL,
    READ_FROM_FILE,
    TITLE,
    condition_badge,
    status_badge,
    trust_text,
)

MOST_RUNS: Final = 100
MOST_EXCEPTIONS: Final = 20
MOST_DATASETS: Final = 50
LONGEST: Final = 160


def render_markdown(verdict: Verdict, say: Language, *, verified_now: bool = True) -> bytes:
    """Return the outcome, the exceptions and what was re-read, as UTF-8 of bounded length."""
    return "\n\n".join(_blocks(verdict, say, verified_now)).encode() + b"\n"


def code(text: str) -> str:
    """Return text from strangers as a code span that nothing in it can leave."""
    shown = plain(text, LONGEST).strip()
    for mark in "`|":
        shown = shown.replace(mark, escaped(mark))
    return f"`{shown}`" if shown else NOTHING


def _blocks(verdict: Verdict, say: Language, verified_now: bool) -> Iterator[str]:
    status = status_badge(say, verdict.status)
    yield f"## {status.symbol} {say(TITLE)}: {status.word}"
    if not verified_now:
        yield f"> **{say(READ_FROM_FILE)}**"
    yield say(OVERALL[verdict.status])
    if len(verdict.targets) == 1:
        yield _identity(verdict.targets[0], say)
    else:
        yield from _runs(verdict.targets, say)
    yield from _exceptions(verdict.targets, say)
    yield from _datasets(verdict.targets, say)
    yield say("Trust") + ": " + code(trust_text(say, verdict.trust))


def _identity(target: TargetVerdict, say: Language) -> str:
    lines = [f"- {say('Evidence')}: {code(target.source)}"]
    if _is_authentic(target):
        lines.append(f"- {say('Run')}: {code(target.run or '')}")
        lines.append(f"- {say('Project')}: {code(target.project or '')}")
    if target.manifest is not None:
        lines.append(f"- {say('Manifest (SHA-256)')}: {code(target.manifest)}")
    if target.signers:
        lines.append(f"- {say('Signed by')}: {code(', '.join(target.signers))}")
    return "\n".join([*lines, f"- {say('Checks by outcome')}: {_counts(target, say)}"])


def _counts(target: TargetVerdict, say: Language) -> str:
    found = by_status(target.findings)
    total = len(target.findings)
    return ", ".join(
        f"{status_badge(say, status).word} {say.of(found[status], total)}"
        for status in STATUS_ORDER
        if found[status]
    )


def _runs(targets: tuple[TargetVerdict, ...], say: Language) -> Iterator[str]:
    worst = sorted(targets, key=lambda each: STATUS_ORDER.index(each.status))
    rows = [
        (
            _name(each),
            code(each.project or "") if _is_authentic(each) else say("not authenticated"),
            _outcome(say, each),
            say.number(len(_noted(each))),
        )
        for each in worst[:MOST_RUNS]
    ]
    titles = (say("Run"), say("Project"), say("Outcome"), say("Exceptions"))
    yield _table(titles, rows)
    yield from _left_out(len(targets) - len(rows), say)


def _exceptions(targets: tuple[TargetVerdict, ...], say: Language) -> Iterator[str]:
    found = [(target, each) for target in targets for each in _noted(target)]
    found.sort(key=lambda pair: STATUS_ORDER.index(pair[1].status))
    yield f"### {say('Exceptions')}"
    if not found:
        yield say("None noted.")
        return
    shown = found[:MOST_EXCEPTIONS]
    several = len(targets) != 1
    yield "\n".join(_exception(target if several else None, each, say) for target, each in shown)
    yield from _left_out(len(found) - len(shown), say)


def _exception(target: TargetVerdict | None, finding: Finding, say: Language) -> str:
    badge = status_badge(say, finding.status)
    subject = f"{code(check_name(finding))} {code(finding.subject)}"
    line = f"- {badge.symbol} {badge.word}: {subject}: {code(finding.detail)}"
    if finding.location is not None:
        line += f", {code(place(say, finding.location))}"
    return line if target is None else f"{line} ({_name(target)})"


def _datasets(targets: tuple[TargetVerdict, ...], say: Language) -> Iterator[str]:
    found = [(target, each) for target in targets for each in target.datasets]
    found.sort(key=lambda pair: STATUS_ORDER.index(pair[1].status))
    shown = found[:MOST_DATASETS]
    if not shown:
        return
    several = len(targets) != 1
    titles = (say("Data set"), say("Condition"), say("Files re-read"), say("Bytes re-read"))
    yield f"### {say('Data sets')}"
    yield _table(
        (*((say("Run"),) if several else ()), *titles),
        [(*((_name(target),) if several else ()), *_row(each, say)) for target, each in shown],
    )
    yield from _left_out(len(found) - len(shown), say)


def _row(dataset: DatasetVerdict, say: Language) -> tuple[str, ...]:
    badge = condition_badge(say, dataset.condition)
    covered = within(dataset.coverage)
    read = covered.mode == "full"
    return (
        f"{code(dataset.name)} ({code(dataset.role)})",
        f"{badge.symbol} {badge.word}",
        say.of(covered.files if read else 0, covered.files_total),
        say.of(covered.bytes if read else 0, covered.bytes_total),
    )


def _noted(target: TargetVerdict) -> list[Finding]:
    return [each for each in target.findings if each.status in ("failed", "indeterminate")]


def _outcome(say: Language, target: TargetVerdict) -> str:
    badge = status_badge(say, target.status)
    return f"{badge.symbol} {badge.word}"


def _is_authentic(target: TargetVerdict) -> bool:
    """Tell whether step 4 passed: it is only reached by what somebody trusted has signed."""
    return any(each.step == 4 and each.status == "passed" for each in target.findings)


def _name(target: TargetVerdict) -> str:
    known = target.run if _is_authentic(target) else None
    return code(known or target.source)


def _table(titles: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [titles, ("---",) * len(titles), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _left_out(rest: int, say: Language) -> Iterator[str]:
    if rest > 0:
        yield say("{number} more are not shown here.", number=say.number(rest))
