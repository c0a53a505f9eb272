"""What a team adds to the pages: its logo, its colours, the wording of its assertion, sections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from auditkit.reports.sandbox import render_fragment
from auditkit.reports.templates import Templates
from auditkit.reports.text import plain
from auditkit.reports.view.outline import own_anchor


@dataclass(frozen=True, slots=True)
class OwnView:
    """Empty where a team adds nothing. `assertions` and `sections` are markup that was checked.

    `assertions` are in the order of the runs, empty for one that was not authenticated; `sections`
    stand beside the anchors of their headings.
    """

    logo: str | None
    logo_text: str
    accent: str | None
    accent_dark: str | None
    assertions: tuple[str, ...]
    sections: tuple[tuple[str, str], ...]


NONE = OwnView(None, "", None, None, (), ())


def own_view(templates: Templates | None, data: bytes) -> OwnView:
    """Return what the team's templates make of `data`, the report as JSON.

    Raises:
        RenderError: a template fails, or makes markup that is not allowed.
    """
    if templates is None:
        return NONE
    index = templates.index
    report = msgspec.json.decode(data) if index.assertion or index.sections else {"runs": []}
    return OwnView(
        logo=templates.logo,
        logo_text=plain(index.logo.text) if index.logo else "",
        accent=index.accent,
        accent_dark=index.accent_dark,
        assertions=_assertions(templates, report),
        sections=tuple(
            (own_anchor(number), _made(templates, each.template, report=report))
            for number, each in enumerate(index.sections, start=1)
        ),
    )


def _assertions(templates: Templates, report: Any) -> tuple[str, ...]:
    name = templates.index.assertion
    if name is None:
        return ()
    return tuple(
        _made(templates, name, report=report, run=run) if run["authenticated"] else ""
        for run in report["runs"]
    )


def _made(templates: Templates, name: str, **values: Any) -> str:
    return render_fragment(templates.text(name), name, values)
