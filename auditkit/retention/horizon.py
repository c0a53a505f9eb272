"""What a store's settings say about one recorded version, and what that means for its record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime
from typing import Literal

from auditkit.evidence import RetentionOutcome

Fate = Literal["lost", "ends", "held", "open", "unknown"]
"""What happens to a version.

`lost`: it cannot be read now. `ends`: a setting removes it, or lets it be removed, from a moment
on. `held`: nobody can remove it before a moment, or at all. `open`: no setting removes it, and none
keeps it from being removed. `unknown`: the settings could not be read.
"""


@dataclass(frozen=True, slots=True)
class Horizon:
    """The fate of a version, as one setting decides it.

    `moment` is when it `ends`, or until when it is `held`; None is for ever. `setting` names what
    decides, `detail` says what it does, `action` what to do, as sentences.
    """

    fate: Fate
    setting: str
    detail: str
    action: str
    moment: datetime | None = None


def outcome(horizon: Horizon, keep_until: datetime) -> RetentionOutcome:
    """Return what a fate means for a record that must be kept.

    Only what is held long enough is `kept`. What no setting removes before that, and none protects,
    is `unknown`: whoever may write there can remove it.
    """
    if horizon.fate == "lost":
        return "lost"
    if horizon.fate == "ends" and horizon.moment is not None and horizon.moment < keep_until:
        return "too-early"
    if horizon.fate == "held" and (horizon.moment is None or horizon.moment >= keep_until):
        return "kept"
    return "unknown"


_ORDER: tuple[RetentionOutcome, ...] = ("lost", "too-early", "unknown", "kept")


def worst(horizons: list[Horizon], keep_until: datetime) -> Horizon:
    """Return the horizon that decides, where all of them are needed to read the version.

    Of those that mean the same for the record, what could not be read comes before what is known.
    """
    return min(
        horizons,
        key=lambda each: (
            _ORDER.index(outcome(each, keep_until)),
            each.fate != "unknown",
            each.moment or datetime.max.replace(tzinfo=UTC),
        ),
    )


def years_after(moment: datetime, years: int) -> datetime:
    """Return the same day and time so many years later; 29 February becomes 1 March.

    It is the end of the calendar's last year where that would be later.
    """
    if moment.year + years > MAXYEAR:
        return datetime.max.replace(tzinfo=UTC)
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, month=3, day=1)
