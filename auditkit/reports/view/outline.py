"""The order of the sections, and their numbers: sixteen parts, of which the cover is the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from auditkit.reports.blocks import Heading
from auditkit.reports.language import Language, message
from auditkit.reports.text import plain

_BEFORE: Final = (
    ("summary", message("Summary")),
    ("use", message("Addressee, intended use and restrictions")),
)
_SCOPE: Final = (
    ("scope", message("Scope and exclusions")),
    ("assertion", message("Assertion of the responsible party")),
)
_CRITERIA: Final = (("criteria", message("Criteria")),)
_RESULTS: Final = (
    ("method", message("Method")),
    ("datasets", message("Results per data set")),
    ("exceptions", message("Exceptions")),
    ("controls", message("Control mapping")),
    ("custody", message("Lineage and chain of custody")),
    ("basis", message("Observed, declared or derived")),
    ("limits", message("What is caught, and what is not")),
)
_SIGNOFF: Final = (("signoff", message("Sign-off")),)
_VERIFY: Final = (("verify", message("How to verify independently")),)
_APPENDICES: Final = ("appendices", message("Appendices"))
_RUN_APPENDICES: Final = (
    ("environment", message("Run, code and environment")),
    ("experiment", message("Splits, parameters and metrics")),
    ("findings", message("All findings")),
    ("files", message("File digests")),
    ("retention", message("Legal status and retention")),
    ("additions", message("Changes to the evidence")),
)
_PERIOD: Final = (
    *_BEFORE,
    ("period_runs", message("The runs of the period")),
    ("period_exceptions", message("Exceptions")),
    ("criteria", message("Criteria")),
    ("period_datasets", message("Data sets over the period")),
    ("period_controls", message("Control mapping")),
    ("period_people", message("Signatures, approvals and the log")),
    ("period_limits", message("What is caught, and what is not")),
)
_PERIOD_END: Final = (
    ("period_verify", message("How to verify independently")),
    _APPENDICES,
)
_REPORT_APPENDICES: Final = (
    ("attachments", message("Attached files")),
    ("glossary", message("Glossary")),
)

Section = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Headings of one part of the report, in their order.

    `index` is that of the run they are about, from 1, or 0 for none in particular; `heading` is
    that of the chapter, None where the sections stand at the top.
    """

    index: int
    heading: Heading | None
    sections: tuple[Heading, ...]


def own_anchor(number: int) -> str:
    """Return where a team's own section stands, counted from 1."""
    return f"own-{number}"


def outline(say: Language, labels: Sequence[str], own: Sequence[str] = ()) -> tuple[Chapter, ...]:
    """Return the chapters of a report about runs with these labels.

    `own` are the titles of a team's own sections, which come before the sign-off.
    """
    if len(labels) == 1:
        top = (*_BEFORE, *_SCOPE, *_CRITERIA, *_RESULTS)
        end = (*_SIGNOFF, *_VERIFY, _APPENDICES)
        appendices = (*_RUN_APPENDICES, *_REPORT_APPENDICES)
        first = len(top) + 1
        headings = (
            *_numbered(say, top, 1),
            *_own(own, first),
            *_numbered(say, end, first + len(own)),
            *_lettered(say, appendices),
        )
        return (Chapter(1, None, headings),)
    before = (*_BEFORE, *_CRITERIA)
    first = len(before) + 1
    runs = tuple(
        _chapter(say, index, first + index - 1, label)
        for index, label in enumerate(labels, start=1)
    )
    after = (*_SIGNOFF, _APPENDICES)
    next_ = first + len(labels)
    last = (*_own(own, next_), *_numbered(say, after, next_ + len(own)))
    return (
        Chapter(0, None, _numbered(say, before, 1)),
        *runs,
        Chapter(0, None, (*last, *_lettered(say, _REPORT_APPENDICES))),
    )


def contents(chapters: Sequence[Chapter]) -> tuple[Heading, ...]:
    """Return what a table of contents lists: of a chapter its heading alone."""
    found: list[Heading] = []
    for each in chapters:
        found += (each.heading,) if each.heading else each.sections
    return tuple(found)


def period_outline(say: Language, own: Sequence[str] = ()) -> tuple[Chapter, ...]:
    """Return the one chapter of a report about all runs of a period."""
    first = len(_PERIOD) + 1
    headings = (
        *_numbered(say, _PERIOD, 1),
        *_own(own, first),
        *_numbered(say, (*_SIGNOFF, *_PERIOD_END), first + len(own)),
        *_lettered(say, _REPORT_APPENDICES),
    )
    return (Chapter(0, None, headings),)


def _chapter(say: Language, index: int, number: int, label: str) -> Chapter:
    title = say("Run {number}: {label}", number=say.number(index), label=label)
    heading = Heading("run", str(number), title, f"run-{index}", 2)
    sections = (*_SCOPE, *_RESULTS, *_VERIFY, *_RUN_APPENDICES)
    return Chapter(
        index,
        heading,
        tuple(
            Heading(key, f"{number}.{place}", say(title), f"run-{index}-{key}", 3)
            for place, (key, title) in enumerate(sections, start=1)
        ),
    )


def _numbered(say: Language, sections: Sequence[Section], first: int) -> tuple[Heading, ...]:
    return tuple(
        Heading(key, str(number), say(title), key, 2)
        for number, (key, title) in enumerate(sections, start=first)
    )


def _own(titles: Sequence[str], first: int) -> tuple[Heading, ...]:
    return tuple(
        Heading("own", str(first + place), plain(title, 100), own_anchor(place + 1), 2)
        for place, title in enumerate(titles)
    )


def _lettered(say: Language, sections: Sequence[Section]) -> tuple[Heading, ...]:
    return tuple(
        Heading(key, chr(ord("A") + place), say(title), key, 3)
        for place, (key, title) in enumerate(sections)
    )
