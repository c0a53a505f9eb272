"""Packs, controls and outcomes as people read them on a terminal."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from auditkit.cli.output import plain
from auditkit.controls.assess import OUTCOMES, Outcome
from auditkit.controls.data import FrameworkResult
from auditkit.controls.facts import Fact, kind_of
from auditkit.controls.pack import Control, Pack, Retention

if TYPE_CHECKING:
    from rich.console import Console

    from auditkit.evidence import Evidence

_STYLE: dict[Outcome, str] = {
    "supported": "green",
    "partial": "yellow",
    "not-evidenced": "bold",
    "not-applicable": "dim",
}
NOTICE = (
    "Evidence relevant to these controls, in our own words; not legal advice. Whether a "
    "requirement is met is for people to judge."
)


def draw_packs(console: Console, packs: Sequence[Pack], today: dt.date) -> None:
    """Print one line per pack."""
    for pack in packs:
        review = f"review by {pack.review_by}"
        if pack.review_by < today:
            review = f"PAST ITS REVIEW ({pack.review_by})"
        console.print(
            f"{plain(pack.id):<20} {plain(pack.title)}, {plain(pack.edition)}: "
            f"{len(pack.controls)} controls, {pack.legal_status}, {review}",
            markup=False,
        )


def draw_pack(console: Console, pack: Pack, today: dt.date) -> None:
    """Print a pack's head and its controls."""
    draw_packs(console, (pack,), today)
    console.print(f"{plain(pack.document)} ({plain(pack.source)})", markup=False)
    if pack.note:
        console.print(plain(pack.note), markup=False)
    console.print(NOTICE + "\n", style="dim", markup=False)
    for control in pack.controls:
        console.print(f"{plain(control.id)}: {plain(control.title)}", markup=False)


def draw_control(console: Console, pack: Pack, control: Control, today: dt.date) -> None:
    """Print everything that a pack says of one control."""
    console.print(f"{plain(control.id)}: {plain(control.title)}", style="bold", markup=False)
    console.print(f"{plain(pack.document)}, {plain(pack.edition)}", markup=False)
    facts = ", ".join(_fact(fact) for fact in control.evidence) or "none in a training manifest"
    applies = "; ".join(f"{each.date} {each.what}" for each in pack.applies_to(control))
    review = f"{pack.review_of(control)}{', which is past' * pack.past_review(control, today)}"
    for label, text in (
        ("paraphrase", control.paraphrase),
        ("evidence", facts),
        ("reaches", f"the {control.reach} of it" if control.evidence else None),
        ("cannot show", control.cannot_evidence),
        ("source", control.source),
        ("legal status", pack.legal_status_of(control)),
        ("applies from", applies),
        ("retention", retention_text(pack.retention_of(control))),
        ("review by", review),
        ("note", control.note),
    ):
        if text:
            console.print(f"  {label + ':':<14} {plain(text)}", markup=False)


def draw_results(console: Console, evidence: Evidence, results: Sequence[dict[str, Any]]) -> None:
    """Print the outcomes of each run, counted at the end of each framework."""
    if not evidence.verified_now:
        console.print(
            "not verified now: the verdict was read from a file", style="yellow", markup=False
        )
    for target in results:
        console.print(
            f"{plain(target['source'])}: verification {target['status']}",
            style="bold",
            markup=False,
        )
        for each in target["frameworks"]:
            _draw_framework(console, each)
    console.print(NOTICE, style="dim", markup=False)


def _draw_framework(console: Console, result: FrameworkResult) -> None:
    late = any(each.past_review for each in result.controls)
    review = "; PAST ITS REVIEW" if late else ""
    console.print(f" {plain(result.title)}, {plain(result.edition)}{review}", markup=False)
    for each in result.controls:
        console.print(
            f"  {each.outcome:<14} {plain(each.id)} {plain(each.title)}: {plain(each.reason)}",
            style=_STYLE[each.outcome],
            markup=False,
        )
        for fact in each.facts:
            if fact.standing != "shown":
                console.print(f"    {fact.standing:<12} {plain(fact.reason)}", markup=False)
    counts = Counter(each.outcome for each in result.controls)
    shown = ", ".join(f"{counts[each]} {each}" for each in OUTCOMES)
    console.print(f"  of {len(result.controls)} controls: {shown}", markup=False)


def retention_text(retention: Retention) -> str:
    """Return a retention rule in words."""
    kinds = {
        "fixed": f"{retention.period} from when {retention.anchor}",
        "floor": f"at least {retention.period} from when {retention.anchor}",
        "none-stated": "no period stated",
        "inherited": f"follows {retention.anchor}",
        "not-assessed": "not assessed",
    }
    basis = f" ({retention.basis}: {retention.source})" if retention.source else ""
    return kinds[retention.kind] + basis


def _fact(fact: Fact) -> str:
    parameters = (
        f"{name}={value}"
        for name in fact.__struct_fields__
        if (value := getattr(fact, name)) not in (None, ())
    )
    name = kind_of(fact)
    details = ", ".join(parameters)
    return f"{name} ({details})" if details else name
